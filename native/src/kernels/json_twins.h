// Two attributes of one name in an event.
#pragma once

#include "kernels/event.h"

namespace penstock {

/// Asked only when the cheap signs of duplicates do not suffice.
class JsonTwins {
 public:
  JsonTwins() : slots_(new uint16_t[kSlots]) {}

  /// True when two attributes have one name; also (rather than search long) when hostile names crowd one place.
  bool any(const Event& event) const {
    size_t slots = 64;
    while (slots < event.attr_count() * 2) slots *= 2;
    std::memset(slots_.get(), 0, slots * sizeof(uint16_t));
    for (size_t a = 0; a < event.attr_count(); ++a) {
      if (!insert(event, static_cast<uint16_t>(a), slots - 1)) return true;
    }
    return false;
  }

 private:
  static constexpr size_t kSlots = 2 * Event::kMaxAttrs;
  static constexpr size_t kProbesMax = 64;

  bool insert(const Event& event, uint16_t a, size_t mask) const {
    const std::string_view name = event.attrs()[a].name;
    size_t slot = hash(name);
    for (size_t probe = 0; probe < kProbesMax; ++probe, ++slot) {
      uint16_t& held = slots_[slot & mask];
      if (held == 0) return held = static_cast<uint16_t>(a + 1), true;
      if (event.attrs()[held - 1].name == name) return false;
    }
    return false;
  }
  static size_t hash(std::string_view name) {
    uint64_t h = name.size();
    size_t i = 0;
    for (uint64_t word; i + 8 <= name.size(); i += 8) {
      std::memcpy(&word, name.data() + i, 8);
      h = (h ^ word) * 0x9e3779b97f4a7c15ULL;
      h ^= h >> 29;
    }
    for (; i < name.size(); ++i) h = (h ^ static_cast<uint8_t>(name[i])) * 0x100000001b3ULL;
    return mix64(h);
  }

  std::unique_ptr<uint16_t[]> slots_;
};
static_assert(Event::kMaxAttrs < 65535);

}  // namespace penstock
