#include "frames/number_texts.h"

#if defined(__AVX512VBMI2__)
#include <immintrin.h>

#include <bit>

namespace penstock::frames {

size_t parse_ipv4s_avx512(const uint8_t* bytes, const uint32_t* lengths, size_t count, int64_t* values) {
  const __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9), dot = _mm_set1_epi8('.');
  const __m128i weights = _mm_set1_epi32(100 | 10 << 8 | 1 << 16), ones = _mm_set1_epi16(1);
  // The lowest byte of each octet's number, the first octet in the highest place.
  const __m128i gather = _mm_set_epi32(-1, -1, -1, 0x0004080c);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t size = lengths[i];
    const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
    bytes += size;
    const uint32_t all = (1u << (size & 31)) - 1;
    const __m128i digits = _mm_sub_epi8(text, zero);
    const uint32_t is_digit = _mm_cmple_epu8_mask(digits, nine) & all, is_dot = _mm_cmpeq_epi8_mask(text, dot) & all;
    const uint32_t dot1 = is_dot & (is_dot - 1), dot2 = dot1 & (dot1 - 1);
    const uint32_t first = static_cast<uint32_t>(std::countr_zero(is_dot)), second = static_cast<uint32_t>(std::countr_zero(dot1)),
                   third = static_cast<uint32_t>(std::countr_zero(dot2));
    const uint32_t a = first, b = second - first - 1, c = third - second - 1, d = size - third - 1;
    // One to three digits each, at the end of the three lowest bytes of four.
    const bool sound = size - 7 <= 8 && (is_digit | is_dot) == all && std::popcount(is_dot) == 3 && a - 1 < 3 && b - 1 < 3 && c - 1 < 3 && d - 1 < 3;
    const uint32_t places = (7u << ((3 - a) & 3) & 7) | (7u << ((3 - b) & 3) & 7) << 4 | (7u << ((3 - c) & 3) & 7) << 8 |
                            (7u << ((3 - d) & 3) & 7) << 12;
    const __m128i spread = _mm_maskz_expand_epi8(static_cast<__mmask16>(places), _mm_maskz_compress_epi8(static_cast<__mmask16>(is_digit), digits));
    const __m128i octets = _mm_madd_epi16(_mm_maddubs_epi16(weights, spread), ones);
    // A zero in front of other digits is not how one writes it.
    const uint32_t leading = places & ~(places << 1) & ~0x4444u;
    const uint32_t zeros = _mm_testn_epi8_mask(spread, spread);
    if (!sound || (zeros & leading) != 0 || _mm_cmpgt_epi32_mask(octets, _mm_set1_epi32(255)) != 0) return i;
    values[i] = static_cast<uint32_t>(_mm_cvtsi128_si32(_mm_shuffle_epi8(octets, gather)));
  }
  return count;
}

}  // namespace penstock::frames
#endif
