// Pairs `key=value` whose values hold blanks, as the extensions of CEF have them (and of LEEF without its delimiter).
#pragma once

#include <algorithm>

#include "packs/blocks/byte_set.h"
#include "packs/blocks/extracted.h"

namespace penstock::packs {

inline constexpr ByteSet kExtensionKeyBytes = [] {
  ByteSet set("_.-[],");
  for (int c = 0; c < 256; ++c)
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80) set.add(static_cast<char>(c));
  return set;
}();

/// The rest of ASCII: a key begins behind one of these.
inline constexpr ByteSet kExtensionOtherBytes = [] {
  ByteSet set;
  for (int c = 0; c < 0x80; ++c)
    if (!kExtensionKeyBytes.has(static_cast<char>(c))) set.add(static_cast<char>(c));
  return set;
}();

/// No key begins with one.
inline constexpr ByteSet kExtensionNotFirst(",.-]");

/// Where the key of the '=' at `equals` begins, or nullptr: no key stands there, it does not follow a blank (or `from`, when
/// `first`), or the '=' is escaped. `begin`: of the whole text, at or before `from`.
inline const char* extension_key(const char* begin, const char* from, const char* equals, bool first) {
  const char* p = equals;
  uint32_t others = 0;
  for (; others == 0 && p > from && p - begin >= 16; p -= others == 0 ? 16 : std::countl_zero(others << 16))
    others = kExtensionOtherBytes.places16(p - 16);
  p = std::max(from, p);
  while (others == 0 && p > from && kExtensionKeyBytes.has(p[-1])) --p;
  if (p == equals || kExtensionNotFirst.has(*p)) return nullptr;
  if (p == from) return first ? p : nullptr;
  const char before = p[-1];
  return before == ' ' || before == '\t' || before == '\n' || before == '\r' ? p : nullptr;
}

inline constexpr ByteSet kExtensionMarks("=\\");

/// Calls `each(name, value, escapes)` for every pair until it answers false; `escapes`: the value has a backslash. A value goes to
/// the last blank before the next key; blanks around it are cut. Text before the first key is noted (kBareText).
template <class Each>
void each_extension(const char* p, const char* end, Extracted& out, Each each) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (end > p && is_blank(end[-1])) --end;
  while (p < end && is_blank(*p)) ++p;
  const char* const begin = p;
  const char* name = nullptr;
  const char* name_end = nullptr;
  const char* from = p;  // the value's begin, or the text's
  const char* search = p;
  bool escapes = false;
  ByteScan scan(kExtensionMarks, p, end);
  for (const char* mark = p; (mark = scan.find(mark)) < end;) {
    const char* const equals = mark++;
    if (*equals == '\\') {
      escapes = true;
      continue;
    }
    // Keys reach back to the last '=' at most, so that each byte is looked at twice in all.
    const char* const key = extension_key(begin, search, equals, search == from && !name);
    search = equals + 1;
    if (!key) continue;
    if (name) {
      const char* value_end = key;
      while (value_end > from && is_blank(value_end[-1])) --value_end;
      const char* value = from;
      while (value < value_end && is_blank(*value)) ++value;
      if (!each(std::string_view{name, static_cast<size_t>(name_end - name)},
                std::string_view{value, static_cast<size_t>(value_end - value)}, escapes))
        return;
      escapes = false;
    } else if (key != from) {
      out.note(BlockProblem::kBareText);
    }
    name = key;
    name_end = equals;
    from = equals + 1;
  }
  if (!name) {
    if (p < end) out.note(BlockProblem::kBareText);
    return;
  }
  while (from < end && is_blank(*from)) ++from;
  each(std::string_view{name, static_cast<size_t>(name_end - name)},
       std::string_view{from, static_cast<size_t>(end - from)}, escapes);
}

}  // namespace penstock::packs
