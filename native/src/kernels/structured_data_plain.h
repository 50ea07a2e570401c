// Structured data without anything special in it (no backslash, no control character, no repeated name), which is nearly
// all there is: each parameter is measured by the masks of the 64 bytes it begins with, then copied.
#pragma once

#include "kernels/name_set.h"
#include "kernels/structure_masks.h"

#include <cstddef>

namespace penstock {
namespace {

template <class Isa>
class PlainStructuredData {
 public:
  /// Writes the JSON of the structured data at `p` ('[') to `out`, which is kPadding bytes longer than `limit` says.
  /// False: it is not plain, or there is no room; nothing is meant by what was written.
  bool parse(const char* p, const char* end, char* out, char* limit) {
    // `p` and `out` are locals on purpose: members would be written to memory after every byte stored through `out`.
    NameSet ids;
    out = put<2>(out, "{\"");
    for (;;) {
      const char* const id = ++p;
      const char* block = id;
      StructureMasks masks = Isa::structure(block);
      p += Isa::lowest(masks.name_end);
      if (p >= end || out > limit || !is_new(ids, id, p)) return false;
      out = copy_name(out, id, p);
      if (*p == ']') {
        out = put<4>(out, "\":{}");
      } else {
        out = put<4>(out, "\":{\"");
        NameSet names;
        for (;;) {
          if (*p != ' ') return false;
          const char* const name = ++p;
          // The masks at hand serve as long as the parameter's end is in them.
          Param param = param_at(masks, static_cast<size_t>(name - block));
          if (param.stops == 0) {
            block = name;
            masks = Isa::structure(block);
            param = param_at(masks, 0);
          }
          // Only '=' may end the name, right before the quote.
          const uint64_t opening = param.opening;
          if ((param.name_end & (opening - 1)) << 1 != opening || opening == 0) return false;
          const char* const value = name + Isa::lowest(opening) + 1;
          if (value[-2] != '=' || value > end || out > limit || !is_new(names, name, value - 2)) return false;
          out = put<3>(copy_name(out, name, value - 2), "\":\"");
          if (param.stops) {
            p = name + Isa::lowest(param.stops);
            out = copy_value(out, value, p);
          } else {
            p = value;
            do {
              if (p >= end || out > limit) return false;
              const uint64_t more = Isa::structure_copy(p, out);
              const unsigned run = Isa::lowest(more);
              p += run;
              out += run;
              if (run < 64) break;
            } while (true);
          }
          if (*p != '"') return false;
          ++p;
          if (p >= end) return false;
          if (*p == ']') break;
          out = put<3>(out, "\",\"");
        }
        out = put<2>(out, "\"}");
      }
      ++p;
      if (p >= end || *p != '[') break;
      out = put<2>(out, ",\"");
    }
    if (p > end || out > limit) return false;
    *out++ = '}';
    at_ = p;
    out_ = out;
    return true;
  }
  const char* at() const { return at_; }
  char* out() const { return out_; }

 private:
  static constexpr ptrdiff_t kMaxName = 32;

  /// The masks from a parameter's name on.
  struct Param {
    uint64_t name_end;
    uint64_t opening;  ///< the first quote alone; 0: none in sight
    uint64_t stops;    ///< what ends the value; 0: nothing in sight
  };
  static Param param_at(const StructureMasks& masks, size_t shift) {
    if (shift > 63) return {};
    const uint64_t quote = masks.quote >> shift, opening = quote & (~quote + 1);
    const uint64_t stops = (masks.value_end >> shift) & ~(opening | (opening - 1));
    return {masks.name_end >> shift, opening, opening ? stops : 0};
  }
  static bool is_new(NameSet& names, const char* from, const char* to) {
    return static_cast<size_t>(to - from - 1) < size_t{kMaxName} &&
           names.add(from, static_cast<uint32_t>(to - from)) == NameSet::kNew;
  }
  template <size_t kSize>
  static char* put(char* out, const char* text) {
    std::memcpy(out, text, kSize);
    return out + kSize;
  }
  static char* copy_name(char* out, const char* from, const char* to) {
    std::memcpy(out, from, kMaxName);
    return out + (to - from);
  }
  /// At most 64 bytes.
  static char* copy_value(char* out, const char* from, const char* to) {
    std::memcpy(out, from, 64);
    return out + (to - from);
  }

  const char* at_;
  char* out_;
};

}  // namespace
}  // namespace penstock
