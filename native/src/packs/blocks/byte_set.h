// Sets of bytes, and separators of one to eight bytes, as a pack's options give them.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace penstock::packs {

class ByteSet {
 public:
  constexpr ByteSet() = default;
  constexpr explicit ByteSet(std::string_view bytes) {
    for (const char c : bytes) add(c);
  }
  constexpr void add(char c) { has_[static_cast<uint8_t>(c)] = true; }
  constexpr bool has(char c) const { return has_[static_cast<uint8_t>(c)]; }

 private:
  std::array<bool, 256> has_{};
};

/// Up to four alternatives, each of one to eight bytes.
class Separators {
 public:
  static constexpr unsigned kMax = 4, kMaxBytes = 8;

  Separators() = default;
  /// One separator of each byte in `bytes` (at most four).
  static Separators any_of(std::string_view bytes) {
    Separators separators;
    for (size_t i = 0; i < bytes.size(); ++i) separators.add(bytes.substr(i, 1));
    return separators;
  }
  /// False when `text` is empty or longer than kMaxBytes, or there are kMax already.
  bool add(std::string_view text) {
    if (text.empty() || text.size() > kMaxBytes || count_ == kMax) return false;
    std::memcpy(texts_[count_].bytes, text.data(), text.size());
    texts_[count_++].size = static_cast<uint8_t>(text.size());
    first_.add(text[0]);
    return true;
  }
  unsigned count() const { return count_; }
  bool starts(char c) const { return first_.has(c); }
  /// Bytes of the longest separator at `p`, 0 when there is none.
  size_t match(const char* p, const char* end) const {
    if (p >= end || !first_.has(*p)) return 0;
    size_t longest = 0;
    for (unsigned i = 0; i < count_; ++i) {
      const size_t size = texts_[i].size;
      if (size > longest && size <= static_cast<size_t>(end - p) && std::memcmp(p, texts_[i].bytes, size) == 0)
        longest = size;
    }
    return longest;
  }

 private:
  struct Text {
    char bytes[kMaxBytes];
    uint8_t size;
  };
  ByteSet first_;
  Text texts_[kMax];
  unsigned count_ = 0;
};

}  // namespace penstock::packs
