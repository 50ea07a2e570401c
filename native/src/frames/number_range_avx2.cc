#include "frames/number_range.h"

#if defined(__AVX2__)
#include <immintrin.h>

namespace penstock::frames {
namespace {

__m256i less(__m256i a, __m256i b) { return _mm256_blendv_epi8(a, b, _mm256_cmpgt_epi64(a, b)); }
__m256i more(__m256i a, __m256i b) { return _mm256_blendv_epi8(b, a, _mm256_cmpgt_epi64(a, b)); }
__m256i load(const int64_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }

struct Lanes {
  alignas(32) int64_t at[4];
  explicit Lanes(__m256i of) { _mm256_store_si256(reinterpret_cast<__m256i*>(at), of); }
};

}  // namespace

// Four numbers at a time; what is left at the end is looked at together with some that were looked at before.
NumberRange range_of_avx2(const int64_t* values, size_t count) {
  if (count < 5) return range_of_scalar(values, count);
  __m256i least = load(values), most = least;
  __m256i least_step = _mm256_set1_epi64x(INT64_MAX), most_step = _mm256_set1_epi64x(INT64_MIN);
  __m256i same = _mm256_setzero_si256();  // steps that are none, negative
  size_t i = 1;
  const auto step_at = [&](size_t at) {
    const __m256i value = load(values + at), step = _mm256_sub_epi64(value, load(values + at - 1));
    least = less(least, value);
    most = more(most, value);
    least_step = less(least_step, step);
    most_step = more(most_step, step);
    return _mm256_cmpeq_epi64(step, _mm256_setzero_si256());
  };
  for (; i + 4 <= count; i += 4) same = _mm256_add_epi64(same, step_at(i));
  // Of the last four, those that were not yet counted.
  const __m256i uncounted = _mm256_cmpgt_epi64(_mm256_set_epi64x(3, 2, 1, 0), _mm256_set1_epi64x(static_cast<int64_t>(3 - (count - i))));
  same = _mm256_add_epi64(same, _mm256_and_si256(step_at(count - 4), uncounted));
  const Lanes a(least), b(most), c(least_step), d(most_step), e(same);
  NumberRange r{a.at[0], b.at[0], c.at[0], d.at[0], count};
  for (size_t lane = 0; lane < 4; ++lane) {
    r.least = a.at[lane] < r.least ? a.at[lane] : r.least;
    r.most = b.at[lane] > r.most ? b.at[lane] : r.most;
    r.least_step = c.at[lane] < r.least_step ? c.at[lane] : r.least_step;
    r.most_step = d.at[lane] > r.most_step ? d.at[lane] : r.most_step;
    r.runs -= static_cast<size_t>(-e.at[lane]);
  }
  return r;
}

}  // namespace penstock::frames
#endif
