// The order in which names come: a product writes its pairs in the same order event after event, so that the name which followed
// last time is the first to be compared.
#pragma once

#include <memory>

#include "packs/string_table.h"

namespace penstock::packs {

/// One a worker and plan: it refers to the plan's tables.
class NameOrder {
  static constexpr size_t kNames = 512;  // 8 KiB: few products are read at a time
  struct Next {
    const void* after = nullptr;  ///< a slot, or the table: the first name of a text
    const StringTable::Slot* slot = nullptr;
  };
  static size_t place(const void* last) {
    return static_cast<size_t>(reinterpret_cast<uintptr_t>(last) * 0x9e3779b97f4a7c15ULL >> 55);
  }
  /// Names are short: the first and the last bytes are mostly all of them. Nothing is read beyond them: a block's own names have no padding.
  static bool same(std::string_view known, std::string_view name) {
    const size_t size = name.size();
    if (known.size() != size) return false;
    if (size > 16) return std::memcmp(known.data(), name.data(), size) == 0;
    if (size >= 8) return ends_alike<uint64_t>(known, name);
    if (size >= 4) return ends_alike<uint32_t>(known, name);
    return known[0] == name[0] && known[size / 2] == name[size / 2] && known[size - 1] == name[size - 1];
  }
  template <class Word>
  static bool ends_alike(std::string_view a, std::string_view b) {
    const auto word = [](const char* p) {
      Word out;
      std::memcpy(&out, p, sizeof out);
      return out;
    };
    const size_t last = a.size() - sizeof(Word);
    return word(a.data()) == word(b.data()) && word(a.data() + last) == word(b.data() + last);
  }

 public:
  NameOrder() : next_(new Next[kNames]) {}
  void forget() {
    for (size_t i = 0; i < kNames; ++i) next_[i] = Next{};
  }
  /// The names of one text, in their order. A local object: what the loop around it writes cannot have changed it.
  class Walk {
   public:
    Walk(NameOrder& order, const StringTable& table) : next_(order.next_.get()), table_(table), last_(&table) {}
    /// As `StringTable::find`.
    uint32_t find(std::string_view name) {
      Next& next = next_[place(last_)];
      if (next.after != last_ || !same(next.slot->text, name)) [[unlikely]] {
        const StringTable::Slot* const slot = table_.find_slot(name);
        if (!slot || slot->value == kNone) return kNone;
        next = {last_, slot};
      }
      const StringTable::Slot* const slot = next.slot;
      last_ = slot;
      return slot->value;
    }

   private:
    Next* const next_;
    const StringTable& table_;
    const void* last_;
  };

 private:
  std::unique_ptr<Next[]> next_;
};

}  // namespace penstock::packs
