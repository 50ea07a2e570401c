// Numbers in ASCII digits, without a branch for each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace penstock::frames {

inline constexpr uint64_t kPowersOfTen[] = {1,          10,          100,           1000,           10'000,         100'000, 1'000'000,
                                            10'000'000, 100'000'000, 1'000'000'000, 10'000'000'000, 100'000'000'000};

/// The number in 8 ASCII digits, the first in the lowest byte; false: they are not.
[[gnu::always_inline]] inline bool eight_digits(uint64_t word, uint64_t& value) {
  const uint64_t high = word & 0xf0f0f0f0f0f0f0f0ULL, carried = (word + 0x0606060606060606ULL) & 0xf0f0f0f0f0f0f0f0ULL;
  if ((high | carried >> 4) != 0x3333333333333333ULL) return false;
  word -= 0x3030303030303030ULL;
  word = word * 10 + (word >> 8);
  word = ((word & 0x000000ff000000ffULL) * 0x000f424000000064ULL + (word >> 16 & 0x000000ff000000ffULL) * 0x0000271000000001ULL) >> 32;
  value = static_cast<uint32_t>(word);
  return true;
}

/// The number in 1 to 8 digits; 8 bytes are readable.
[[gnu::always_inline]] inline bool few_digits(const char* p, size_t size, uint64_t& value) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  const unsigned spare = static_cast<unsigned>(8 - size) * 8;
  // Zeros in front of it.
  return eight_digits(size == 8 ? word : word << spare | 0x3030303030303030ULL >> (64 - spare), value);
}

/// 1 to 18 digits; 8 bytes behind them are readable.
[[gnu::always_inline]] inline bool digits_value(const char* p, size_t size, uint64_t& value) {
  if (size <= 8) [[likely]] return few_digits(p, size, value);
  uint64_t part;
  value = 0;
  for (; size > 8; p += 8, size -= 8) {
    if (!few_digits(p, 8, part)) return false;
    value = value * kPowersOfTen[8] + part;
  }
  if (!few_digits(p, size, part)) return false;
  value = value * kPowersOfTen[size] + part;
  return true;
}

}  // namespace penstock::frames
