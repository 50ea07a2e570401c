// What the numbers of a column span: by this their coding is chosen.
#pragma once

#include <cstddef>
#include <cstdint>

namespace penstock::frames {

struct NumberRange {
  int64_t least, most;
  int64_t least_step, most_step;  ///< of differences between neighbours, modulo 2^64; INT64_MAX and INT64_MIN where there are none
  size_t runs;                    ///< of equal numbers
};

/// Of at least one number.
NumberRange range_of(const int64_t* values, size_t count);
/// The same where instructions do not matter, and on processors that have AVX2.
NumberRange range_of_scalar(const int64_t* values, size_t count);
NumberRange range_of_avx2(const int64_t* values, size_t count);

}  // namespace penstock::frames
