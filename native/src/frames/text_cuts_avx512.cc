#include "frames/text_cuts.h"

#if defined(__AVX512VBMI2__)
#include <immintrin.h>

#include <bit>

namespace penstock::frames {
namespace {

/// The places of bits, from `base` on, as numbers at `out`; where `less` has the bit too, one less. How many there are.
[[gnu::always_inline]] inline size_t put_places(uint64_t bits, uint64_t less, uint32_t base, uint32_t* out) {
  alignas(64) static constexpr auto kPlaces = [] {
    struct {
      uint8_t at[64];
    } places{};
    for (uint8_t i = 0; i < 64; ++i) places.at[i] = i;
    return places;
  }();
  constexpr size_t kAtOnce = 16;
  const auto count = static_cast<size_t>(std::popcount(bits));
  uint64_t lanes = _pext_u64(less, bits);
  __m512i places = _mm512_maskz_compress_epi8(bits, _mm512_load_si512(kPlaces.at));
  const __m512i first = _mm512_set1_epi32(static_cast<int>(base)), one = _mm512_set1_epi32(1);
  for (size_t i = 0;;) {
    const __m512i numbers = _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_castsi512_si128(places)), first);
    _mm512_storeu_si512(out + i, _mm512_mask_sub_epi32(numbers, static_cast<__mmask16>(lanes), numbers, one));
    i += kAtOnce;
    if (i >= count) [[likely]] return count;
    places = _mm512_alignr_epi32(places, places, 4);  // the next sixteen bytes
    lanes >>= kAtOnce;
  }
}

}  // namespace

// One pass: a token's end knows whether the token has a mark, and the i-th end of a word belongs to its i-th begin, but for a token that began in
// a word before.
size_t find_cuts_avx512(const uint64_t* delimiters, const uint64_t* marks, const uint64_t* dots, const uint64_t* borders, size_t size,
                        uint32_t* begins, uint32_t* ends) {
  const size_t words = size / 64 + 1;
  size_t begun = 0, ended = 0;
  uint64_t before = 0, carry = 0;  // of the bit below the word: a token's, a token's with a mark
  uint32_t open = 0;               // where the token began that goes on into the word
  for (size_t w = 0; w < words; ++w) {
    const bool more = w + 1 < words;
    const uint64_t token = ~delimiters[w], goes_on_behind = more ? ~delimiters[w + 1] & ~borders[w + 1] & 1 : 0;
    const uint64_t first = token & (~(token << 1 | before) | borders[w]), goes_on = token & ~first;
    const uint64_t last = token & ~(goes_on >> 1 | goes_on_behind << 63);
    // Every mark up to its token's end: an addition carries it there.
    const uint64_t marked = marks[w] & token, seeds = (marked << 1 | carry) & goes_on;
    const uint64_t filled = marked | seeds | (((goes_on + seeds) ^ goes_on) & goes_on);
    const uint64_t ending = last & filled, flags = _pext_u64(ending, last);
    const unsigned is_open = goes_on & 1;
    const auto base = static_cast<uint32_t>(w * 64);
    begins[begun] = open;
    begun += is_open & static_cast<unsigned>(flags);
    begun += put_places(_pdep_u64(flags >> is_open, first), 0, base, begins + begun);
    ended += put_places(ending, dots ? ending & dots[w] & ~first : 0, base + 1, ends + ended);
    if (first != 0) open = base + 63 - static_cast<uint32_t>(std::countl_zero(first));
    before = token >> 63;
    carry = filled >> 63;
  }
  return ended;
}

}  // namespace penstock::frames
#endif
