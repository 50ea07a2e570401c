// Expressions of a fixed size, which need no automaton: '^', then bytes and classes of bytes, so many times each, some in groups.
// "^(?<mac>[0-9a-f:]{17}) " is one. They are compared place by place.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "packs/blocks/regex_abi.h"

namespace penstock::packs {

class FixedShape {
 public:
  static constexpr size_t kSizeMax = 256;    ///< bytes that an expression matches
  static constexpr size_t kClassesMax = 8;  ///< different ones, single bytes included

  /// False: the expression (one that compiles) is of another kind, and nothing is matched here.
  bool read(std::string_view expression);
  bool usable() const { return !wanted_.empty(); }
  /// As Regex::find.
  bool find(std::string_view text, RegexSpan* spans, size_t count) const {
    const size_t size = wanted_.size();
    if (text.size() < size) return false;
    for (size_t i = 0; i < size; ++i)
      if (!(classes_of_[static_cast<uint8_t>(text[i])] & wanted_[i])) return false;
    for (size_t i = 0; i < count; ++i) spans[i] = i < groups_.size() ? groups_[i] : RegexSpan{kNoSpan, kNoSpan};
    return true;
  }

 private:
  std::array<uint8_t, 256> classes_of_{};  ///< a bit for each class that a byte is in
  std::vector<uint8_t> wanted_;            ///< by place: the bit of its class
  std::vector<RegexSpan> groups_;          ///< the whole first
};

}  // namespace penstock::packs
