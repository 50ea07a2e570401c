#include "packs/blocks/decode_text.h"

#include "packs/blocks/repair.h"

namespace penstock::packs {
namespace {

/// Value of a digit of base64, -1: none, -2: passed over.
int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return c == '\r' || c == '\n' || c == ' ' || c == '\t' ? -2 : -1;
}

/// UTF-16LE to UTF-8 in the scratch memory; unpaired surrogates become U+FFFD.
std::string_view from_utf16(std::string_view bytes, Arena& scratch, Extracted& out) {
  const size_t most = bytes.size() / 2 * 3;
  char* const start = scratch.take(most);
  if (!start) return out.note(BlockProblem::kScratchFull), std::string_view{};
  char* to = start;
  const auto unit = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<uint8_t>(bytes[i]) | static_cast<uint8_t>(bytes[i + 1]) << 8);
  };
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    uint32_t point = unit(i);
    if (point >= 0xd800 && point < 0xdc00 && i + 3 < bytes.size() && unit(i + 2) >= 0xdc00 && unit(i + 2) < 0xe000) {
      point = 0x10000 + ((point - 0xd800) << 10) + (unit(i + 2) - 0xdc00);
      i += 2;
    }
    to = put_utf8(to, point);
  }
  const size_t size = static_cast<size_t>(to - start);
  scratch.give_back(most - size);
  return {start, size};
}

}  // namespace

std::string_view decode_base64(std::string_view text, Arena& scratch, Extracted& out) {
  while (!text.empty() && (text.back() == '=' || base64_digit(text.back()) == -2)) text.remove_suffix(1);
  const size_t most = text.size() / 4 * 3 + 3;
  char* const start = scratch.take(most);
  if (!start) return out.note(BlockProblem::kScratchFull), std::string_view{};
  char* to = start;
  uint32_t bits = 0;
  unsigned digits = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit == -2) continue;
    if (digit < 0) return scratch.give_back(most), std::string_view{};
    bits = bits << 6 | static_cast<uint32_t>(digit);
    if (++digits % 4 != 0) continue;
    *to++ = static_cast<char>(bits >> 16);
    *to++ = static_cast<char>(bits >> 8);
    *to++ = static_cast<char>(bits);
  }
  if (digits == 0 || digits % 4 == 1) return scratch.give_back(most), std::string_view{};
  if (digits % 4 == 2) *to++ = static_cast<char>(bits >> 4);
  if (digits % 4 == 3) *to++ = static_cast<char>(bits >> 10), *to++ = static_cast<char>(bits >> 2);
  const std::string_view bytes(start, static_cast<size_t>(to - start));
  scratch.give_back(most - bytes.size());
  const bool utf16 = bytes.size() >= 4 && bytes.size() % 2 == 0 && bytes[0] != 0 && bytes[1] == 0 && bytes[2] != 0 &&
                     bytes[3] == 0;
  return utf16 ? from_utf16(bytes, scratch, out) : repair_utf8(bytes, scratch, out);
}

std::string_view decode_hex(std::string_view text, Arena& scratch, Extracted& out) {
  if (text.size() > 2 && text[0] == '0' && (text[1] | 32) == 'x') text.remove_prefix(2);
  if (text.empty() || text.size() % 2 != 0) return {};
  for (const char c : text)
    if (hex_digit(c) < 0) return {};
  const size_t size = text.size() / 2;
  char* const to = scratch.take(size);
  if (!to) return out.note(BlockProblem::kScratchFull), std::string_view{};
  for (size_t i = 0; i < size; ++i) {
    const int byte = hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]);
    to[i] = byte == 0 ? ' ' : static_cast<char>(byte);
  }
  return repair_utf8({to, size}, scratch, out);
}

std::string_view decode_percent(std::string_view text, bool plus, Arena& scratch, Extracted& out, uint8_t& flags) {
  const size_t first = plus ? text.find_first_of("%+") : text.find('%');
  if (first == text.npos) return text;
  char* const start = scratch.take(text.size());
  if (!start) return out.note(BlockProblem::kScratchFull), text;
  std::memcpy(start, text.data(), first);
  char* to = start + first;
  for (size_t i = first; i < text.size(); ++i) {
    const char c = text[i];
    const int high = c == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_digit(text[i + 2]);
    if (low >= 0) {
      *to++ = static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      *to++ = plus && c == '+' ? ' ' : c;
    }
  }
  const size_t size = static_cast<size_t>(to - start);
  scratch.give_back(text.size() - size);
  flags |= kFieldRewritten;
  return repair_utf8({start, size}, scratch, out);
}

}  // namespace penstock::packs
