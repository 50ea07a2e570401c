// The byte questions that framing and syslog parsing ask, answered byte by byte: the oracle of isa_avx2.h.
//
// A mask's bit i stands for p[i]. Masks read kWidth or kCopyWidth bytes from `p`, past the end of the input if need be
// (see kPadding).
#pragma once

#include "kernels/structure_masks.h"
#include "kernels/utf8.h"

#include <bit>
#include <cstdint>

namespace penstock {
namespace {

struct ScalarIsa {
  static constexpr unsigned kWidth = 64;
  static constexpr unsigned kCopyWidth = 32;

  /// Line feeds.
  static uint64_t lf(const char* p) { return mask64(p, '\n'); }
  /// Line feeds and NULs.
  static uint64_t lf_or_nul(const char* p) { return mask64(p, '\n') | mask64(p, 0); }
  /// 1 to 9: what an octet count begins with.
  static uint64_t nonzero_digits(const char* p) {
    return mask_of<uint64_t>(p, [](uint8_t c) { return c >= '1' && c <= '9'; });
  }
  /// Everything that is not PRINTUSASCII (33 to 126): what ends a field of an RFC 5424 header.
  static uint64_t not_printable(const char* p) {
    return mask_of<uint64_t>(p, [](uint8_t c) { return c < 33 || c > 126; });
  }
  static StructureMasks structure(const char* p) {
    return {mask64(p, '"'), mask_of<uint64_t>(p, ends_name), mask_of<uint64_t>(p, ends_value)};
  }
  /// Copies 64 bytes; answers what ends a value.
  static uint64_t structure_copy(const char* p, char* out) {
    const uint64_t mask = mask_of<uint64_t>(p, ends_value);
    copy(p, out);
    copy(p + kCopyWidth, out + kCopyWidth);
    return mask;
  }
  /// Copies kCopyWidth bytes; answers what ends an SD-NAME, and the backslash, which JSON must escape.
  static uint32_t copy_name(const char* p, char* out) {
    copy(p, out);
    return mask_of<uint32_t>(p, ends_name);
  }
  /// Copies kCopyWidth bytes; answers what a PARAM-VALUE or its JSON text must look at.
  static uint32_t copy_value(const char* p, char* out) {
    copy(p, out);
    return mask_of<uint32_t>(p, ends_value);
  }
  /// Whether bytes are equal; 32 of each may be read.
  static bool same(const char* kept, const char* p, size_t size) { return std::memcmp(kept, p, size) == 0; }
  /// Index of the lowest bit; 64 for 0.
  static unsigned lowest(uint64_t mask) { return static_cast<unsigned>(std::countr_zero(mask)); }
  /// Zeros above the highest bit; 64 for 0.
  static unsigned zeros_above(uint64_t mask) { return static_cast<unsigned>(std::countl_zero(mask)); }
  static bool utf8(const char* p, size_t size) { return utf8_valid_prefix(p, size) == size; }

 private:
  static bool ends_name(uint8_t c) { return c < 33 || c > 126 || c == '=' || c == ']' || c == '"' || c == '\\'; }
  static bool ends_value(uint8_t c) { return c < 32 || c == ']' || c == '"' || c == '\\'; }
  template <class Mask, class Predicate>
  static Mask mask_of(const char* p, Predicate is) {
    Mask mask = 0;
    for (unsigned i = 0; i < sizeof(Mask) * 8; ++i) mask |= Mask{is(static_cast<uint8_t>(p[i]))} << i;
    return mask;
  }
  static uint64_t mask64(const char* p, char wanted) {
    return mask_of<uint64_t>(p, [wanted](uint8_t c) { return c == static_cast<uint8_t>(wanted); });
  }
  static void copy(const char* p, char* out) {
    for (unsigned i = 0; i < kCopyWidth; ++i) out[i] = p[i];
  }
};

}  // namespace
}  // namespace penstock
