// The journal on a disk that fails: thousands of seeded lives. One of them again: build/native-tests/journal_disk SEED
#include "check.h"
#include "disk_run.h"

using namespace penstock_test;

int main(int argc, char** argv) {
  const uint64_t first = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  const uint64_t last = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : argc > 1 ? first : 12'000;
  for (uint64_t seed = first; seed <= last && check::failures < 10; ++seed) {
    const std::string problem = DiskRun(seed, argc == 2).run();
    if (!problem.empty()) std::fprintf(stderr, "seed %llu: %s\n", static_cast<unsigned long long>(seed), problem.c_str());
    CHECK(problem.empty());
  }
  return check::done();
}
