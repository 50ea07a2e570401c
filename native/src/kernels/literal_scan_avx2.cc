#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/literal_confirm.h"

namespace penstock {
namespace {

__m256i table(const uint8_t (&nibbles)[16]) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(nibbles)));
}

/// Buckets that have each of 32 bytes at one place of their anchors.
[[gnu::always_inline]] inline __m256i buckets_of(const char* p, __m256i low, __m256i high) {
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  const __m256i nibble = _mm256_set1_epi8(15);
  return _mm256_and_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(bytes, nibble)),
                          _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble)));
}

}  // namespace

bool find_literals_avx2(const LiteralTables& tables, std::string_view text, uint64_t* found) {
  const __m256i low0 = table(tables.low[0]), low1 = table(tables.low[1]), low2 = table(tables.low[2]),
                low3 = table(tables.low[3]);
  const __m256i high0 = table(tables.high[0]), high1 = table(tables.high[1]), high2 = table(tables.high[2]),
                high3 = table(tables.high[3]);
  bool any = false;
  for (size_t at = 0; at < text.size(); at += 32) {
    const char* p = text.data() + at;
    const __m256i left = _mm256_and_si256(_mm256_and_si256(buckets_of(p, low0, high0), buckets_of(p + 1, low1, high1)),
                                          _mm256_and_si256(buckets_of(p + 2, low2, high2), buckets_of(p + 3, low3, high3)));
    uint32_t places = ~static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(left, _mm256_setzero_si256())));
    if (text.size() - at < 32) places &= (uint32_t{1} << (text.size() - at)) - 1;
    if (places == 0) [[likely]] continue;
    alignas(32) uint8_t buckets[32];
    _mm256_store_si256(reinterpret_cast<__m256i*>(buckets), left);
    for (; places != 0; places &= places - 1) {
      const unsigned i = static_cast<unsigned>(std::countr_zero(places));
      any |= confirm_literals(tables, text, at + i, buckets[i], found);
    }
  }
  return any;
}

}  // namespace penstock
#endif
