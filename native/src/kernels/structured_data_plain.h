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
  /// 2 · size + 128 bytes of room before `limit`; nothing is meant by what was written.
  bool parse(const char* p, const char* end, char* out, char* limit) {
    begin_ = p;
    if (!index(end) || limit - out < ptrdiff_t{2} * size_ + 128) return false;
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
    unsigned count = 0;
    const char* const begin = begin_;
    uint64_t in_string_carry = 0, equals_carry = 0, close_carry = 0;
    for (uint32_t base = 0;; base += 64) {
      const char* const block = begin + base;
      if (block >= end) return false;
      const StructureMasks m = Isa::structure(block);
      const uint64_t in_string = Isa::prefix_xor(m.quote) ^ in_string_carry;  // opening quotes in, closing ones out
      const uint64_t outside = ~(in_string | m.quote);
      const uint64_t element_end = m.close & outside;
      // The structured data ends at an element's end that no '[' follows.
      uint64_t last = element_end;
      while (last && block + Isa::lowest(last) + 1 < end && block[Isa::lowest(last) + 1] == '[') last &= last - 1;
      const uint64_t here = last ? last ^ (last - 1) : ~uint64_t{0};
      if (const ptrdiff_t left = end - block; left < 64 && here >> left) return false;

      const uint64_t opening = m.quote & in_string, closing = m.quote & ~in_string;
      const uint64_t after_equals = (m.equals & outside) << 1 | equals_carry, after_close = closing << 1 | close_carry;
      const uint64_t delimiter = outside & (m.space | m.close);
      const uint64_t wrong = m.backslash | (after_equals ^ opening) | (after_close & ~delimiter) |
                             (m.not_printable & ~m.space & ~(in_string & m.not_ascii)) | (in_string & m.close);
      if (wrong & here) return false;
      uint64_t wanted = (m.quote | element_end | (outside & m.space & ~after_close)) & here;
      const auto found = static_cast<unsigned>(std::popcount(wanted));
      if (count + found > kMaxIndexes) return false;
      // Eight at a time whatever there is: a loop of unknown length would be mispredicted. Too many are overwritten.
      uint32_t* to = indexes_ + count;
      do
        for (int i = 0; i < 8; ++i, wanted &= wanted - 1) *to++ = base + Isa::lowest(wanted);
      while (wanted);
      count += found;
      if (last) {
        size_ = base + Isa::lowest(last) + 1;
        return true;
      }
      in_string_carry = static_cast<uint64_t>(static_cast<int64_t>(in_string) >> 63);
      equals_carry = (m.equals & outside) >> 63;
      close_carry = closing >> 63;
    }
  }

  // `out` is a local on purpose: a member would be written to memory after every byte stored through it.
  bool write() {
    NameSet ids;
    const char* const begin = begin_;
    const uint32_t* next = indexes_;
    char* out = out_;
    out = put<2>(out, "{\"");
    for (uint32_t at = 0;;) {
      const uint32_t id_end = *next++;
      if (!is_new(ids, begin + at + 1, id_end - at - 1)) return false;
      out = copy<kMaxName>(out, begin + at + 1, id_end - at - 1);
      at = id_end;
      if (begin[at] == ' ') {
        out = put<4>(out, "\":{\"");
        NameSet names;
        for (;;) {
          const uint32_t opening = next[0], closing = next[1], size = opening - at - 2;
          if (begin[opening] != '"' || !is_new(names, begin + at + 1, size)) return false;
          out = copy<kMaxName>(out, begin + at + 1, size);
          out = put<3>(out, "\":\"");
          out = copy<64>(out, begin + opening + 1, closing - opening - 1);
          next += 2;
          at = closing + 1;
          if (begin[at] == ']') break;
          out = put<3>(out, "\",\"");
        }
        out = put<2>(out, "\"}");
        ++next;  // the ']'
      } else if (begin[at] == ']') {
        out = put<4>(out, "\":{}");
      } else {
        return false;
      }
      if (++at == size_) break;
      out = put<2>(out, ",\"");
    }
    *out++ = '}';
    out_ = out;
    return true;
  }

  static bool is_new(NameSet& names, const char* name, uint32_t size) {
    return size - 1 < kMaxName && names.add(name, size) == NameSet::kNew;
  }

  template <size_t kSize>
  static char* put(char* out, const char* text) {
    std::memcpy(out, text, kSize);
    return out + kSize;
  }

  /// Copies at least `size` bytes, kStep at a time.
  template <size_t kStep>
  static char* copy(char* out, const char* from, uint32_t size) {
    std::memcpy(out, from, kStep);
    for (uint32_t at = kStep; at < size; at += kStep) std::memcpy(out + at, from + at, kStep);
    return out + size;
  }

  const char* begin_;
  char* out_;
  uint32_t size_ = 0;
  uint32_t indexes_[kMaxIndexes + 8];  // the last round of eight may begin just below the limit
};

}  // namespace
}  // namespace penstock
