// Sets of bytes, and separators of one to eight bytes, as a pack's options give them.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#if defined(__SSSE3__)
#include <tmmintrin.h>
#endif

namespace penstock::packs {

/// Where the bytes of a set are: a table for one byte, and for sixteen at once a table of sets' members by their low four bits.
class ByteSet {
 public:
  constexpr ByteSet() = default;
  constexpr explicit ByteSet(std::string_view bytes) {
    for (const char c : bytes) add(c);
  }
  constexpr void add(char c) {
    const auto byte = static_cast<uint8_t>(c);
    has_[byte] = true;
    if (byte < 0x80) by_low_[byte & 15] |= static_cast<uint8_t>(1 << (byte >> 4));
    else wide_ = true;
  }
  constexpr void add(const ByteSet& other) {
    for (unsigned c = 0; c < 256; ++c)
      if (other.has_[c]) add(static_cast<char>(c));
  }
  constexpr bool has(char c) const { return has_[static_cast<uint8_t>(c)]; }

  /// A bit for each of the 16 bytes at `p` that is in the set; the set is of ASCII alone.
  uint32_t places16(const char* p) const {
#if defined(__SSSE3__)
    const __m128i by_high = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15));
    const __m128i in = _mm_and_si128(_mm_shuffle_epi8(_mm_load_si128(reinterpret_cast<const __m128i*>(by_low_)), bytes),
                                     _mm_shuffle_epi8(by_high, high));
    return static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(in, _mm_setzero_si128()))) ^ 0xffff;
#else
    uint32_t places = 0;
    for (unsigned i = 0; i < 16; ++i) places |= static_cast<uint32_t>(has(p[i])) << i;
    return places;
#endif
  }
  uint64_t places64(const char* p) const {
    return uint64_t{places16(p)} | uint64_t{places16(p + 16)} << 16 | uint64_t{places16(p + 32)} << 32 | uint64_t{places16(p + 48)} << 48;
  }
  bool ascii() const { return !wide_; }

  /// The first byte of the set in [p, end), else `end`. kPadding bytes after `end` are readable.
  const char* find(const char* p, const char* end) const {
#if defined(__SSSE3__)
    if (!wide_) {
      // W. Muła, "SIMD-ized searching in unique byte set": a byte is in the set when the bit of its high half is in the entry of
      // its low half; bytes from 0x80 on find no entry.
      const __m128i by_low = _mm_load_si128(reinterpret_cast<const __m128i*>(by_low_));
      const __m128i by_high = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
      for (; p < end; p += 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15));
        const __m128i in = _mm_and_si128(_mm_shuffle_epi8(by_low, bytes), _mm_shuffle_epi8(by_high, high));
        const unsigned places = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(in, _mm_setzero_si128()))) ^ 0xffff;
        if (places == 0) continue;
        p += std::countr_zero(places);
        return p < end ? p : end;
      }
      return end;
    }
#endif
    while (p < end && !has(*p)) ++p;
    return p;
  }

 private:
  alignas(16) uint8_t by_low_[16] = {};
  std::array<bool, 256> has_{};
  bool wide_ = false;
};

/// Finds the bytes of a set in a text, one after the other, with one look at each 64 bytes. The set is of ASCII alone.
class ByteScan {
 public:
  ByteScan(const ByteSet& set, const char* begin, const char* end) : set_(set), base_(begin), end_(end) {
    places_ = begin < end ? set.places64(begin) : 0;
  }
  /// The first in [p, end), else `end`; `p` is not before the begin.
  const char* find(const char* p) {
    size_t offset = static_cast<size_t>(p - base_);
    if (offset >= 64) {
      if (p >= end_) return end_;
      move(p);
      offset = 0;
    }
    uint64_t left = places_ >> offset;
    while (left == 0) {
      if (end_ - base_ <= 64) return end_;
      move(base_ + 64);
      offset = 0;
      left = places_;
    }
    p = base_ + offset + std::countr_zero(left);
    return p < end_ ? p : end_;
  }
  /// The first of them in [p, end) that is in `set` too, a part of the set.
  const char* find(const char* p, const ByteSet& set) {
    size_t offset = static_cast<size_t>(p - base_);
    if (offset >= 64) {
      if (p >= end_) return end_;
      move(p);
      offset = 0;
    }
    for (uint64_t left = places_ >> offset << offset;; left = places_) {
      for (; left != 0; left &= left - 1) {
        const char* const at = base_ + std::countr_zero(left);
        if (at >= end_) return end_;
        if (set.has(*at)) return at;
      }
      if (end_ - base_ <= 64) return end_;
      move(base_ + 64);
    }
  }

 private:
  void move(const char* base) {
    base_ = base;
    places_ = set_.places64(base);
  }
  const ByteSet& set_;
  const char* base_;
  const char* const end_;
  uint64_t places_;
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
    single_ &= text.size() == 1;
    return true;
  }
  unsigned count() const { return count_; }
  /// All of one byte.
  bool single() const { return single_; }
  /// Bytes a separator begins with.
  const ByteSet& first() const { return first_; }
  /// The first separator in [p, end), else `end`.
  const char* find(const char* p, const char* end) const {
    p = first_.find(p, end);
    while (!single_ && p < end && match(p, end) == 0) p = first_.find(p + 1, end);
    return p;
  }
  /// Bytes of the longest separator at `p`, 0 when there is none.
  size_t match(const char* p, const char* end) const {
    if (p >= end || !first_.has(*p)) return 0;
    if (single_) return 1;
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
  bool single_ = true;
};

}  // namespace penstock::packs
