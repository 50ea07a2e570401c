#include "kernels/json_number.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "kernels/swar.h"

namespace penstock {
namespace {

inline bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

constexpr double kPowersOf10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr int kExponentClamp = 100'000;
constexpr uint64_t kIntegersExact = uint64_t{1} << 53;
/// 15 digits always survive the way there and back.
constexpr uint64_t kSurvives = 1'000'000'000'000'000;
/// As many digits are a number of 64 bits, whatever they are.
constexpr unsigned kDecimalDigits = 19;
/// No double needs more than 17 digits.
constexpr uint64_t kMostDigits = 100'000'000'000'000'000;

/// Decimals that end at 10^power are further apart than the doubles above `d`: then no other of them, and no shorter
/// one, is as near to `d` as the one it was read from. (−22 to 22; the factor outweighs the rounding of 1 / 10^n.)
bool spaced_wider(ptrdiff_t power, double d) {
  const double unit = power < 0 ? 1 / kPowersOf10[-power] : kPowersOf10[power];
  uint64_t bits;
  std::memcpy(&bits, &d, sizeof bits);
  ++bits;
  double next;
  std::memcpy(&next, &bits, sizeof next);
  return unit > (next - d) * 1.000001;
}

/// A decimal number as its significant digits: 0.d1d2d3… × 10^exponent.
struct Decimal {
  char digits[17];
  int count = 0;
  int exponent = 0;
  bool fits = true;  ///< at most 17 significant digits, as many as a double ever needs

