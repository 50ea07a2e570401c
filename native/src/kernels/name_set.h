// The names met so far, to find one that comes twice. Bounded, on the stack, no work to construct.
#pragma once

#include "kernels/swar.h"

namespace penstock {

class NameSet {
 public:
  static constexpr unsigned kCapacity = 1024;
  static constexpr int kNew = -1, kFull = -2;

  void clear() { count_ = 0, bloom_ = 0; }
  unsigned count() const { return count_; }

  /// Index of the equal name added earlier, kNew after adding it, or kFull. Not empty; the 8 bytes before it are readable.
  int add(const char* name, uint32_t size) {
    const uint32_t hash = hash_of(name, size);
    const uint64_t bit = uint64_t{1} << (hash >> 26);
    if (bloom_ & bit || count_ >= kLinear) {
      const int known = find(name, size, hash);
      if (known != kNew) return known;
    }
    if (count_ == kCapacity) return kFull;
    bloom_ |= bit;
    names_[count_] = {name, size};
    if (count_ >= kLinear) insert_slot(hash);
    return ++count_, kNew;
  }

 private:
  static constexpr unsigned kLinear = 16;  // up to here names are compared one by one
  static constexpr unsigned kSlots = 4096;

  struct Name {
    const char* text;
    uint32_t size;
  };

  static uint32_t hash_of(const char* name, uint32_t size) {
    // The last eight bytes, those before the name shifted out, and the length.
    const unsigned before = size < 8 ? 64 - 8 * size : 0;
    return static_cast<uint32_t>(((load64(name + size - 8) >> before) + size) * 0x9e3779b97f4a7c15 >> 32);
  }
  bool equal(unsigned index, const char* name, uint32_t size) const {
    return names_[index].size == size && std::memcmp(names_[index].text, name, size) == 0;
  }
  int find(const char* name, uint32_t size, uint32_t hash) {
    if (count_ < kLinear) {
      for (unsigned i = 0; i < count_; ++i)
        if (equal(i, name, size)) return static_cast<int>(i);
      return kNew;
    }
    if (count_ == kLinear) {
      std::memset(slots_, 0xff, sizeof(slots_));
      for (unsigned i = 0; i < kLinear; ++i) place(i, hash_of(names_[i].text, names_[i].size));
    }
    for (unsigned slot = hash % kSlots;; slot = (slot + 1) % kSlots) {
      if (slots_[slot] == kEmpty) return kNew;
      if (equal(slots_[slot], name, size)) return slots_[slot];
    }
  }
  void insert_slot(uint32_t hash) { place(count_, hash); }
  void place(unsigned index, uint32_t hash) {
    unsigned slot = hash % kSlots;
    while (slots_[slot] != kEmpty) slot = (slot + 1) % kSlots;
    slots_[slot] = static_cast<uint16_t>(index);
  }

  static constexpr uint16_t kEmpty = 0xffff;
  unsigned count_ = 0;
  uint64_t bloom_ = 0;
  Name names_[kCapacity];
  uint16_t slots_[kSlots];
};

}  // namespace penstock
