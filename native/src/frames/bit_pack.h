// Numbers of one width, one after the other, the lowest bit first.
#pragma once

#include <cstdint>
#include <cstring>

#include "frames/format.h"

namespace penstock::frames {

/// Writes packed_bytes(count, width) bytes at `out` (8 spare bytes follow). `at(i)` is the i-th number, below 2^width.
template <class At>
void bit_pack(uint8_t* out, size_t count, unsigned width, At at) {
  if (width == 0) return;
  uint64_t word = 0;
  unsigned filled = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t value = at(i);
    word |= value << filled;
    filled += width;
    if (filled >= 64) {
      std::memcpy(out, &word, 8);
      out += 8;
      filled -= 64;
      const unsigned taken = width - filled;
      word = taken == 64 ? 0 : value >> taken;
    }
  }
  std::memcpy(out, &word, 8);
}

/// The i-th number of `bytes` packed bytes at `from`. Reads nothing outside them.
inline uint64_t bit_unpack(const uint8_t* from, size_t bytes, size_t i, unsigned width) {
  if (width == 0) return 0;
  const uint64_t bit = uint64_t{i} * width;
  const size_t at = bit / 8;
  const unsigned shift = bit % 8;
  const size_t left = bytes - at;
  uint64_t low = 0, high = 0;
  if (left > 8) [[likely]] std::memcpy(&low, from + at, 8), high = from[at + 8];
  else std::memcpy(&low, from + at, left);
  return (low >> shift | high << 1 << (63 - shift)) & ~uint64_t{0} >> (64 - width);
}

}  // namespace penstock::frames
