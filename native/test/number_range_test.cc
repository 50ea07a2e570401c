// What numbers span, found four at a time, against one that goes one by one.
#include "frames/number_range.h"

#include <algorithm>
#include <random>
#include <vector>

#include "check.h"

using namespace penstock::frames;

static std::mt19937_64 rng(20260302);

static void is_that_of_the_oracle(const std::vector<int64_t>& values) {
  NumberRange wanted{*std::min_element(values.begin(), values.end()), *std::max_element(values.begin(), values.end()), INT64_MAX, INT64_MIN, 1};
  for (size_t i = 1; i < values.size(); ++i) {
    const auto step = static_cast<int64_t>(static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(values[i - 1]));
    wanted.least_step = std::min(wanted.least_step, step);
    wanted.most_step = std::max(wanted.most_step, step);
    if (values[i] != values[i - 1]) ++wanted.runs;
  }
  const auto check = [&](const NumberRange& r) {
    CHECK(r.least == wanted.least && r.most == wanted.most && r.least_step == wanted.least_step && r.most_step == wanted.most_step &&
          r.runs == wanted.runs);
  };
  check(range_of(values.data(), values.size()));
  check(range_of_scalar(values.data(), values.size()));
}

static void numbers_of_every_size_and_count() {
  for (size_t round = 0; round < 60'000; ++round) {
    std::vector<int64_t> values(1 + rng() % 40);
    const unsigned bits = rng() % 64, runs = 1 + rng() % 6;
    int64_t value = 0;
    for (int64_t& to : values) {
      if (rng() % runs == 0) value = static_cast<int64_t>(rng()) >> bits;
      to = value;
    }
    is_that_of_the_oracle(values);
  }
}

static void ends_of_the_range() {
  is_that_of_the_oracle({INT64_MIN, INT64_MAX, 0, INT64_MIN, -1, INT64_MAX});
  is_that_of_the_oracle({INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX});
  is_that_of_the_oracle({0, 0, 0, 0, 0, 0, 0, 1});
}

int main() {
  numbers_of_every_size_and_count();
  ends_of_the_range();
  return check::done();
}
