// Decoded bytes become text.
#pragma once

#include "kernels/utf8.h"
#include "packs/blocks/extracted.h"

namespace penstock::packs {

/// `bytes` when they are UTF-8, else a copy with U+FFFD for what is not, noted. Without memory: the prefix that is.
inline std::string_view repair_utf8(std::string_view bytes, Arena& scratch, Extracted& out) {
  const size_t valid = utf8_valid_prefix(bytes.data(), bytes.size());
  if (valid == bytes.size()) return bytes;
  out.note(BlockProblem::kInvalidUtf8);
  const std::string_view repaired = utf8_replace_invalid(bytes, scratch);
  if (repaired.data()) return repaired;
  out.note(BlockProblem::kScratchFull);
  return bytes.substr(0, valid);
}

/// Writes a code point as UTF-8 (1 to 4 bytes); what is not a scalar value becomes U+FFFD.
inline char* put_utf8(char* out, uint32_t point) {
  if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) point = 0xfffd;
  if (point < 0x80) {
    *out++ = static_cast<char>(point);
  } else if (point < 0x800) {
    *out++ = static_cast<char>(0xc0 | point >> 6);
    *out++ = static_cast<char>(0x80 | (point & 63));
  } else if (point < 0x10000) {
    *out++ = static_cast<char>(0xe0 | point >> 12);
    *out++ = static_cast<char>(0x80 | (point >> 6 & 63));
    *out++ = static_cast<char>(0x80 | (point & 63));
  } else {
    *out++ = static_cast<char>(0xf0 | point >> 18);
    *out++ = static_cast<char>(0x80 | (point >> 12 & 63));
    *out++ = static_cast<char>(0x80 | (point >> 6 & 63));
    *out++ = static_cast<char>(0x80 | (point & 63));
  }
  return out;
}

/// Value of a hexadecimal digit, or -1.
inline int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 32);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace penstock::packs
