// Eight bytes at a time in an ordinary register. Little-endian, as every platform we build for.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace penstock {

static_assert(std::endian::native == std::endian::little, "swar.h reads numbers from bytes in place");

inline uint64_t load64(const void* p) {
  uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}
inline uint32_t load32(const void* p) {
  uint32_t v;
  std::memcpy(&v, p, 4);
  return v;
}

/// `digits` holds bytes after XOR with '0': true when each is 0 to 9.
inline bool all_digits(uint64_t digits) {
  return (((digits + 0x7676767676767676) | digits) & 0x8080808080808080) == 0;
}

/// Eight decimal digits (bytes 0 to 9, most significant first in memory).
inline uint32_t eight_digits(uint64_t digits) {
  digits = digits * 10 + (digits >> 8);
  constexpr uint64_t kMask = 0x000000ff000000ff;
  constexpr uint64_t kHundreds = 0x000f424000000064;  // 100 + (1000000 << 32)
  constexpr uint64_t kUnits = 0x0000271000000001;     // 1 + (10000 << 32)
  return static_cast<uint32_t>(((digits & kMask) * kHundreds + ((digits >> 16) & kMask) * kUnits) >> 32);
}

/// The number that `size` (1 to 8) bytes at `p` spell; reads 8 bytes. False when one is not a digit.
inline bool parse_digits(const char* p, unsigned size, uint32_t& number) {
  const unsigned shift = 64 - 8 * size;
  const uint64_t digits = (load64(p) << shift) ^ (0x3030303030303030 << shift);
  if (!all_digits(digits)) return false;
  number = eight_digits(digits);
  return true;
}

}  // namespace penstock
