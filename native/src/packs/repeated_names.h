// A text that says a name more than once: its values become one list.
#pragma once

#include "kernels/event.h"

namespace penstock::packs {

class RepeatedNames {
 public:
  RepeatedNames() : places_(new Place[Event::kMaxAttrs]), slots_(new uint16_t[kSlots]) {}

  /// Of the attributes from `first` on, those that are texts and have one name become one, a JSON array of their values in order, in
  /// the place of the first. Where the arena has no room for the array they stay as they are, noted. Time linear in their number.
  void join(Event& event, size_t first, Arena& arena);

 private:
  static constexpr size_t kSlots = 2 * Event::kMaxAttrs;
  /// Names crowded by who chose them are left as they are, rather than searched for long.
  static constexpr size_t kProbesMax = 64;
  static constexpr uint16_t kNone = 0xffff;
  static_assert(Event::kMaxAttrs < kNone);
  struct Place {
    uint16_t next;  ///< the attribute of the same name behind this one
    uint16_t last;  ///< of a first one: the last of its name
    bool again;     ///< there is one of the name before it
  };

  bool link(const Event& event, size_t first);
  bool write(Event& event, size_t first, size_t head, Arena& arena);

  std::unique_ptr<Place[]> places_;
  std::unique_ptr<uint16_t[]> slots_;
};

}  // namespace penstock::packs
