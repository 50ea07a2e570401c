// Bytes that mean something in XML, for those who read it by markup and by what is known of it.
#pragma once

#include <string_view>

#include "packs/blocks/byte_set.h"

namespace penstock::packs {

inline constexpr ByteSet kXmlTextMarks("<&"), kXmlQuotMarks("\"&"), kXmlAposMarks("'&");

inline bool is_xml_blank(char c) {
  constexpr uint64_t kBlanks = uint64_t{1} << ' ' | 1 << '\t' | 1 << '\r' | 1 << '\n';
  return static_cast<uint8_t>(c) <= ' ' && (kBlanks >> c & 1);
}

[[gnu::noinline]] inline std::string_view without_xml_blanks(std::string_view text) {
  while (!text.empty() && is_xml_blank(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_xml_blank(text.front())) text.remove_prefix(1);
  return text;
}

/// Most texts have no blanks around them.
inline std::string_view xml_trimmed(std::string_view text) {
  return text.empty() || (!is_xml_blank(text.front()) && !is_xml_blank(text.back())) ? text : without_xml_blanks(text);
}

/// In steps of 16, up to 15 bytes beyond the end of both.
inline void copy_xml_name(char* to, const char* from, size_t size) {
  for (size_t at = 0; at < size; at += 16) std::memcpy(to + at, from + at, 16);
}

}  // namespace penstock::packs
