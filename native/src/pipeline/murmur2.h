// Murmur2 as Kafka's Java clients hash keys (org.apache.kafka.common.utils.Utils.murmur2), seed 0x9747b28c.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace penstock {

inline uint32_t murmur2(std::string_view key) {
  constexpr uint32_t m = 0x5bd1e995;
  const auto* data = reinterpret_cast<const uint8_t*>(key.data());
  size_t length = key.size();
  uint32_t h = 0x9747b28c ^ static_cast<uint32_t>(length);
  for (; length >= 4; data += 4, length -= 4) {
    uint32_t k;
    std::memcpy(&k, data, 4);
    k *= m;
    k ^= k >> 24;
    k *= m;
    h = (h * m) ^ k;
  }
  if (length == 3) h ^= static_cast<uint32_t>(data[2]) << 16;
  if (length >= 2) h ^= static_cast<uint32_t>(data[1]) << 8;
  if (length >= 1) h = (h ^ data[0]) * m;
  h ^= h >> 13;
  h *= m;
  return h ^ (h >> 15);
}

/// The partition Java's default partitioner gives a keyed record.
inline int32_t murmur2_partition(std::string_view key, uint32_t partitions) {
  return static_cast<int32_t>((murmur2(key) & 0x7fffffff) % partitions);
}

}  // namespace penstock
