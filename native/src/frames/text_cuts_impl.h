// Tokens with a mark found in one pass, for processors that extract and deposit bits (BMI2).
#pragma once

#include <immintrin.h>

#include <bit>

#include "frames/text_cuts.h"

namespace penstock::frames {
namespace {

/// One pass: a token's end knows whether the token has a mark, and the i-th end of a word belongs to its i-th begin, but for a token that began in
/// a word before. `kPutPlaces(bits, less, base, out)` writes the places of bits as numbers from `base` on, where `less` has the bit too, one less,
/// and answers how many there are.
template <auto kPutPlaces>
[[gnu::always_inline]] inline size_t cuts_in_one_pass(const uint64_t* delimiters, const uint64_t* marks, const uint64_t* dots,
                                                      const uint64_t* borders, size_t size, uint32_t* begins, uint32_t* ends) {
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
    begun += kPutPlaces(_pdep_u64(flags >> is_open, first), 0, base, begins + begun);
    ended += kPutPlaces(ending, dots ? ending & dots[w] & ~first : 0, base + 1, ends + ended);
    if (first != 0) open = base + 63 - static_cast<uint32_t>(std::countl_zero(first));
    before = token >> 63;
    carry = filled >> 63;
  }
  return ended;
}

}  // namespace
}  // namespace penstock::frames
