// MessagePack's values, written at `out`; each returns the end. https://github.com/msgpack/msgpack/blob/master/spec.md
#pragma once

#include "kernels/common.h"
#include "kernels/wire.h"

namespace penstock::msgpack {

inline uint8_t* put_big(uint8_t* out, uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out[i] = static_cast<uint8_t>(value >> (8 * (bytes - 1 - i)));
  return out + bytes;
}

/// `first` and the size in one, two or four bytes; `first` + 1 and + 2 stand for the larger ones.
inline uint8_t* put_size(uint8_t* out, uint8_t first, size_t size) {
  if (size < 256) return *out = first, put_big(out + 1, size, 1);
  if (size < 65536) return *out = static_cast<uint8_t>(first + 1), put_big(out + 1, size, 2);
  return *out = static_cast<uint8_t>(first + 2), put_big(out + 1, size, 4);
}

inline uint8_t* put_text_header(uint8_t* out, size_t size) {
  if (size < 32) return *out = static_cast<uint8_t>(0xa0 | size), out + 1;
  return put_size(out, 0xd9, size);
}

inline uint8_t* put_text(uint8_t* out, std::string_view text) {
  return wire::copy_exact(put_text_header(out, text.size()), text.data(), text.size());
}

inline uint8_t* put_bytes(uint8_t* out, std::string_view bytes) {
  return wire::copy_exact(put_size(out, 0xc4, bytes.size()), bytes.data(), bytes.size());
}

inline uint8_t* put_array_header(uint8_t* out, size_t count) {
  if (count < 16) return *out = static_cast<uint8_t>(0x90 | count), out + 1;
  if (count < 65536) return *out = 0xdc, put_big(out + 1, count, 2);
  return *out = 0xdd, put_big(out + 1, count, 4);
}

/// Three bytes.
inline void put_map16(uint8_t* out, uint16_t count) { *out = 0xde, put_big(out + 1, count, 2); }

inline uint8_t* put_uint(uint8_t* out, uint64_t value) {
  if (value < 128) return *out = static_cast<uint8_t>(value), out + 1;
  const unsigned power = value < 256 ? 0 : value < 65536 ? 1 : value <= 0xffffffff ? 2 : 3;
  *out = static_cast<uint8_t>(0xcc + power);
  return put_big(out + 1, value, 1u << power);
}

inline uint8_t* put_int(uint8_t* out, int64_t value) {
  if (value >= 0) return put_uint(out, static_cast<uint64_t>(value));
  if (value >= -32) return *out = static_cast<uint8_t>(value), out + 1;
  const unsigned power = value >= INT8_MIN ? 0 : value >= INT16_MIN ? 1 : value >= INT32_MIN ? 2 : 3;
  *out = static_cast<uint8_t>(0xd0 + power);
  return put_big(out + 1, static_cast<uint64_t>(value), 1u << power);
}

inline uint8_t* put_double(uint8_t* out, double value) {
  *out = 0xcb;
  return put_big(out + 1, std::bit_cast<uint64_t>(value), 8);
}

/// The extension type −1 in the smallest of its three forms.
inline uint8_t* put_timestamp(uint8_t* out, int64_t ns) {
  int64_t seconds = ns / 1'000'000'000;
  int64_t rest = ns % 1'000'000'000;
  if (rest < 0) rest += 1'000'000'000, --seconds;
  if (seconds >> 34 != 0) {
    out[0] = 0xc7, out[1] = 12, out[2] = 0xff;
    return put_big(put_big(out + 3, static_cast<uint64_t>(rest), 4), static_cast<uint64_t>(seconds), 8);
  }
  if (rest == 0 && seconds <= 0xffffffff) {
    out[0] = 0xd6, out[1] = 0xff;
    return put_big(out + 2, static_cast<uint64_t>(seconds), 4);
  }
  out[0] = 0xd7, out[1] = 0xff;
  return put_big(out + 2, static_cast<uint64_t>(rest) << 34 | static_cast<uint64_t>(seconds), 8);
}

/// Most bytes put_json writes.
inline constexpr size_t json_size_max(size_t size) { return 5 * size + 16; }

/// JSON text as what it says. An integer beyond 64 bits, a number beyond a double and what is no JSON text are written as text.
uint8_t* put_json(uint8_t* out, std::string_view text);

}  // namespace penstock::msgpack
