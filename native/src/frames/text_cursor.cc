#include <algorithm>

#include "frames/cursors.h"
#include "frames/text_writers.h"

namespace penstock::frames {
namespace {

constexpr size_t kHexPatternMax = 64;

/// 00 to ff as text, the high digit first.
struct HexPairs {
  char at[256][2];
  constexpr HexPairs() : at() {
    for (int i = 0; i < 256; ++i) at[i][0] = "0123456789abcdef"[i >> 4], at[i][1] = "0123456789abcdef"[i & 15];
  }
};
constexpr HexPairs kHexPairs;

bool is_digit(char pattern) { return pattern == 'x' || pattern == 'X'; }

}  // namespace

bool TextCursor::read(SectionTable& in, uint64_t count, const std::vector<const IdCursor*>& columns, unsigned depth) {
  uint8_t code, byte = 0;
  if (in.columns_left-- == 0 || !in.byte(code)) return false;
  if (static_cast<TextCoding>(code) == TextCoding::kExceptions && (!read_exceptions(in, count) || !in.byte(code))) return false;
  coding = static_cast<TextCoding>(code);
  frame_end = in.frame_end;
  switch (coding) {
    case TextCoding::kConst: return in.text(bytes);
    case TextCoding::kPlain: return read_plain(in, count, columns);
    case TextCoding::kDictionary: return read_dictionary(in, count, columns);
    case TextCoding::kDecimal:
    case TextCoding::kDigits:
      if (!in.byte(byte) || byte > (coding == TextCoding::kDigits ? 18 : 9)) return false;
      digits = byte;
      return numbers.read(in, count, columns);
    case TextCoding::kIpv4: return numbers.read(in, count, columns);
    case TextCoding::kHex: break;
    case TextCoding::kTemplates: return depth < kTextDepthMax && read_templates(in, count, depth);
    default: return false;
  }
  if (!in.head.bytes(pattern) || pattern.size() > kHexPatternMax) return false;
  for (const char c : pattern) digits += is_digit(c);
  bare = digits % 2 == 0 && pattern.find_first_not_of('x') == std::string_view::npos;
  return in.blob((count * digits + 1) / 2, bytes);
}

bool TextCursor::read_plain(SectionTable& in, uint64_t count, const std::vector<const IdCursor*>& columns) {
  if (!numbers.read(in, count, columns) || numbers.coding != NumberCoding::kPacked || numbers.scale != 1) return false;
  uint64_t total = 0;
  if (numbers.width == 0) {
    if (numbers.least > kDecodedBytesMax) return false;
    total = numbers.least * count;
  } else {
    NumberCursor all = numbers;
    for (uint64_t i = 0; i < count; ++i) {
      const auto length = static_cast<uint64_t>(all.next());
      if (length > kDecodedBytesMax || (total += length) > kDecodedBytesMax) return false;
    }
  }
  return in.blob(total, bytes);
}

bool TextCursor::read_dictionary(SectionTable& in, uint64_t count, const std::vector<const IdCursor*>& columns) {
  uint64_t size, total = 0;
  if (!in.varint(size, count) || size == 0) return false;
  std::vector<uint32_t> sizes;
  for (uint64_t i = 0; i < size; ++i) {
    uint64_t length;
    if (!in.varint(length, kDecodedBytesMax - total)) return false;
    total += length;
    sizes.push_back(static_cast<uint32_t>(length));
  }
  std::string_view texts;
  if (!in.blob(total, texts) || !ids.read(in, count, columns)) return false;
  entries.reserve(sizes.size());
  for (const uint32_t length : sizes) {
    entries.push_back(in.readable(texts.substr(0, length)));
    texts.remove_prefix(length);
  }
  return true;
}

/// What is not of the type that follows; `count` becomes the number of values that are.
bool TextCursor::read_exceptions(SectionTable& in, uint64_t& count) {
  uint64_t left, at = 0;
  if (!in.varint(left, count - 1) || left == 0) return false;
  const uint64_t all = count;
  count -= left;
  for (; left != 0; --left) {
    uint64_t gap;
    std::string_view text;
    if (!in.varint(gap, all - 1 - at) || !in.text(text)) return false;
    exceptions.push_back({at + gap, text});
    at += gap + 1;
    if (at == all && left != 1) return false;
  }
  exception_at = exceptions[0].at;
  return true;
}

bool TextCursor::read_templates(SectionTable& in, uint64_t count, unsigned depth) {
  uint64_t variable_count, template_count;
  if (!in.varint(variable_count, in.columns_left) || !in.varint(template_count, kTemplatesMax) || template_count == 0) return false;
  for (uint64_t t = 0; t < template_count; ++t) {
    uint64_t left, variable;
    if (!in.varint(left, kPartsMax)) return false;
    for (bool open = false; left != 0; --left) {
      if (!in.varint(variable, variable_count)) return false;
      if (variable == 0) {
        std::string_view literal;
        if (!in.text(literal)) return false;
        parts.push_back({literal, 0});
      } else if (open) {
        parts.back().variable = static_cast<uint32_t>(variable);
      } else {
        parts.push_back({{kNoText, 0}, static_cast<uint32_t>(variable)});
      }
      open = variable == 0;
    }
    part_ends.push_back(static_cast<uint32_t>(parts.size()));
  }
  std::vector<uint64_t> counts(variable_count);
  static const std::vector<const IdCursor*> kNone;
  for (uint64_t v = 0; v < variable_count; ++v) {
    if (!in.count(counts[v])) return false;
    if (!variables.emplace_back().read(in, counts[v], kNone, depth + 1)) return false;
  }
  if (!numbers.read(in, count, kNone)) return false;
  // Every variable has as many values as the templates take.
  std::vector<uint64_t> uses(template_count);
  NumberCursor all = numbers;
  for (uint64_t i = 0; i < count; ++i) {
    const auto t = static_cast<uint64_t>(all.next());
    if (t >= template_count) return false;
    ++uses[t];
  }
  for (uint64_t t = 0, p = 0; t < template_count; ++t) {
    for (; p < part_ends[t]; ++p) {
      if (parts[p].variable == 0) continue;
      uint64_t& left = counts[parts[p].variable - 1];
      if (left < uses[t]) return false;
      left -= uses[t];
    }
  }
  for (const uint64_t left : counts)
    if (left != 0) return false;
  return true;
}

bool TextCursor::take_exception(std::string_view& text) {
  text = exceptions[next_exception++].text;
  exception_at = next_exception < exceptions.size() ? exceptions[next_exception].at : UINT64_MAX;
  return true;
}

bool TextCursor::compose(ValueRoom& room, std::string_view& text) {
  if (coding == TextCoding::kPlain) return take_plain(room, text);
  const char* const begin = room.here();
  if (!(coding == TextCoding::kTemplates ? append_template(room) : append_typed(room))) return false;
  text = {begin, static_cast<size_t>(room.here() - begin)};
  return true;
}

bool TextCursor::take_plain(ValueRoom& room, std::string_view& text) {
  const auto length = static_cast<size_t>(numbers.next());
  text = bytes.substr(0, length);
  bytes.remove_prefix(length);
  if (text.size() + kTextSpare <= static_cast<size_t>(frame_end - text.data())) [[likely]] return true;
  // What stands at the frame's end cannot be copied in whole steps.
  char* const begin = room.here();
  for (size_t at = 0; at < length;) {
    const size_t size = std::min(length - at, ValueRoom::kSpare);
    std::memcpy(room.here(), text.data() + at, size);
    if (!room.took(size)) return false;
    at += size;
  }
  text = {begin, length};
  return true;
}

bool TextCursor::append_template(ValueRoom& room) {
  const auto t = static_cast<size_t>(numbers.next());
  const Part* const end = parts.data() + part_ends[t];
  for (const Part* part = parts.data() + (t == 0 ? 0 : part_ends[t - 1]); part != end; ++part) {
    if (!room.append(part->literal)) return false;
    if (part->variable == 0) continue;
    const char* const here = room.here();
    std::string_view text;
    if (!variables[part->variable - 1].next(room, text)) return false;
    // What the variable has put together itself stands where it belongs already.
    if (text.data() != here && !room.append(text)) return false;
  }
  return true;
}

bool TextCursor::append_typed(ValueRoom& room) {
  static_assert(kNumberTextMax <= ValueRoom::kSpare);
  char* const out = room.here();
  switch (coding) {
    case TextCoding::kDecimal: return room.took(write_decimal(numbers.next(), digits, out));
    case TextCoding::kDigits: return room.took(write_digits(static_cast<uint64_t>(numbers.next()), digits, out));
    case TextCoding::kIpv4: return room.took(write_ipv4(static_cast<uint32_t>(numbers.next()), out));
    default: return append_hex(room);
  }
}

bool TextCursor::append_hex(ValueRoom& room) {
  static_assert(kHexPatternMax <= ValueRoom::kSpare);
  char* const out = room.here();
  if (bare) {
    for (size_t i = 0; i < pattern.size(); i += 2, next_at += 2) std::memcpy(out + i, kHexPairs.at[static_cast<uint8_t>(bytes[next_at / 2])], 2);
    return room.took(pattern.size());
  }
  for (size_t i = 0; i < pattern.size(); ++i) {
    out[i] = pattern[i];
    if (!is_digit(pattern[i])) continue;
    const auto both = static_cast<uint8_t>(bytes[next_at / 2]);
    const unsigned digit = next_at++ % 2 == 0 ? both >> 4 : both & 15;
    out[i] = static_cast<char>(digit < 10 ? '0' + digit : (pattern[i] == 'x' ? 'a' : 'A') + digit - 10);
  }
  return room.took(pattern.size());
}

}  // namespace penstock::frames
