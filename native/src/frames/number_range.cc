#include "frames/number_range.h"

#include <algorithm>

#include "kernels/cpu.h"

namespace penstock::frames {

NumberRange range_of(const int64_t* values, size_t count) {
#if defined(__x86_64__)
  static const bool avx2 = cpu_has_avx2();
  if (avx2) return range_of_avx2(values, count);
#endif
  return range_of_scalar(values, count);
}

NumberRange range_of_scalar(const int64_t* values, size_t count) {
  NumberRange r{values[0], values[0], INT64_MAX, INT64_MIN, 1};
  for (size_t i = 1; i < count; ++i) {
    const int64_t value = values[i];
    const auto step = static_cast<int64_t>(static_cast<uint64_t>(value) - static_cast<uint64_t>(values[i - 1]));
    r.least = std::min(r.least, value);
    r.most = std::max(r.most, value);
    r.least_step = std::min(r.least_step, step);
    r.most_step = std::max(r.most_step, step);
    r.runs += step != 0;
  }
  return r;
}

}  // namespace penstock::frames
