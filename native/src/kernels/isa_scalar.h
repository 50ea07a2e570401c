// The byte questions that framing and syslog parsing ask, answered byte by byte: the oracle of isa_avx2.h.
//
// Every mask looks at kWidth bytes from `p`, which may be past the end of the input (see kPadding); bit i stands for p[i].
#pragma once

#include "kernels/utf8.h"

#include <cstdint>

namespace penstock {
namespace {

struct ScalarIsa {
  using Mask = uint32_t;
  static constexpr unsigned kWidth = 32;

  template <class Predicate>
  static Mask mask_of(const char* p, Predicate is) {
    Mask mask = 0;
    for (unsigned i = 0; i < kWidth; ++i) mask |= Mask{is(static_cast<uint8_t>(p[i]))} << i;
    return mask;
  }
  /// Line feeds.
  static Mask lf(const char* p) {
    return mask_of(p, [](uint8_t c) { return c == '\n'; });
  }
  /// Line feeds and NULs.
  static Mask lf_or_nul(const char* p) {
    return mask_of(p, [](uint8_t c) { return c == '\n' || c == 0; });
  }
  /// Everything that is not PRINTUSASCII (33 to 126): what ends a field of an RFC 5424 header.
  static Mask not_printable(const char* p) {
    return mask_of(p, [](uint8_t c) { return c < 33 || c > 126; });
  }
  /// Copies kWidth bytes; answers what ends an SD-NAME, and the backslash, which JSON must escape.
  static Mask copy_name(const char* p, char* out) {
    copy(p, out);
    return mask_of(p, [](uint8_t c) { return c < 33 || c > 126 || c == '=' || c == ']' || c == '"' || c == '\\'; });
  }
  /// Copies kWidth bytes; answers what a PARAM-VALUE or its JSON text must look at.
  static Mask copy_value(const char* p, char* out) {
    copy(p, out);
    return mask_of(p, [](uint8_t c) { return c < 32 || c == ']' || c == '"' || c == '\\'; });
  }
  static bool utf8(const char* p, size_t size) { return utf8_valid_prefix(p, size) == size; }

 private:
  static void copy(const char* p, char* out) {
    for (unsigned i = 0; i < kWidth; ++i) out[i] = p[i];
  }
};

}  // namespace
}  // namespace penstock
