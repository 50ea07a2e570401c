// JSON numbers without loss.
#pragma once

#include "kernels/event.h"

namespace penstock {

/// Reads `text`, which must be one JSON number and nothing else (RFC 8259 section 6); false when it is not.
/// The value is kInt64, or kDouble when the nearest double's shortest text is the same number, or kJson with the
/// raw text.
bool parse_json_number(std::string_view text, Value& value);

/// The same for `whole` digits, a point and digits, which `text` must be: 1 to 16 before the point, 1 to 32 behind. 8 bytes behind them are readable.
bool parse_json_decimal(std::string_view text, unsigned whole, Value& value);

/// Reads up to 16 digits without a sign, a point or a leading zero: most numbers of a log. 16 bytes from text.data() on are
/// readable. False: it is something else, or no number at all.
inline bool short_json_int(std::string_view text, int64_t& out) {
  constexpr uint64_t kZeros = 0x3030303030303030, kHighs = 0xf0f0f0f0f0f0f0f0, kSixes = 0x0606060606060606;
  const size_t size = text.size();
  if (size - 1 >= 16) return false;
  uint64_t first, second;
  std::memcpy(&first, text.data(), 8);
  std::memcpy(&second, text.data() + 8, 8);
  if ((first & 0xff) == '0' && size != 1) return false;
  // The digits in the last bytes of two words, zeros before them.
  const auto shifted = [](uint64_t word, size_t digits) {
    const size_t empty = 64 - 8 * digits;
    return word << empty | kZeros >> 8 * digits;
  };
  const auto all_digits = [](uint64_t word) {
    return (((word & kHighs) ^ kZeros) | (((word + kSixes) & kHighs) ^ kZeros)) == 0;
  };
  const auto number_of = [](uint64_t word) {
    word -= kZeros;
    word = word * 10 + (word >> 8);
    return ((word & 0x000000ff000000ff) * (100 + (uint64_t{1'000'000} << 32)) +
            (word >> 16 & 0x000000ff000000ff) * (1 + (uint64_t{10'000} << 32))) >> 32;
  };
  if (size <= 8) {
    const uint64_t word = size == 8 ? first : shifted(first, size);
    out = static_cast<int64_t>(number_of(word) & 0xffffffff);
    return all_digits(word);
  }
  const uint64_t rest = size == 16 ? second : shifted(second, size - 8);
  if (!all_digits(first) || !all_digits(rest)) return false;
  constexpr int64_t kTens[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
  out = static_cast<int64_t>(number_of(first) & 0xffffffff) * kTens[size - 8] +
        static_cast<int64_t>(number_of(rest) & 0xffffffff);
  return true;
}

/// The check alone.
bool json_number_valid(std::string_view text);

}  // namespace penstock
