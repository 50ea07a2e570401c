#include "packs/blocks/unescape.h"

#include "packs/blocks/repair.h"

namespace penstock::packs {
namespace {

/// The characters after '\' and what they stand for.
constexpr std::string_view kNames = "nrtbfva0", kMeanings("\n\r\t\b\f\v\a\0", 8);

/// Digits of a number escape from `p` on, exactly `count` of base 16 or 8. False when they are not there.
bool number(const char* p, const char* end, unsigned count, unsigned base, uint32_t& value) {
  if (static_cast<size_t>(end - p) < count) return false;
  value = 0;
  for (unsigned i = 0; i < count; ++i) {
    const int digit = hex_digit(p[i]);
    if (digit < 0 || static_cast<unsigned>(digit) >= base) return false;
    value = value * base + static_cast<unsigned>(digit);
  }
  return true;
}

/// One escape of kText at `p` ('\'); answers its end, or nullptr when it is none. Never writes more than it reads.
const char* text_escape(const char* p, const char* end, char*& to) {
  if (end - p < 2) return nullptr;
  const char c = p[1];
  uint32_t value = 0;
  if (c == 'u' || c == 'U') {
    const unsigned digits = c == 'u' ? 4 : 8;
    if (!number(p + 2, end, digits, 16, value)) return nullptr;
    p += 2 + digits;
    uint32_t low = 0;
    if (value >= 0xd800 && value < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' &&
        number(p + 2, end, 4, 16, low) && low >= 0xdc00 && low < 0xe000) {
      value = 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
      p += 6;
    }
    to = put_utf8(to, value);
    return p;
  }
  if (c == 'x' && number(p + 2, end, 2, 16, value)) return *to++ = static_cast<char>(value), p + 4;
  if (c >= '0' && c <= '3' && number(p + 1, end, 3, 8, value)) return *to++ = static_cast<char>(value), p + 4;
  if (const size_t at = kNames.find(c); at != kNames.npos) return *to++ = kMeanings[at], p + 2;
  if (c == '"' || c == '\'' || c == '\\' || c == '/' || c == '`') return *to++ = c, p + 2;
  return nullptr;
}

}  // namespace

std::string_view unescape(std::string_view text, Escapes escapes, char quote, Arena& scratch, Extracted& out,
                          uint8_t& flags) {
  if (escapes == Escapes::kNone) return text;
  const char mark = escapes == Escapes::kDoubled ? quote : '\\';
  const char* p = static_cast<const char*>(std::memchr(text.data(), mark, text.size()));
  if (!p) return text;
  char* const start = scratch.take(text.size());
  if (!start) return out.note(BlockProblem::kScratchFull), text;
  const char* const end = text.data() + text.size();
  char* to = start;
  const char* from = text.data();
  bool changed = false, bytes = false;
  do {
    std::memcpy(to, from, static_cast<size_t>(p - from));
    to += p - from;
    const char* next = nullptr;
    if (escapes == Escapes::kText) {
      const char* const before = to;
      next = text_escape(p, end, to);
      if (!next) out.note(BlockProblem::kBadEscape);
      else bytes |= to - before == 1 && static_cast<uint8_t>(*before) >= 0x80;
    } else if (end - p > 1) {
      const char c = p[1];
      if (escapes == Escapes::kDoubled ? c == quote : c == '"' || c == '\'' || c == '\\') *to++ = c, next = p + 2;
    }
    changed |= next != nullptr;
    if (!next) *to++ = *p, next = p + 1;
    from = next;
    p = from < end ? static_cast<const char*>(std::memchr(from, mark, static_cast<size_t>(end - from))) : nullptr;
  } while (p);
  std::memcpy(to, from, static_cast<size_t>(end - from));
  to += end - from;
  const size_t size = static_cast<size_t>(to - start);
  scratch.give_back(changed ? text.size() - size : text.size());
  if (!changed) return text;
  flags |= kFieldRewritten;
  return bytes ? repair_utf8({start, size}, scratch, out) : std::string_view{start, size};
}

}  // namespace penstock::packs
