// Where variables begin and end in texts that follow each other without gaps, found for all of them at once: words of 64 bytes, no branch
// that depends on a byte.
#pragma once

#include <vector>

#include "frames/text_masks.h"

namespace penstock::frames {

/// A variable of a text.
struct TextCut {
  uint32_t begin, end;
};

/// `masks` of `size` bytes (words behind them writable); `borders` has a bit where a text begins and one at `size`, `marks` are overwritten.
/// Tokens (without delimiters, not across borders) with a mark into `cuts`, in order; a full stop at the end of a longer one (`dots`, may be
/// null) is not part of it. Marks that are delimiters are no tokens. Returns how many there are; `cuts` has room for size + 80: texts may be a byte each,
/// and behind `size` the last word may hold anything.
size_t find_cuts(const uint64_t* delimiters, uint64_t* marks, const uint64_t* dots, const uint64_t* borders, size_t size, TextCut* cuts);

}  // namespace penstock::frames
