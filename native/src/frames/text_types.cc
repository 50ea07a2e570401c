#include "frames/text_types.h"

#include "frames/digits.h"
#include "kernels/ipv4.h"

#if defined(__SSE4_2__)
#include <immintrin.h>
#endif

namespace penstock::frames {
namespace {

int hex_value(char c, bool upper) {
  if (c >= '0' && c <= '9') return c - '0';
  const char a = upper ? 'A' : 'a';
  return c >= a && c < a + 6 ? c - a + 10 : -1;
}

bool separates(char c) { return c == '-' || c == ':' || c == '.'; }

/// A pattern of at least four hexadecimal digits of one case; empty: the text has none.
std::string hex_pattern(std::string_view text) {
  if (text.size() < 4 || text.size() > 64) return {};
  std::string pattern;
  size_t digits = 0;
  bool upper = false, lower = false;
  for (const char c : text) {
    if (separates(c)) {
      pattern += c;
      continue;
    }
    if (hex_value(c, false) < 0 && hex_value(c, true) < 0) return {};
    upper |= c >= 'A' && c <= 'F';
    lower |= c >= 'a';
    pattern += 'x';
    ++digits;
  }
  if (digits < 4 || (upper && lower)) return {};
  if (upper) for (char& c : pattern) c = c == 'x' ? 'X' : c;
  return pattern;
}

}  // namespace

bool parse_digits(std::string_view text, unsigned digits, int64_t& value) {
  uint64_t n;
  if (text.size() != digits || digits == 0 || digits > 18 || !digits_value(text.data(), digits, n)) return false;
  return value = static_cast<int64_t>(n), true;
}

bool parse_decimal(std::string_view text, unsigned fraction, int64_t& value) {
  const bool minus = !text.empty() && text[0] == '-';
  if (minus) text.remove_prefix(1);
  const size_t point = fraction == 0 ? 0 : fraction + 1;
  if (text.size() <= point || text.size() > 18) return false;
  const size_t whole = text.size() - point;
  if (text[0] == '0' && whole > 1) return false;
  uint64_t n, part;
  if (!digits_value(text.data(), whole, n)) return false;
  if (fraction != 0) {
    if (text[whole] != '.' || !digits_value(text.data() + whole + 1, fraction, part)) return false;
    n = n * kPowersOfTen[fraction] + part;
  }
  if (minus && n == 0) return false;
  value = minus ? -static_cast<int64_t>(n) : static_cast<int64_t>(n);
  return true;
}

bool parse_ipv4(std::string_view text, int64_t& value) {
  uint32_t address;
  if (!read_ipv4(text, address)) return false;
  return value = address, true;
}

bool is_bare_hex(std::string_view pattern) {
  return pattern.size() <= 16 && pattern.find_first_not_of('x') == std::string_view::npos;
}

bool parse_hex(std::string_view text, std::string_view pattern, bool bare, uint8_t* out) {
  if (text.size() != pattern.size()) return false;
#if defined(__SSE4_2__)
  // 16 bytes at once; what is behind the text is masked.
  static_assert(kHexPadding >= 16);
  if (bare) {
    const __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data()));
    const __m128i digit = _mm_sub_epi8(c, _mm_set1_epi8('0')), letter = _mm_sub_epi8(c, _mm_set1_epi8('a'));
    const __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
    const __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);
    const auto good = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(is_digit, is_letter)));
    if ((~good & ((1u << text.size()) - 1)) != 0) return false;
    const __m128i value = _mm_blendv_epi8(_mm_add_epi8(letter, _mm_set1_epi8(10)), digit, is_digit);
    return _mm_storeu_si128(reinterpret_cast<__m128i*>(out), value), true;
  }
#endif
  for (size_t i = 0; i < text.size(); ++i) {
    if (pattern[i] != 'x' && pattern[i] != 'X') {
      if (text[i] != pattern[i]) return false;
      continue;
    }
    const int digit = hex_value(text[i], pattern[i] == 'X');
    if (digit < 0) return false;
    *out++ = static_cast<uint8_t>(digit);
  }
  return true;
}

TextType guess_type(std::string_view text) {
  char padded[72] = {};
  if (text.empty() || text.size() > 64) return {};
  std::memcpy(padded, text.data(), text.size());
  text = {padded, text.size()};
  int64_t value;
  const size_t point = text.find('.');
  const size_t fraction = point == std::string_view::npos ? 0 : text.size() - point - 1;
  if (fraction <= 9 && (point == std::string_view::npos || fraction != 0) &&
      parse_decimal(text, static_cast<unsigned>(fraction), value)) {
    return {TextCoding::kDecimal, static_cast<unsigned>(fraction), {}};
  }
  if (parse_digits(text, static_cast<unsigned>(text.size()), value)) return {TextCoding::kDigits, static_cast<unsigned>(text.size()), {}};
  if (parse_ipv4(text, value)) return {TextCoding::kIpv4, 0, {}};
  std::string pattern = hex_pattern(text);
  if (!pattern.empty()) return {TextCoding::kHex, 0, std::move(pattern)};
  return {};
}

bool is_of_type(std::string_view text, const TextType& type) {
  char padded[64 + kHexPadding] = {};
  uint8_t digits[64 + kHexPadding];
  int64_t value;
  if (text.size() > 64) return false;
  if (!text.empty()) std::memcpy(padded, text.data(), text.size());
  text = {padded, text.size()};
  switch (type.coding) {
    case TextCoding::kDecimal: return parse_decimal(text, type.digits, value);
    case TextCoding::kDigits: return parse_digits(text, type.digits, value);
    case TextCoding::kIpv4: return parse_ipv4(text, value);
    case TextCoding::kHex: return parse_hex(text, type.pattern, is_bare_hex(type.pattern), digits);
    default: return false;
  }
}

}  // namespace penstock::frames
