// Strings to numbers: open addressing, built once, read without writing. For names, programs and values of packs.
#pragma once

#include <cstring>
#include <string_view>
#include <vector>

#include "kernels/common.h"
#include "packs/plan_rows.h"
#include "packs/same_bytes.h"

namespace penstock::packs {

class StringTable {
 public:
  void reserve(size_t count) {
    size_t size = 4;
    while (size < count * 2) size *= 2;
    slots_.assign(size, Slot{});
  }
  /// `text` must outlive the table; the first of equal texts counts. At most as many as were reserved for.
  void add(std::string_view text, uint32_t value) {
    for (size_t i = hash(text);; ++i) {
      Slot& slot = slots_[i & (slots_.size() - 1)];
      if (slot.value == kNone) {
        slot = {text, value};
        return;
      }
      if (slot.text == text) return;
    }
  }
  struct Slot {
    std::string_view text;
    uint32_t value = kNone;
  };
  /// kNone: not in it.
  uint32_t find(std::string_view text) const {
    const Slot* const slot = find_slot(text);
    return slot ? slot->value : kNone;
  }
  /// nullptr, or one without a value: not in it.
  const Slot* find_slot(std::string_view text) const {
    if (slots_.empty()) return nullptr;
    for (size_t i = hash(text);; ++i) {
      const Slot& slot = slots_[i & (slots_.size() - 1)];
      if (slot.value == kNone || (slot.text.size() == text.size() && same_bytes(slot.text.data(), text.data(), text.size()))) return &slot;
    }
  }

  /// Its ends and its size: what is alike in those is told apart by the comparison.
  static size_t hash(std::string_view text) {
    const size_t size = text.size();
    uint64_t head = 0, tail = 0;
    if (size >= 8) {
      std::memcpy(&head, text.data(), 8);
      std::memcpy(&tail, text.data() + size - 8, 8);
    } else if (size >= 4) {
      std::memcpy(&head, text.data(), 4);
      std::memcpy(&tail, text.data() + size - 4, 4);
    } else if (size > 0) {
      head = static_cast<uint8_t>(text[0]) | uint64_t{static_cast<uint8_t>(text[size / 2])} << 8 |
             uint64_t{static_cast<uint8_t>(text[size - 1])} << 16;
    }
    return static_cast<size_t>(((head ^ size) * 0x9e3779b97f4a7c15ULL + tail * 0xc2b2ae3d27d4eb4fULL) >> 32);
  }

 private:
  std::vector<Slot> slots_;
};

}  // namespace penstock::packs
