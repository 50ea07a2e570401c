// Texts that are written numbers: what a column of them can be stored as, exactly. What is not written as it would be written back
// (text_writers.h) is not of the type.
#pragma once

#include <cstring>
#include <string>
#include <string_view>

#include "frames/format.h"

namespace penstock::frames {

/// A column's type: how its numbers are written.
struct TextType {
  TextCoding coding = TextCoding::kPlain;  ///< kDecimal, kDigits, kIpv4 or kHex
  unsigned digits = 0;                     ///< kDecimal: after the point; kDigits: in all
  std::string pattern;                     ///< kHex: 'x' or 'X' for a digit, else '-', ':' or '.'
};

/// Of what type most of `count` texts are; `at(i)` is the i-th of them. kPlain: of none.
template <class At>
TextType type_of(size_t count, At at);

/// Numbers written in decimal without leading zeros, with so many digits after the point. 8 bytes behind the text are readable.
bool parse_decimal(std::string_view text, unsigned fraction, int64_t& value);
/// Exactly `digits` (at most 18) digits. 8 bytes behind the text are readable.
bool parse_digits(std::string_view text, unsigned digits, int64_t& value);
bool parse_ipv4(std::string_view text, int64_t& value);
/// Writes the digits of a text of this pattern to `out`, one a byte (0 to 15). kHexPadding bytes more are readable and writable.
inline constexpr size_t kHexPadding = 16;
bool parse_hex(std::string_view text, std::string_view pattern, bool bare, uint8_t* out);
/// A pattern of at most 16 lower-case digits and nothing else: `parse_hex` is told so.
bool is_bare_hex(std::string_view pattern);

/// What one text could be: tried in this order.
TextType guess_type(std::string_view text);
bool is_of_type(std::string_view text, const TextType& type);

template <class At>
TextType type_of(size_t count, At at) {
  constexpr size_t kLooked = 48;
  const size_t step = count > kLooked ? count / kLooked : 1, looked = count / step;
  for (const size_t from : {size_t{0}, looked / 2, looked - 1}) {
    TextType type = guess_type(at(from * step));
    if (type.coding == TextCoding::kPlain) continue;
    const auto agree = [&](const TextType& t) {
      size_t n = 0;
      for (size_t i = 0; i < looked; ++i) n += is_of_type(at(i * step), t);
      return n + looked / 12 >= looked;
    };
    if (agree(type)) return type;
    if (type.coding != TextCoding::kDecimal || type.digits != 0) continue;
    // "443" may also be three digits, or four of a hexadecimal number.
    const std::string_view text = at(from * step);
    type = {TextCoding::kDigits, static_cast<unsigned>(text.size()), {}};
    if (text.size() <= 18 && agree(type)) return type;
    type = {TextCoding::kHex, 0, std::string(text.size(), 'x')};
    if (text.size() >= 4 && agree(type)) return type;
  }
  return {};
}

}  // namespace penstock::frames
