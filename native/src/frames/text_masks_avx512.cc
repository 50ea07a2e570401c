#include "frames/text_masks.h"

#if defined(__AVX512BW__)
#include <immintrin.h>

#include "frames/text_masks_impl.h"

namespace penstock::frames {
namespace {

Block block_of(const uint8_t* p) {
  const auto both = [](const uint8_t* table) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
  };
  const __m512i nibble = _mm512_set1_epi8(15), c = _mm512_loadu_si512(p);
  const __m512i classes = _mm512_and_si512(_mm512_shuffle_epi8(both(kLow), _mm512_and_si512(c, nibble)),
                                           _mm512_shuffle_epi8(both(kHigh), _mm512_and_si512(_mm512_srli_epi16(c, 4), nibble)));
  const auto is = [&](uint8_t of) -> uint64_t { return _mm512_test_epi8_mask(classes, _mm512_set1_epi8(static_cast<char>(of))); };
  const auto equals = [&](char b) -> uint64_t { return _mm512_cmpeq_epi8_mask(c, _mm512_set1_epi8(b)); };
  Block out;
  out.delimiters = is(kDelimiter);
  out.fine = is(kFine);
  out.digits = is(kDigit);
  out.slashes = is(kSlash);
  out.quotes = equals('"');
  out.equals = equals('=');
  out.colons = equals(':');
  out.spaces = equals(' ');
  out.dots = equals('.');
  return out;
}

}  // namespace

void text_masks_avx512(const uint8_t* bytes, size_t size, Cutting cutting, const TextMasks& out) {
  masks_by<block_of>(bytes, size, cutting, out);
}

}  // namespace penstock::frames
#endif
