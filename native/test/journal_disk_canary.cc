// The test of the disk test: each planted defect must be caught, and soon (by which seed differs from build to build).
#include "check.h"
#include "disk_run.h"
#include "journal/canary.h"

using namespace penstock_test;

int main() {
  for (int which = 1; which < static_cast<int>(Defect::kCount); ++which) {
    planted = static_cast<Defect>(which);
    uint64_t seed = 1;
    while (seed <= 20'000 && DiskRun(seed).run().empty()) ++seed;
    std::printf("defect %d: caught by seed %llu\n", which, static_cast<unsigned long long>(seed));
    CHECK(seed <= 20'000);
  }
  planted = Defect::kNone;
  for (uint64_t seed = 1; seed <= 200; ++seed) CHECK(DiskRun(seed).run().empty());
  return check::done();
}
