// The order in which names come: a product writes its pairs in the same order event after event, so that the name which followed
// last time is the first to be compared, and what is known of it stands beside it.
#pragma once

#include <memory>
#include <utility>

#include "packs/string_table.h"

namespace penstock::packs {

/// One a worker and plan: names mean something to the plan's packs.
class NameOrder {
 public:
  static constexpr uint16_t kNothing = 0xffff;
  /// What a name means to a pack: its variable, or that it has none, and the attribute it is else. A line of the cache each.
  struct alignas(64) Known {
    /// Names of at most so many bytes with their prefix are remembered.
    static constexpr size_t kTextMax = 46;
    Known* next;           ///< what followed last time
    uint32_t walk;         ///< the last in which it was an attribute
    uint16_t pack;         ///< kNothing: nothing is remembered here
    uint16_t var;          ///< kNothing: it has none
    uint8_t prefix, name;  ///< bytes of the pack's prefix, and of the name behind it
    char text[kTextMax];   ///< both; what is behind them may be read

    bool is(uint32_t of, std::string_view other) const {
      return pack == of && name == other.size() && same_bytes(text + prefix, other.data(), other.size());
    }
    size_t size() const { return size_t{prefix} + name; }
  };
  static_assert(sizeof(Known) == 64 && kPacksMax <= kNothing && kVarsMax <= kNothing);

  /// Walks are counted from one.
  NameOrder() : known_(new Known[kNames + 1]()) { forget(); }
  void forget() {
    for (size_t i = 0; i < kNames; ++i) known_[i].pack = kNothing;
    for (Known*& first : first_) first = known_.get();
  }

  /// The names of one text, in their order. A local object whose address nobody is given: what the loop around it writes cannot have
  /// changed it.
  class Walk {
   public:
    /// `names`: the variables of pack `pack`; `prefix`: what stands before names that are attributes.
    Walk(NameOrder& order, uint32_t pack, const StringTable& names, std::string_view prefix)
        : order_(order), next_(&order.first_[pack % kFirsts]), walk_(++order.walk_), pack_(pack), names_(names), prefix_(prefix) {}
    /// What is known of the name, until the next call. nullptr: it is too long to be remembered.
    [[gnu::always_inline]] Known* find(std::string_view name) {
      Known* known = *next_;
      if (!known->is(pack_, name)) [[unlikely]] {
        known = order_.look_up(pack_, names_, prefix_, name);
        if (!known) return nullptr;
        *next_ = known;
      }
      next_ = &known->next;
      return known;
    }
    /// The name becomes an attribute. Whether it did so before in this text; true, too, of names that are not remembered.
    bool repeats(Known* known) const { return !known || std::exchange(known->walk, walk_) == walk_; }

   private:
    NameOrder& order_;
    Known** next_;
    const uint32_t walk_, pack_;
    const StringTable& names_;
    const std::string_view prefix_;
  };

 private:
  static constexpr size_t kNames = 512;  // 32 KiB: few products are read at a time
  static constexpr size_t kFirsts = 64;
  static constexpr size_t kNear = 4;     // places in which a name may be
  /// Another name than the last time: it has its place, whatever came before it.
  [[gnu::noinline]] Known* look_up(uint32_t pack, const StringTable& names, std::string_view prefix, std::string_view name) {
    if (name.size() + prefix.size() > Known::kTextMax) return nullptr;
    const size_t home = StringTable::hash(name) + pack * 0x9e3779b1;
    Known* at = &known_[home % kNames];
    for (size_t i = 1; i < kNear && at->pack != kNothing && !at->is(pack, name); ++i) at = &known_[(home + i) % kNames];
    if (at->is(pack, name)) return at;
    at->pack = static_cast<uint16_t>(pack);
    at->next = at;  // `walk` stays: where a name of this text is forgotten, none tells any more whether it comes again
    const uint32_t var = names.find(name);
    at->var = var == kNone ? kNothing : static_cast<uint16_t>(var);
    at->prefix = static_cast<uint8_t>(prefix.size());
    at->name = static_cast<uint8_t>(name.size());
    std::memcpy(at->text, prefix.data(), prefix.size());
    std::memcpy(at->text + prefix.size(), name.data(), name.size());
    return at;
  }

  std::unique_ptr<Known[]> known_;  ///< one more than there are: texts are read as if they were longer
  uint32_t walk_ = 0;
  Known* first_[kFirsts];           ///< what a text of a pack began with last time
};

}  // namespace penstock::packs
