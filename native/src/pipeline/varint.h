// Kafka's variable-length integers: zigzag, seven bits a byte, least significant first.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace penstock {

inline uint64_t zigzag(int64_t v) { return (static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63); }

inline size_t varint_size(uint64_t v) { return (static_cast<size_t>(std::bit_width(v | 1)) + 6) / 7; }

inline uint8_t* put_varint(uint8_t* out, uint64_t v) {
  if (v < 0x80) [[likely]] {
    *out = static_cast<uint8_t>(v);
    return out + 1;
  }
  while (v >= 0x80) {
    *out++ = static_cast<uint8_t>(v | 0x80);
    v >>= 7;
  }
  *out++ = static_cast<uint8_t>(v);
  return out;
}

}  // namespace penstock
