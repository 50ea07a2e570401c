// Numbers written as the texts they were: the inverse of text_types.h. Each writes at most kNumberTextMax bytes at `out`, of which what is
// behind the text is arbitrary, and returns its size.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "frames/digits.h"

namespace penstock::frames {

inline constexpr size_t kNumberTextMax = 24;

/// 00 to 99 as text.
struct DigitPairs {
  char at[100][2];
  constexpr DigitPairs() : at() {
    for (int i = 0; i < 100; ++i) at[i][0] = static_cast<char>('0' + i / 10), at[i][1] = static_cast<char>('0' + i % 10);
  }
};
inline constexpr DigitPairs kDigitPairs;

/// 0 to 255 as text, a point behind it.
struct OctetTexts {
  char text[256][4];
  uint8_t size[256];
  constexpr OctetTexts() : text(), size() {
    for (int n = 0; n < 256; ++n) {
      int at = 0;
      if (n >= 100) text[n][at++] = static_cast<char>('0' + n / 100);
      if (n >= 10) text[n][at++] = static_cast<char>('0' + n / 10 % 10);
      text[n][at++] = static_cast<char>('0' + n % 10);
      size[n] = static_cast<uint8_t>(at);
      text[n][at] = '.';
    }
  }
};
inline constexpr OctetTexts kOctetTexts;

/// Exactly so many digits, of the lowest.
inline size_t write_digits(uint64_t value, unsigned digits, char* out) {
  unsigned i = digits;
  for (; i >= 2; value /= 100) std::memcpy(out + (i -= 2), kDigitPairs.at[value % 100], 2);
  if (i != 0) out[0] = static_cast<char>('0' + value % 10);
  return digits;
}

/// Digits of a number in decimal.
inline unsigned digits_of(uint64_t value) {
  static constexpr auto kTenTo = [] {
    std::array<uint64_t, 20> powers{1};
    for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
  }();
  // The logarithm of 2 is about 1233 / 4096: right, or one too few.
  const unsigned least = static_cast<unsigned>(std::bit_width(value | 1)) * 1233 >> 12;
  return least + ((value | 1) >= kTenTo[least]);
}

/// In decimal, with so many digits after the point.
inline size_t write_decimal(int64_t value, unsigned fraction, char* out) {
  char* p = out;
  if (value < 0) *p++ = '-';
  const uint64_t n = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  const uint64_t whole = fraction == 0 ? n : n / kPowersOfTen[fraction];
  if (whole < 10) *p++ = static_cast<char>('0' + whole);
  else p += write_digits(whole, digits_of(whole), p);
  if (fraction != 0) {
    *p++ = '.';
    p += write_digits(n % kPowersOfTen[fraction], fraction, p);
  }
  return static_cast<size_t>(p - out);
}

inline size_t write_ipv4(uint32_t value, char* out) {
  char* p = out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const unsigned octet = value >> shift & 255;
    std::memcpy(p, kOctetTexts.text[octet], 4);
    p += kOctetTexts.size[octet] + (shift != 0);
  }
  return static_cast<size_t>(p - out);
}

}  // namespace penstock::frames
