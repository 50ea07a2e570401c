// The names of one object's properties, hashed: which of them a key is costs one comparison, however many there are.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "kernels/common.h"

namespace penstock::validation {

class NameTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  /// The names must outlive the table. False: one of them is there twice.
  bool build(std::vector<std::string_view> names) {
    names_ = std::move(names);
    longest_ = 0;
    mask_ = static_cast<uint32_t>(std::bit_ceil(2 * names_.size() + 1)) - 1;
    slots_.assign(mask_ + size_t{1}, Slot{});
    for (uint32_t k = 0; k < names_.size(); ++k) {
      const std::string_view name = names_[k];
      longest_ = std::max(longest_, name.size());
      const auto hash = static_cast<uint32_t>(hash_of(name));
      uint32_t at = hash & mask_;
      for (; slots_[at].place != 0; at = (at + 1) & mask_)
        if (slots_[at].hash == hash && names_[slots_[at].place - 1] == name) return false;
      slots_[at] = {hash, k + 1};
    }
    return true;
  }

  /// The place of `key` among the names, or kNone. A key longer than all of them is not read.
  uint32_t find(std::string_view key) const {
    if (key.size() > longest_) return kNone;
    const auto hash = static_cast<uint32_t>(hash_of(key));
    for (uint32_t at = hash & mask_; slots_[at].place != 0; at = (at + 1) & mask_)
      if (slots_[at].hash == hash && names_[slots_[at].place - 1] == key) return slots_[at].place - 1;
    return kNone;
  }

 private:
  struct Slot {
    uint32_t hash = 0;
    uint32_t place = 0;  ///< and one; 0: free
  };

  static uint64_t hash_of(std::string_view name) {
    uint64_t h = name.size() * 0x9e3779b97f4a7c15ULL;
    const char* p = name.data();
    size_t left = name.size();
    for (; left > 8; p += 8, left -= 8) {
      uint64_t part;
      std::memcpy(&part, p, 8);
      h = std::rotl((h ^ part) * 0xc2b2ae3d27d4eb4fULL, 31);
    }
    uint64_t part = 0;
    if (left == 8) std::memcpy(&part, p, 8);
    else for (size_t i = 0; i < left; ++i) part |= uint64_t{static_cast<uint8_t>(p[i])} << 8 * i;
    return mix64((h ^ part) * 0xc2b2ae3d27d4eb4fULL);
  }

  std::vector<std::string_view> names_;
  std::vector<Slot> slots_;  ///< a power of two, at most half full
  size_t longest_ = 0;
  uint32_t mask_ = 0;
};

}  // namespace penstock::validation
