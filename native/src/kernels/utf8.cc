#include "kernels/utf8.h"

namespace penstock {

Utf8Step utf8_step(const uint8_t* p, size_t size) {
  const uint8_t lead = p[0];
  if (lead < 0x80) return {1, true};
  if (lead < 0xc2 || lead > 0xf4) return {1, false};
  const unsigned length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // The second byte carries what excludes overlong forms, surrogates and code points above U+10FFFF.
  const uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (size < 2 || p[1] < low || p[1] > high) return {1, false};
  for (unsigned i = 2; i < length; ++i)
    if (i >= size || (p[i] & 0xc0) != 0x80) return {i, false};
  return {length, true};
}

size_t utf8_valid_prefix(const char* text, size_t size) {
  const auto* p = reinterpret_cast<const uint8_t*>(text);
  size_t i = 0;
  while (i < size) {
    // Most texts are ASCII, most of the others mostly.
    uint64_t eight = 1ull << 63;
    if (size - i >= 8) std::memcpy(&eight, p + i, 8);
    if ((eight & 0x8080808080808080) == 0) {
      i += 8;
      continue;
    }
    const Utf8Step s = utf8_step(p + i, size - i);
    if (!s.valid) return i;
    i += s.size;
  }
  return size;
}

std::string_view utf8_replace_invalid(std::string_view text, Arena& arena) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  size_t needed = 0;
  for (size_t i = 0; i < text.size();) {
    const Utf8Step s = utf8_step(p + i, text.size() - i);
    needed += s.valid ? s.size : 3;
    i += s.size;
  }
  char* const start = arena.take(needed);
  if (!start) return {};
  char* out = start;
  for (size_t i = 0; i < text.size();) {
    const Utf8Step s = utf8_step(p + i, text.size() - i);
    if (s.valid) {
      std::memcpy(out, p + i, s.size);
      out += s.size;
    } else {
      std::memcpy(out, "\xef\xbf\xbd", 3);
      out += 3;
    }
    i += s.size;
  }
  return {start, needed};
}

}  // namespace penstock
