// Protobuf wire format: varints, tags, short copies. https://protobuf.dev/programming-guides/encoding/
#pragma once

#include <bit>

#include "kernels/common.h"

namespace penstock::wire {

enum Type : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

/// 1 to 10.
inline size_t varint_size(uint64_t value) {
  const unsigned bits = 63 - static_cast<unsigned>(std::countl_zero(value | 1));
  return (bits * 9 + 73) / 64;
}

inline uint8_t* put_varint(uint8_t* out, uint64_t value) {
  if (value < 128) {
    *out = static_cast<uint8_t>(value);
    return out + 1;
  }
  if (value < 16384) {
    out[0] = static_cast<uint8_t>(value | 128);
    out[1] = static_cast<uint8_t>(value >> 7);
    return out + 2;
  }
  out[0] = static_cast<uint8_t>(value | 128);
  out[1] = static_cast<uint8_t>(value >> 7 | 128);
  out += 2;
  value >>= 14;
  while (value >= 128) {
    *out++ = static_cast<uint8_t>(value | 128);
    value >>= 7;
  }
  *out = static_cast<uint8_t>(value);
  return out + 1;
}

/// As `length` counts bytes of a message: below 128 MiB in practice, any size in fact.
inline size_t text_size(size_t length) { return varint_size(length) + length; }

inline uint64_t zigzag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
inline int64_t unzigzag(uint64_t value) { return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1)); }

inline uint8_t* put_fixed64(uint8_t* out, uint64_t value) {
  std::memcpy(out, &value, 8);  // little-endian machines only, as the journal
  return out + 8;
}
static_assert(std::endian::native == std::endian::little);

inline void copy16(uint8_t* to, const char* from) {
  uint64_t word[2];
  std::memcpy(word, from, 16);
  std::memcpy(to, word, 16);
}

/// Copies in steps of 16; reads and writes up to 31 bytes past the end (both sides have kPadding).
inline uint8_t* copy_padded(uint8_t* out, const char* text, size_t size) {
  size_t at = 0;
  do {
    copy16(out + at, text + at);
    copy16(out + at + 16, text + at + 16);
    at += 32;
  } while (at < size);
  return out + size;
}

/// Copies without reading past the end of `text` (a literal has no padding).
inline uint8_t* copy_exact(uint8_t* out, const char* text, size_t size) {
  if (size >= 16) {
    if (size <= 32) {
      copy16(out, text);
      copy16(out + size - 16, text + size - 16);
    } else if (size <= 64) {
      copy16(out, text);
      copy16(out + 16, text + 16);
      copy16(out + size - 32, text + size - 32);
      copy16(out + size - 16, text + size - 16);
    } else {
      std::memcpy(out, text, size);
    }
  } else if (size >= 8) {
    std::memcpy(out, text, 8);
    std::memcpy(out + size - 8, text + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(out, text, 4);
    std::memcpy(out + size - 4, text + size - 4, 4);
  } else if (size > 0) {
    out[0] = static_cast<uint8_t>(text[0]);
    out[size >> 1] = static_cast<uint8_t>(text[size >> 1]);
    out[size - 1] = static_cast<uint8_t>(text[size - 1]);
  }
  return out + size;
}

/// Reads protobuf bytes; every read answers false at the end or on malformed bytes.
struct Reader {
  const uint8_t* at;
  const uint8_t* end;

  explicit Reader(std::string_view bytes)
      : at(reinterpret_cast<const uint8_t*>(bytes.data())), end(at + bytes.size()) {}

  bool done() const { return at == end; }
  bool varint(uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at == end) return false;
      const uint8_t byte = *at++;
      if (shift == 63 && byte > 1) return false;  // more than 64 bits
      value |= uint64_t{byte & 127u} << shift;
      if (byte < 128) return true;
    }
    return false;
  }
  bool fixed64(uint64_t& value) {
    if (end - at < 8) return false;
    std::memcpy(&value, at, 8);
    at += 8;
    return true;
  }
  bool bytes(std::string_view& value) {
    uint64_t size;
    if (!varint(size) || size > static_cast<uint64_t>(end - at)) return false;
    value = view(at, size);
    at += size;
    return true;
  }
  bool tag(uint32_t& number, uint32_t& type) {
    uint64_t tag;
    if (!varint(tag) || tag > 0xffffffff || tag >> 3 == 0) return false;
    number = static_cast<uint32_t>(tag >> 3);
    type = tag & 7;
    return true;
  }
  /// Groups (deprecated, never in our schema) are refused.
  bool skip(uint32_t type) {
    uint64_t number;
    std::string_view text;
    switch (type) {
      case kVarint: return varint(number);
      case kFixed64: return fixed64(number);
      case kBytes: return bytes(text);
      case kFixed32: return end - at >= 4 && (at += 4, true);
      default: return false;
    }
  }
};

}  // namespace penstock::wire