  bool operator==(const Decimal& other) const {
    return count == other.count && exponent == other.exponent && std::memcmp(digits, other.digits, count) == 0;
  }
};

Decimal decimal_of(std::string_view text) {
  Decimal out;
  int point = 0, zeros = 0;
  bool after_point = false;
  size_t i = 0;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    const char c = text[i];
    if (c == '.') after_point = true;
    if (!is_digit(c)) continue;
    if (c == '0' && out.count == 0) {
      if (after_point) --point;
      continue;
    }
    if (!after_point) ++point;
    if (c == '0') {
      ++zeros;
      continue;
    }
    for (; zeros > 0 && out.count < 17; --zeros) out.digits[out.count++] = '0';
    if (zeros > 0 || out.count == 17) {
      out.fits = false;
      return out;
    }
    out.digits[out.count++] = c;
  }
  int exponent = 0;
  bool negative = false;
  for (++i; i < text.size(); ++i) {
    if (text[i] == '-') negative = true;
    if (is_digit(text[i]) && exponent < kExponentClamp) exponent = exponent * 10 + (text[i] - '0');
  }
  out.exponent = out.count == 0 ? 0 : point + (negative ? -exponent : exponent);
  return out;
}

bool nearest_double(std::string_view text, double& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(out);
}

/// The shortest text that is read as `d` again, d.ddde±dd, in `room`: kShortestMax bytes.
constexpr size_t kShortestMax = 40;
std::string_view shortest_text(double d, char* room) {
  return {room, static_cast<size_t>(std::to_chars(room, room + kShortestMax, d, std::chars_format::scientific).ptr - room)};
}

/// The nearest double when it stands for the same number as `text`.
bool exact_double(std::string_view text, double& out) {
  const Decimal wanted = decimal_of(text);
  if (!wanted.fits || !nearest_double(text, out)) return false;
  char room[kShortestMax];
  return decimal_of(shortest_text(out, room)) == wanted;
}

/// The same where `text` says mantissa × 10^power, the mantissa not 0: its digits need not be read again.
bool exact_double_of(std::string_view text, uint64_t mantissa, ptrdiff_t power, double& out) {
  for (; mantissa % 10 == 0; mantissa /= 10) ++power;
  if (mantissa >= kMostDigits || !nearest_double(text, out)) return false;
  char room[kShortestMax];
  const std::string_view shortest = shortest_text(out < 0 ? -out : out, room);
  uint64_t digits = static_cast<uint64_t>(shortest[0] - '0');
  size_t i = 1;
  if (shortest[i] == '.')
    for (++i; is_digit(shortest[i]); ++i) digits = digits * 10 + static_cast<uint64_t>(shortest[i] - '0');
  const ptrdiff_t fraction = i == 1 ? 0 : static_cast<ptrdiff_t>(i) - 2;
  const bool down = shortest[i + 1] == '-';
  int exponent = 0;
  for (i += 2; i < shortest.size(); ++i) exponent = exponent * 10 + (shortest[i] - '0');
  return digits == mantissa && (down ? -exponent : exponent) - fraction == power;
}

/// How many zeros stand before the first other digit: they are in no mantissa.
ptrdiff_t zeros_before(const char* digits) {
  const char* p = digits;
  ptrdiff_t point = 0;
  for (; *p == '0' || *p == '.'; ++p) point += *p == '.';
  return p - digits - point;
}

/// What `text` says, which is mantissa × 10^power. `whole`: the mantissa has all its digits.
Value number_of(std::string_view text, uint64_t mantissa, bool whole, ptrdiff_t power, bool negative) {
  // Clinger's fast path: both operands are exact, so one rounding.
  if (whole && mantissa <= kIntegersExact && power >= -22 && power <= 22) [[likely]] {
    double d = static_cast<double>(mantissa);
    d = power < 0 ? d / kPowersOf10[-power] : d * kPowersOf10[power];
    if (mantissa < kSurvives || spaced_wider(power, d)) return Value::of_double(negative ? -d : d);
  }
  double d = 0;
  const bool exact = whole && mantissa != 0 ? exact_double_of(text, mantissa, power, d) : exact_double(text, d);
  return exact ? Value::of_double(d) : Value::of_json(text);
}

/// `number` with the digits at `p` behind its own. Reads 8 bytes for each 8 of them begun.
uint64_t digits_on(uint64_t number, const char* p, unsigned count) {
  constexpr uint64_t kZeros = 0x3030303030303030, kTens[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
  for (; count > 8; count -= 8, p += 8) number = number * kTens[8] + eight_digits(load64(p) ^ kZeros);
  const unsigned empty = 64 - 8 * count;
  return number * kTens[count] + eight_digits((load64(p) ^ kZeros) << empty);
}

}  // namespace

bool parse_json_number(std::string_view text, Value& value) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (negative) ++p;
  const char* const start = p;
  uint64_t mantissa = 0;
  while (p != end && is_digit(*p)) mantissa = mantissa * 10 + static_cast<uint64_t>(*p++ - '0');
  const auto whole = p - start;
  if (whole == 0 || (whole > 1 && *start == '0')) return false;
  if (p == end) {
    const uint64_t limit = uint64_t{std::numeric_limits<int64_t>::max()} + (negative ? 1 : 0);
    if (whole > 19 || mantissa > limit) {
      value = Value::of_json(text);
    } else if (negative && mantissa == 0) {
      value = Value::of_double(-0.0);
    } else {
      value = Value::of_int(static_cast<int64_t>(negative ? 0 - mantissa : mantissa));
      value.text = text;
    }
    return true;
  }
  ptrdiff_t fraction = 0;
  if (*p == '.') {
    const char* const first = ++p;
    while (p != end && is_digit(*p)) mantissa = mantissa * 10 + static_cast<uint64_t>(*p++ - '0');
    fraction = p - first;
    if (fraction == 0) return false;
  }
  int exponent = 0;
  if (p != end && (*p | 0x20) == 'e') {
    ++p;
    const bool down = p != end && *p == '-';
    if (p != end && (*p == '-' || *p == '+')) ++p;
    const char* const first = p;
    for (; p != end && is_digit(*p); ++p) {
      if (exponent < kExponentClamp) exponent = exponent * 10 + (*p - '0');
    }
    if (p == first) return false;
    if (down) exponent = -exponent;
  }
  if (p != end) return false;
  const bool whole_mantissa = whole + fraction <= kDecimalDigits || (mantissa != 0 && whole + fraction - zeros_before(start) <= kDecimalDigits);
  value = number_of(text, mantissa, whole_mantissa, exponent - fraction, negative);
  return true;
}

bool parse_json_decimal(std::string_view text, unsigned whole, Value& value) {
  const char* const p = text.data();
  const auto fraction = static_cast<unsigned>(text.size()) - whole - 1;
  if (*p == '0') {
    if (whole != 1) return false;
    if (fraction > kDecimalDigits) return parse_json_number(text, value);
  } else if (whole + fraction > kDecimalDigits) {
    return parse_json_number(text, value);
  }
  value = number_of(text, digits_on(digits_on(0, p, whole), p + whole + 1, fraction), true, -static_cast<ptrdiff_t>(fraction), false);
  return true;
}

bool json_number_valid(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const auto digits = [&] {
    const char* const first = p;
    while (p != end && is_digit(*p)) ++p;
    return p - first;
  };
  if (p != end && *p == '-') ++p;
  const char* const start = p;
  const auto whole = digits();
  if (whole == 0 || (whole > 1 && *start == '0')) return false;
  if (p != end && *p == '.') {
    ++p;
    if (digits() == 0) return false;
  }
  if (p != end && (*p | 0x20) == 'e') {
    ++p;
    if (p != end && (*p == '-' || *p == '+')) ++p;
    if (digits() == 0) return false;
  }
  return p == end;
}

}  // namespace penstock
