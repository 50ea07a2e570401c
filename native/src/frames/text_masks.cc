#include "frames/text_masks.h"

#if defined(__SSE4_2__)
#include <immintrin.h>
#endif

#include "frames/text_masks_impl.h"
#include "kernels/cpu.h"

namespace penstock::frames {
namespace {

#if defined(__SSE4_2__)
Block block_of(const uint8_t* p) {
  const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kLow));
  const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kHigh));
  const __m128i nibble = _mm_set1_epi8(15), zero = _mm_setzero_si128();
  Block out{};
  for (unsigned i = 0; i < 64; i += 16) {
    const __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i));
    const __m128i classes = _mm_and_si128(_mm_shuffle_epi8(low, _mm_and_si128(c, nibble)),
                                          _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16(c, 4), nibble)));
    const auto bits = [&](__m128i m) { return uint64_t{static_cast<uint16_t>(_mm_movemask_epi8(m))} << i; };
    const auto is = [&](uint8_t of) {
      return uint64_t{static_cast<uint16_t>(
                 ~_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_and_si128(classes, _mm_set1_epi8(static_cast<char>(of))), zero)))}
             << i;
    };
    const auto equals = [&](char b) { return bits(_mm_cmpeq_epi8(c, _mm_set1_epi8(b))); };
    out.delimiters |= is(kDelimiter);
    out.fine |= bits(classes);  // kFine is the highest bit
    out.digits |= is(kDigit);
    out.slashes |= is(kSlash);
    out.quotes |= equals('"');
    out.equals |= equals('=');
    out.colons |= equals(':');
    out.spaces |= equals(' ');
    out.dots |= equals('.');
  }
  return out;
}
#else
Block block_of(const uint8_t* p) {
  Block out{};
  for (unsigned i = 0; i < 64; ++i) {
    const uint8_t classes = kLow[p[i] & 15] & kHigh[p[i] >> 4];
    const auto bit = [&](bool on) { return uint64_t{on} << i; };
    out.delimiters |= bit(classes & kDelimiter);
    out.fine |= bit(classes & kFine);
    out.digits |= bit(classes & kDigit);
    out.slashes |= bit(classes & kSlash);
    out.quotes |= bit(p[i] == '"');
    out.equals |= bit(p[i] == '=');
    out.colons |= bit(p[i] == ':');
    out.spaces |= bit(p[i] == ' ');
    out.dots |= bit(p[i] == '.');
  }
  return out;
}
#endif

}  // namespace

void text_masks(const uint8_t* bytes, size_t size, Cutting cutting, const TextMasks& out) {
#if defined(__x86_64__)
  static const bool avx2 = cpu_has_avx2(), avx512 = cpu_has_avx512();
  if (avx512) return text_masks_avx512(bytes, size, cutting, out);
  if (avx2) return text_masks_avx2(bytes, size, cutting, out);
#endif
  masks_by<block_of>(bytes, size, cutting, out);
}

}  // namespace penstock::frames
