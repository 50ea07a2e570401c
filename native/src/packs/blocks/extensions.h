// Pairs `key=value` whose values hold blanks, as the extensions of CEF have them (and of LEEF without its delimiter).
#pragma once

#include <bit>
#include <utility>

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

inline constexpr ByteSet kExtensionMarks("=\\");

/// Calls `each(name, value, escapes)` for every pair until it answers false; `escapes`: the value has a backslash. A value goes to
/// the last blank before the next key; blanks around it are cut. Text before the first key is noted (kBareText).
///
/// One look at each 64 bytes says where marks are and where bytes that no key has: the key of an '=' begins behind the last of these
/// before it, which is a shift and a count of zeros. It follows a blank, or stands where the text begins.
template <class Each>
void each_extension(const char* p, const char* end, Extracted& out, Each each) {
  const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n'); };
  while (end > p && is_blank(end[-1])) --end;
  while (p < end && is_blank(*p)) ++p;
  const char* name = nullptr;
  const char* name_end = nullptr;
  const char* from = p;    // the value's begin, or the text's
  const char* search = p;  // behind the last '=', which is no byte of a key
  const char* run = p;     // where the bytes of keys that reach to `base` begin
  bool escapes = false;
  for (const char* base = p; base < end; base += 64) {
    const uint64_t others = kExtensionOtherBytes.places64(base);
    uint64_t marks = kExtensionMarks.places64(base);
    if (end - base < 64) marks &= (uint64_t{1} << (end - base)) - 1;
    for (; marks != 0; marks &= marks - 1) {
      const char* const equals = base + std::countr_zero(marks);
      if (*equals == '\\') {
        escapes = true;
        continue;
      }
      const uint64_t before = others & ((marks & -marks) - 1);
      const char* const key = before != 0 ? base + 64 - std::countl_zero(before) : run;
      const char* const behind = std::exchange(search, equals + 1);
      if (key == behind ? name || key != from : !is_blank(key[-1])) continue;
      if (key == equals || kExtensionNotFirst.has(*key)) continue;
      if (name) [[likely]] {
        // A key that is not the text's first follows a blank.
        const char* value_end = key - 1;
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
    if (others != 0) run = base + 64 - std::countl_zero(others);
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
