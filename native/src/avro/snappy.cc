#include "avro/snappy.h"

#include <cstring>

namespace penstock::avro {
namespace {

/// The size, a varint of 32 bits; moves behind it.
bool read_size(const uint8_t*& at, const uint8_t* end, uint32_t& size) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    if (at == end) return false;
    const uint8_t byte = *at++;
    value |= uint64_t{byte & 127u} << shift;
    if (byte < 128) {
      size = static_cast<uint32_t>(value);
      return value <= UINT32_MAX;
    }
  }
  return false;
}

/// So many bytes, little-endian.
bool read_number(const uint8_t*& at, const uint8_t* end, unsigned bytes, uint32_t& value) {
  if (static_cast<size_t>(end - at) < bytes) return false;
  value = 0;
  std::memcpy(&value, at, bytes);
  at += bytes;
  return true;
}

}  // namespace

int64_t snappy_size(std::string_view block) {
  const auto* at = reinterpret_cast<const uint8_t*>(block.data());
  uint32_t size;
  return read_size(at, at + block.size(), size) ? int64_t{size} : -1;
}

bool snappy_decompress(std::string_view block, uint8_t* out, size_t size) {
  const auto* at = reinterpret_cast<const uint8_t*>(block.data());
  const uint8_t* const end = at + block.size();
  uint32_t says;
  if (!read_size(at, end, says) || says != size) return false;
  size_t done = 0;
  while (at < end) {
    const uint8_t tag = *at++;
    uint32_t length = tag >> 2, distance = 0;
    if ((tag & 3) == 0) {  // a literal; lengths of 61 to 64 stand for 1 to 4 bytes of length
      if (length >= 60 && !read_number(at, end, length - 59, length)) return false;
      const uint64_t bytes = uint64_t{length} + 1;
      if (bytes > static_cast<uint64_t>(end - at) || bytes > size - done) return false;
      std::memcpy(out + done, at, bytes);
      at += bytes;
      done += bytes;
      continue;
    }
    if ((tag & 3) == 1) {
      if (!read_number(at, end, 1, distance)) return false;
      distance |= uint32_t{tag & 0xe0u} << 3;
      length = (length & 7) + 4;
    } else {
      if (!read_number(at, end, (tag & 3) == 2 ? 2 : 4, distance)) return false;
      ++length;
    }
    if (distance == 0 || distance > done || length > size - done) return false;
    // Byte by byte where it overlaps itself: what was just written is repeated.
    if (distance >= length) std::memcpy(out + done, out + done - distance, length);
    else
      for (uint32_t i = 0; i < length; ++i) out[done + i] = out[done + i - distance];
    done += length;
  }
  return done == size;
}

}  // namespace penstock::avro
