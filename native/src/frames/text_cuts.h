// Where variables begin and end in texts that follow each other without gaps, found for all of them at once: words of 64 bytes, no branch
// that depends on a byte.
#pragma once

#include "frames/text_masks.h"

namespace penstock::frames {

/// Variables of texts, in order: the i-th is from begins[i] up to ends[i].
struct TextCuts {
  const uint32_t *begins, *ends;
  TextCuts from(size_t i) const { return {begins + i, ends + i}; }
};

/// `masks` of `size` bytes (words behind them writable); `borders` has a bit where a text begins and one at `size`, `marks` may be overwritten.
/// Tokens (without delimiters, not across borders) with a mark into `begins` and `ends`, in order; a full stop at the end of a longer one
/// (`dots`, may be null) is not part of it. Marks that are delimiters are no tokens. Returns how many there are; `begins` and `ends` have room for
/// size + 80: texts may be a byte each, and behind `size` the last word may hold anything.
size_t find_cuts(const uint64_t* delimiters, uint64_t* marks, const uint64_t* dots, const uint64_t* borders, size_t size, uint32_t* begins,
                 uint32_t* ends);
/// The same where instructions do not matter, and on processors that have AVX2 or AVX-512.
size_t find_cuts_scalar(const uint64_t* delimiters, uint64_t* marks, const uint64_t* dots, const uint64_t* borders, size_t size,
                        uint32_t* begins, uint32_t* ends);
size_t find_cuts_avx2(const uint64_t* delimiters, const uint64_t* marks, const uint64_t* dots, const uint64_t* borders, size_t size,
                      uint32_t* begins, uint32_t* ends);
size_t find_cuts_avx512(const uint64_t* delimiters, const uint64_t* marks, const uint64_t* dots, const uint64_t* borders, size_t size,
                        uint32_t* begins, uint32_t* ends);

}  // namespace penstock::frames
