#if defined(__AVX512VBMI2__)
#include "frames/text_cuts_impl.h"

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

size_t find_cuts_avx512(const uint64_t* delimiters, const uint64_t* marks, const uint64_t* dots, const uint64_t* borders, size_t size,
                        uint32_t* begins, uint32_t* ends) {
  return cuts_in_one_pass<put_places>(delimiters, marks, dots, borders, size, begins, ends);
}

}  // namespace penstock::frames
#endif
