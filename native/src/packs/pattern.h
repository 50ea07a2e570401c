// `match`: literals and typed captures, at most one of them open. What stands before the open capture is read from the left,
// what stands behind it from the right, so that no byte inside it decides where it ends. Linear in the text.
#pragma once

#include "packs/plan.h"

namespace penstock::packs {

struct Capture {
  uint32_t var;
  std::string_view text;
};

/// What a pattern captured; filled only when all of it fits.
struct Captures {
  static constexpr size_t kMax = 64;
  Capture items[kMax];
  size_t count = 0;
  void add(uint32_t var, std::string_view text) {
    if (var != kNone && count < kMax) items[count++] = {var, text};
  }
};

/// Whether the whole of `text` fits the pattern. `open`: which part is bounded from both ends, or kNone.
bool match_pattern(std::span<const PatternPart> parts, uint32_t open, std::string_view text, Captures& out);

}  // namespace penstock::packs
