// The order in which names come: a product writes its pairs in the same order event after event, so that the name which followed
// last time is the first to be compared, and what is known of it stands beside it.
#pragma once

#include <memory>

#include "packs/string_table.h"

namespace penstock::packs {

/// One a worker and plan: names mean something to the plan's packs.
class NameOrder {
 public:
  /// Names of at most so many bytes with their prefix are remembered.
  static constexpr size_t kTextMax = 64;
  /// What a name means to a pack: its variable, or that it has none, and the attribute it is else.
  struct Known {
    const PackRow* pack = nullptr;  ///< nullptr: nothing is remembered here
    Known* next = nullptr;          ///< what followed last time
    uint32_t var = kNone;
    uint8_t prefix = 0, name = 0;   ///< bytes of the pack's prefix, and of the name behind it
    uint8_t size = 0;               ///< of both
    char text[kTextMax];            ///< both; what is behind them may be read

    bool is(const PackRow& of, std::string_view other) const {
      return pack == &of && name == other.size() && same_bytes(text + prefix, other.data(), other.size());
    }
  };

  NameOrder() : known_(new Known[kNames]) { forget(); }
  void forget() {
    for (size_t i = 0; i < kNames; ++i) known_[i].pack = nullptr;
    for (Known*& first : first_) first = known_.get();
  }

  /// The names of one text, in their order. A local object whose address nobody is given: what the loop around it writes cannot have
  /// changed it.
  class Walk {
   public:
    /// `names`: the pack's variables; `prefix`: what stands before names that are attributes.
    Walk(NameOrder& order, const PackRow& pack, const StringTable& names, std::string_view prefix)
        : order_(order), next_(&order.first_[place(pack) % kFirsts]), pack_(pack), names_(names), prefix_(prefix) {}
    /// What is known of the name, until the next call. nullptr: it is too long to be remembered.
    [[gnu::always_inline]] const Known* find(std::string_view name) {
      Known* known = *next_;
      if (!known->is(pack_, name)) [[unlikely]] {
        known = order_.look_up(pack_, names_, prefix_, name);
        if (!known) return nullptr;
        *next_ = known;
      }
      next_ = &known->next;
      return known;
    }

   private:
    NameOrder& order_;
    Known** next_;
    const PackRow& pack_;
    const StringTable& names_;
    const std::string_view prefix_;
  };

 private:
  static constexpr size_t kNames = 512;  // 40 KiB: few products are read at a time
  static constexpr size_t kFirsts = 64;
  static constexpr size_t kNear = 8;     // places in which a name may be
  static size_t place(const PackRow& pack) { return static_cast<size_t>(reinterpret_cast<uintptr_t>(&pack) * 0x9e3779b97f4a7c15ULL >> 40); }
  /// Another name than the last time: it has its place, whatever came before it.
  [[gnu::noinline]] Known* look_up(const PackRow& pack, const StringTable& names, std::string_view prefix, std::string_view name) {
    if (name.size() + prefix.size() > kTextMax) return nullptr;
    const size_t home = StringTable::hash(name) + place(pack);
    Known* at = &known_[home % kNames];
    for (size_t i = 1; i < kNear && at->pack && !at->is(pack, name); ++i) at = &known_[(home + i) % kNames];
    if (at->is(pack, name)) return at;
    at->pack = &pack;
    at->next = at;
    at->var = names.find(name);
    at->prefix = static_cast<uint8_t>(prefix.size());
    at->name = static_cast<uint8_t>(name.size());
    at->size = static_cast<uint8_t>(prefix.size() + name.size());
    std::memcpy(at->text, prefix.data(), prefix.size());
    std::memcpy(at->text + prefix.size(), name.data(), name.size());
    return at;
  }

  std::unique_ptr<Known[]> known_;
  Known* first_[kFirsts];  ///< what a text of a pack began with last time
};

}  // namespace penstock::packs
