// Structured data without anything special in it (no backslash, no control character, no repeated name), which is nearly
// all there is: found and checked 64 bytes at a time, then copied token by token without looking at bytes again.
#pragma once

#include "kernels/name_set.h"
#include "kernels/structure_masks.h"

#include <bit>

namespace penstock {
namespace {

template <class Isa>
class PlainStructuredData {
 public:
  /// Writes the JSON of the structured data at `p` ('[') to `out`. False: it is not plain, or there is less than
  /// 2 · size + 64 bytes of room before `limit`; nothing is meant by what was written.
  bool parse(const char* p, const char* end, char* out, char* limit) {
    begin_ = p;
    if (!index(end) || limit - out < ptrdiff_t{2} * size_ + 64) return false;
    out_ = out;
    return write();
  }
  const char* at() const { return begin_ + size_; }
  char* out() const { return out_; }

 private:
  static constexpr unsigned kMaxIndexes = 1024;
  static constexpr uint32_t kMaxName = 32;

  // Finds the end, and where ids end, values begin and end, and elements end. Checks what needs no walk:
  // '=' and the opening quote stand together, a closing quote is followed by a space or ']'.
  bool index(const char* end) {
    uint64_t in_string_carry = 0, equals_carry = 0, close_carry = 0;
    for (uint32_t base = 0;; base += 64) {
      const char* const block = begin_ + base;
      if (block >= end) return false;
      const StructureMasks m = Isa::structure(block);
      const uint64_t in_string = Isa::prefix_xor(m.quote) ^ in_string_carry;  // opening quotes in, closing ones out
      const uint64_t outside = ~(in_string | m.quote);
      const uint64_t element_end = m.close & outside;
      // The structured data ends at an element's end that no '[' follows.
      const uint64_t last = element_end & ~(m.open >> 1) & ~(uint64_t{block + 64 < end && block[64] == '['} << 63);
      uint64_t here = last ? last ^ (last - 1) : ~uint64_t{0};
      if (const ptrdiff_t left = end - block; left < 64 && here >> left) return false;

      const uint64_t opening = m.quote & in_string, closing = m.quote & ~in_string;
      const uint64_t after_equals = (m.equals & outside) << 1 | equals_carry, after_close = closing << 1 | close_carry;
      const uint64_t delimiter = outside & (m.space | m.close);
      const uint64_t wrong = m.backslash | (after_equals ^ opening) | (after_close & ~delimiter) |
                             (outside & m.not_printable & ~m.space) | (in_string & (m.control | m.close));
      if (wrong & here) return false;
      uint64_t wanted = (m.quote | element_end | (outside & m.space & ~after_close)) & here;
      const auto found = static_cast<unsigned>(std::popcount(wanted));
      if (count_ + found > kMaxIndexes) return false;
      // Eight at a time whatever there is: a loop of unknown length would be mispredicted. Too many are overwritten.
      uint32_t* to = indexes_ + count_;
      do
        for (int i = 0; i < 8; ++i, wanted &= wanted - 1) *to++ = base + static_cast<uint32_t>(std::countr_zero(wanted));
      while (wanted);
      count_ += found;
      if (last) {
        size_ = base + static_cast<uint32_t>(std::countr_zero(last)) + 1;
        return true;
      }
      in_string_carry = static_cast<uint64_t>(static_cast<int64_t>(in_string) >> 63);
      equals_carry = (m.equals & outside) >> 63;
      close_carry = closing >> 63;
    }
  }

  bool write() {
    NameSet ids;
    const uint32_t* next = indexes_;
    *out_++ = '{';
    for (uint32_t at = 0;;) {
      const uint32_t id_end = *next++;
      if (!name(ids, at + 1, id_end)) return false;
      std::memcpy(out_, ":{", 2);
      out_ += 2;
      at = id_end;
      if (begin_[at] == ' ') {
        NameSet names;
        for (;;) {
          const uint32_t opening = next[0], closing = next[1];
          if (begin_[opening] != '"' || !name(names, at + 1, opening - 1)) return false;
          std::memcpy(out_, ":\"", 2);
          out_ += 2;
          copy(opening + 1, closing);
          *out_++ = '"';
          next += 2;
          at = closing + 1;
          if (begin_[at] == ']') break;
          *out_++ = ',';
        }
        ++next;  // the ']'
      } else if (begin_[at] != ']') {
        return false;
      }
      *out_++ = '}';
      if (++at == size_) break;
      *out_++ = ',';
    }
    *out_++ = '}';
    return true;
  }

  bool name(NameSet& names, uint32_t from, uint32_t to) {
    const uint32_t size = to - from;
    if (size - 1 >= kMaxName || names.add(begin_ + from, size) != NameSet::kNew) return false;
    *out_++ = '"';
    std::memcpy(out_, begin_ + from, kMaxName);
    out_ += size;
    *out_++ = '"';
    return true;
  }

  void copy(uint32_t from, uint32_t to) {
    char* out = out_;
    for (const char *p = begin_ + from, *const end = begin_ + to; p < end; p += Isa::kCopyWidth, out += Isa::kCopyWidth)
      std::memcpy(out, p, Isa::kCopyWidth);
    out_ += to - from;
  }

  const char* begin_;
  char* out_;
  uint32_t size_ = 0;
  unsigned count_ = 0;
  uint32_t indexes_[kMaxIndexes + 8];  // the last round of eight may begin just below the limit
};

}  // namespace
}  // namespace penstock
