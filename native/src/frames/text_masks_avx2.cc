#include "frames/text_masks.h"

#if defined(__AVX2__)
#include <immintrin.h>

#include "frames/text_masks_impl.h"

namespace penstock::frames {
namespace {

Block block_of(const uint8_t* p) {
  const __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(kLow)));
  const __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(kHigh)));
  const __m256i nibble = _mm256_set1_epi8(15), zero = _mm256_setzero_si256();
  Block out{};
  for (unsigned i = 0; i < 64; i += 32) {
    const __m256i c = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + i));
    const __m256i classes = _mm256_and_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(c, nibble)),
                                             _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(c, 4), nibble)));
    const auto bits = [&](__m256i m) { return uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(m))} << i; };
    const auto is = [&](uint8_t of) {
      const __m256i none = _mm256_cmpeq_epi8(_mm256_and_si256(classes, _mm256_set1_epi8(static_cast<char>(of))), zero);
      return uint64_t{~static_cast<uint32_t>(_mm256_movemask_epi8(none))} << i;
    };
    const auto equals = [&](char b) { return bits(_mm256_cmpeq_epi8(c, _mm256_set1_epi8(b))); };
    out.delimiters |= is(kDelimiter);
    out.fine |= bits(classes);  // kFine is the highest bit
    out.digits |= bits(_mm256_slli_epi16(classes, 2));
    out.slashes |= bits(_mm256_slli_epi16(classes, 1));
    out.quotes |= equals('"');
    out.equals |= equals('=');
    out.colons |= equals(':');
    out.spaces |= equals(' ');
    out.dots |= equals('.');
  }
  return out;
}

}  // namespace

void text_masks_avx2(const uint8_t* bytes, size_t size, Cutting cutting, const TextMasks& out) {
  masks_by<block_of>(bytes, size, cutting, out);
}

}  // namespace penstock::frames
#endif
