#include "packs/blocks/xml_text.h"

#include "packs/blocks/repair.h"

namespace penstock::packs {
namespace {

constexpr size_t kReferenceBytesMax = 12;

struct Entity {
  std::string_view name;
  char meaning;
};
constexpr Entity kEntities[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};

/// The number of "#10" or "#x0a"; false when it is none.
bool code_point(std::string_view name, uint32_t& point) {
  const bool hex = name.size() > 1 && name[1] == 'x';
  name.remove_prefix(hex ? 2 : 1);
  if (name.empty()) return false;
  uint64_t value = 0;
  for (const char c : name) {
    const int digit = hex_digit(c);
    if (digit < 0 || (!hex && digit > 9)) return false;
    value = value * (hex ? 16 : 10) + static_cast<unsigned>(digit);
  }
  point = value > 0x10ffff ? 0xfffd : static_cast<uint32_t>(value);
  return true;
}

/// The reference at the start of `text` ('&'): its size, 0 when it is none; its meaning goes to `to`.
size_t reference(std::string_view text, char*& to) {
  const size_t end = text.substr(0, kReferenceBytesMax).find(';');
  if (end == text.npos || end < 2) return 0;
  const std::string_view name = text.substr(1, end - 1);
  if (name[0] == '#') {
    uint32_t point;
    if (!code_point(name, point)) return 0;
    to = put_utf8(to, point);
    return end + 1;
  }
  for (const Entity& entity : kEntities)
    if (name == entity.name) return *to++ = entity.meaning, end + 1;
  return 0;
}

}  // namespace

std::string_view xml_decode(std::string_view text, Arena& scratch, Extracted& out, uint8_t& flags) {
  size_t at = text.find('&');
  if (at == text.npos) return text;
  // A reference is never shorter than what it stands for: "&#1;" is four bytes, four bytes of UTF-8 need seven.
  char* const start = scratch.take(text.size());
  if (!start) return out.note(BlockProblem::kScratchFull), text;
  char* to = start;
  size_t from = 0;
  for (; at != text.npos; at = text.find('&', at)) {
    std::memcpy(to, text.data() + from, at - from);
    to += at - from;
    from = at;
    const size_t size = reference(text.substr(at), to);
    if (size == 0) {
      out.note(BlockProblem::kRefusedEntity);
      *to++ = '&';
      from = ++at;
      continue;
    }
    flags |= kFieldRewritten;
    from = at += size;
  }
  std::memcpy(to, text.data() + from, text.size() - from);
  to += text.size() - from;
  const size_t size = static_cast<size_t>(to - start);
  scratch.give_back(text.size() - size);
  return {start, size};
}

}  // namespace penstock::packs
