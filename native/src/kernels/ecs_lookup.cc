// Hash and displace; the tables and the same hash are made by tools/lib/ecs-hash.mjs.
#include "kernels/ecs_lookup.h"

#include <cstring>

namespace penstock {
namespace {

template <typename T>
uint64_t load(const char* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

uint64_t mix(uint64_t h, uint64_t word) {
  const uint64_t product = (h ^ word) * 0x9e3779b97f4a7c15ULL;
  return product ^ (product >> 32);
}

/// Eight bytes at a time, the last eight overlapping: never reads outside the name.
uint64_t hash_name(const char* p, size_t size) {
  uint64_t h = size;
  if (size >= 8) {
    for (size_t i = 0; i + 8 < size; i += 8) h = mix(h, load<uint64_t>(p + i));
    return mix(h, load<uint64_t>(p + size - 8));
  }
  if (size >= 4) return mix(h, load<uint32_t>(p) | load<uint32_t>(p + size - 4) << 32);
  if (size == 0) return mix(h, 0);
  return mix(h, load<uint8_t>(p) | load<uint8_t>(p + (size >> 1)) << 8 | load<uint8_t>(p + size - 1) << 16);
}

constexpr size_t kNameMax = 255;  // longer than any ECS name: a hostile key is not hashed to its end

}  // namespace

EcsField ecs_field_by_name(std::string_view name) {
  if (name.size() > kNameMax) return EcsField::kUnknown;
  const uint64_t h = hash_name(name.data(), name.size());
  const uint64_t step = (h >> 32 & 0x3fffff) | 1;
  const uint64_t displacement = kEcsDisplacement[h >> (64 - kEcsBucketBits)];
  const uint64_t place = ((h & 0xffffffff) + displacement * step) & ((1u << kEcsSlotBits) - 1);
  const uint32_t slot = kEcsSlots[place];
  const uint32_t field = slot & 0xffff;
  if (slot >> 16 != (h >> 16 & 0xffff) || field == 0xffff) return EcsField::kUnknown;
  return kEcsFields[field].name == name ? static_cast<EcsField>(field) : EcsField::kUnknown;
}

}  // namespace penstock
