#include "avro/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "kernels/civil_time.h"
#include "kernels/json_text.h"

namespace penstock::avro {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

uint8_t* put_digits(uint8_t* out, uint64_t value, unsigned digits) {
  for (unsigned i = digits; i > 0; --i, value /= 10) out[i - 1] = static_cast<uint8_t>('0' + value % 10);
  return out + digits;
}
uint8_t* put_number(uint8_t* out, uint64_t value) {
  auto* text = reinterpret_cast<char*>(out);
  return reinterpret_cast<uint8_t*>(std::to_chars(text, text + kJsonNumberSizeMax, value).ptr);
}
void put_hex_digits(uint8_t*& out, const uint8_t* bytes, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    *out++ = static_cast<uint8_t>(kHexDigits[bytes[i] >> 4]);
    *out++ = static_cast<uint8_t>(kHexDigits[bytes[i] & 15]);
  }
}

}  // namespace

bool put_date(uint8_t*& out, int64_t days) {
  if (days < days_from_civil(0, 1, 1) || days > days_from_civil(9999, 12, 31)) return false;
  const int year = year_from_days(days);
  auto day = static_cast<unsigned>(days - days_from_civil(year, 1, 1));
  unsigned month = 1;
  for (; day >= days_in_month(year, month); ++month) day -= days_in_month(year, month);
  *out++ = '"';
  out = put_digits(out, static_cast<unsigned>(year), 4);
  *out++ = '-';
  out = put_digits(out, month, 2);
  *out++ = '-';
  out = put_digits(out, day + 1, 2);
  *out++ = '"';
  return true;
}

bool put_time_of_day(uint8_t*& out, int64_t value, uint32_t per_second) {
  if (value < 0 || value >= kSecondsPerDay * per_second) return false;
  const auto second = static_cast<uint32_t>(value / per_second);
  *out++ = '"';
  out = put_digits(out, second / 3600, 2);
  *out++ = ':';
  out = put_digits(out, second / 60 % 60, 2);
  *out++ = ':';
  out = put_digits(out, second % 60, 2);
  *out++ = '.';
  out = put_digits(out, static_cast<uint64_t>(value % per_second), per_second == 1000 ? 3 : 6);
  *out++ = '"';
  return true;
}

bool put_timestamp(uint8_t*& out, int64_t value, int64_t ns_each, bool local) {
  int64_t ns;
  if (__builtin_mul_overflow(value, ns_each, &ns)) return false;
  out = put_json_date(out, ns);
  if (local) {
    --out;
    out[-1] = '"';
  }
  return true;
}

bool put_decimal(uint8_t*& out, std::string_view bytes, uint32_t scale) {
  if (bytes.size() > kDecimalBytesMax) return false;
  constexpr size_t kLimbs = kDecimalBytesMax / 4;
  constexpr uint32_t kPart = 1'000'000'000;
  constexpr size_t kPartDigits = 9, kDigitsMax = 81;
  const bool negative = !bytes.empty() && (static_cast<uint8_t>(bytes[0]) & 128) != 0;
  uint32_t limbs[kLimbs];
  std::memset(limbs, negative ? 255 : 0, sizeof limbs);
  auto* little = reinterpret_cast<uint8_t*>(limbs);
  for (size_t i = 0; i < bytes.size(); ++i) little[i] = static_cast<uint8_t>(bytes[bytes.size() - 1 - i]);
  if (negative) {  // its magnitude; 2^255 itself still fits unsigned
    uint64_t carry = 1;
    for (uint32_t& limb : limbs) {
      carry += static_cast<uint32_t>(~limb);
      limb = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
  }
  char digits[kDigitsMax];
  size_t first = kDigitsMax;
  const auto is_zero = [&limbs] { return std::all_of(limbs, limbs + kLimbs, [](uint32_t limb) { return limb == 0; }); };
  while (!is_zero()) {
    uint64_t rest = 0;
    for (size_t i = kLimbs; i > 0; --i) {
      rest = rest << 32 | limbs[i - 1];
      limbs[i - 1] = static_cast<uint32_t>(rest / kPart);
      rest %= kPart;
    }
    for (size_t i = 0; i < kPartDigits; ++i, rest /= 10) digits[--first] = static_cast<char>('0' + rest % 10);
  }
  while (first < kDigitsMax && digits[first] == '0') ++first;
  const size_t count = kDigitsMax - first, whole = count > scale ? count - scale : 0;
  if (negative) *out++ = '-';
  if (whole == 0) *out++ = '0';
  std::memcpy(out, digits + first, whole);
  out += whole;
  if (scale == 0) return true;
  *out++ = '.';
  const size_t zeros = scale - (count - whole);
  std::memset(out, '0', zeros);
  out += zeros;
  std::memcpy(out, digits + first + whole, count - whole);
  out += count - whole;
  return true;
}

void put_uuid(uint8_t*& out, const uint8_t* bytes) {
  *out++ = '"';
  for (size_t i = 0; i < 16; i += 2) {
    if (i >= 4 && i <= 10) *out++ = '-';
    put_hex_digits(out, bytes + i, 2);
  }
  *out++ = '"';
}

void put_duration(uint8_t*& out, const uint8_t* bytes) {
  uint32_t months, days, ms;
  std::memcpy(&months, bytes, 4);
  std::memcpy(&days, bytes + 4, 4);
  std::memcpy(&ms, bytes + 8, 4);
  *out++ = '"';
  *out++ = 'P';
  out = put_number(out, months);
  *out++ = 'M';
  out = put_number(out, days);
  *out++ = 'D';
  *out++ = 'T';
  out = put_number(out, ms / 1000);
  *out++ = '.';
  out = put_digits(out, ms % 1000, 3);
  *out++ = 'S';
  *out++ = '"';
}

void put_float(uint8_t*& out, float value) {
  if (!std::isfinite(value)) {
    out = put_json_double(out, value);
    return;
  }
  auto* text = reinterpret_cast<char*>(out);
  out = reinterpret_cast<uint8_t*>(std::to_chars(text, text + kJsonNumberSizeMax, value).ptr);
}

void put_base64(uint8_t*& out, std::string_view bytes) {
  static constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto* p = reinterpret_cast<const uint8_t*>(bytes.data());
  size_t left = bytes.size();
  const auto put = [&out](uint32_t three, unsigned letters) {
    for (unsigned i = 0; i < 4; ++i) *out++ = static_cast<uint8_t>(i < letters ? kLetters[three >> (18 - 6 * i) & 63] : '=');
  };
  *out++ = '"';
  for (; left >= 3; left -= 3, p += 3) put(uint32_t{p[0]} << 16 | p[1] << 8 | p[2], 4);
  if (left == 2) put(uint32_t{p[0]} << 16 | p[1] << 8, 3);
  if (left == 1) put(uint32_t{p[0]} << 16, 2);
  *out++ = '"';
}

void put_hex(uint8_t*& out, std::string_view bytes) {
  *out++ = '"';
  put_hex_digits(out, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  *out++ = '"';
}

}  // namespace penstock::avro
