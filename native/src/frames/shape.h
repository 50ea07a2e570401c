// The shape of an event: which fields it has, in which order, and which of them are parts of its original. Events of one shape
// differ only in the values of columns.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "frames/digits.h"
#include "frames/format.h"
#include "frames/time_text.h"
#include "kernels/event.h"

namespace penstock::frames {

class EventPlan;

inline constexpr size_t kSlotsMax = 256;

/// A field of one event on its way into columns. `begin` to `end`: where it stands in the original; end 0: nowhere.
struct Slot {
  std::string_view text;
  std::string_view name;  ///< of an attribute
  int64_t number;
  uint32_t begin, end;
};

/// One event taken apart, in the order of its LogEvent.
struct SlotList {
  Slot slots[kSlotsMax];
  uint32_t keys[kSlotsMax];  ///< number, kind, whether it is made of what stands in the original, whether it stands there
  size_t count = 0;
  uint64_t time_code = 0;    ///< how the timestamp stands in the original
  TimeForm time;
  char error_message[128];   ///< text of a mark

  static constexpr uint32_t kDerived = 1 << 5;
  static uint32_t number_of(uint32_t key) { return key >> 8; }
  /// The original has the slot's text in another form: structured data.
  static bool derived(uint32_t key) { return key & kDerived; }
  static SlotKind kind_of(uint32_t key) { return static_cast<SlotKind>(key >> 1 & 15); }
  static bool stands(uint32_t key) { return key & 1; }

  /// Takes `event` apart; false when it has more fields than fit. `offset_s`: zone of times that name none.
  bool fill(const Event& event, int32_t offset_s, TimeWriter& times);
  bool derives = true;  ///< whether structured data is taken from its JSON; not where other fields are parts of it

 private:
  void fill_entry(const FieldEntry& entry, std::string_view original);
  bool fill_structured_data(const Event& event, std::string_view text, std::string_view original);
  void fill_attr(const AttrEntry& attr, std::string_view original);
  void fill_marks(const Event& event);
  [[gnu::always_inline]] void add(uint32_t number, SlotKind kind, const Slot& slot) {
    slots[count] = slot;
    keys[count++] = number << 8 | static_cast<uint32_t>(kind) << 1 | (slot.end != 0);
  }
};

struct Shape {
  /// An end of a slot's place in the original: what cuts it into pieces.
  struct Cut {
    uint16_t slot;
    bool is_end;
  };
  struct SlotPlan {
    SlotSource source;
    uint32_t column;        ///< kColumn
    uint16_t first, count;  ///< kPieces
  };
  struct PiecePlan {
    bool own;         ///< has a column of its own; else it is the value of `slot`
    uint32_t column;
    uint16_t slot;
  };

  std::vector<uint32_t> keys;
  std::vector<std::string> names;  ///< of the attributes, in order
  uint64_t time_code = 0;
  TimeForm time;
  std::vector<Cut> cuts;
  std::vector<SlotPlan> slots;
  std::vector<PiecePlan> pieces;   ///< one more than cuts; empty without original
  uint32_t in_frame = UINT32_MAX;  ///< its number in the frame under construction
  std::unique_ptr<EventPlan> plan;  ///< nullptr: its events are taken apart
  Shape* after = this;             ///< of the event that came after the last one of this shape

  Shape();
  ~Shape();

  /// Whether the event has these fields in this order (not yet: at these places).
  bool has_fields_of(const SlotList& list) const;
  /// Cuts an original of `size` bytes: `bounds` gets pieces.size() + 1 offsets. False: its fields stand in another order.
  [[gnu::always_inline]] bool cut(const SlotList& list, size_t size, uint32_t* bounds) const {
    uint32_t before = bounds[0] = 0;
    for (size_t i = 0; i < cuts.size(); ++i) {
      const Slot& slot = list.slots[cuts[i].slot];
      const uint32_t at = cuts[i].is_end ? slot.end : slot.begin;
      if (at < before) return false;
      bounds[i + 1] = before = at;
    }
    bounds[cuts.size() + 1] = static_cast<uint32_t>(size);
    return true;
  }
};

/// Where a text stands in the original, if it is a part of that; else `end` is 0.
[[gnu::always_inline]] inline bool stands_in(std::string_view original, std::string_view text, uint32_t& begin, uint32_t& end) {
  const uintptr_t at = reinterpret_cast<uintptr_t>(text.data()) - reinterpret_cast<uintptr_t>(original.data());
  const bool stands = at < original.size() && !text.empty() && text.size() <= original.size() - at;
  begin = stands ? static_cast<uint32_t>(at) : 0;
  end = stands ? static_cast<uint32_t>(at + text.size()) : 0;
  return stands;
}

/// Whether a text that is not empty (8 bytes behind it are readable) is `n` in decimal, as one writes it.
bool is_written_as_any(int64_t n, std::string_view text);
[[gnu::always_inline]] inline bool is_written_as(int64_t n, std::string_view text) {
  uint64_t value;
  if (n < 0 || text.size() > 8) [[unlikely]] return is_written_as_any(n, text);
  return few_digits(text.data(), text.size(), value) && value == static_cast<uint64_t>(n) && (text.size() == 1 || text[0] != '0');
}

/// The digits of "<134>".
[[gnu::always_inline]] inline std::string_view priority_text(std::string_view original) {
  if (original.empty() || original[0] != '<') return {};
  const size_t most = original.size() < 5 ? original.size() : 5;
  for (size_t end = 1; end < most; ++end)
    if (original[end] == '>') return original.substr(1, end - 1);
  return {};
}

/// Equal for events of one shape. Keyed: senders cannot make shapes collide.
uint64_t shape_hash(const SlotList& list, uint64_t seed);

/// The cuts of a new shape, in order.
std::vector<Shape::Cut> cuts_of(const SlotList& list);

}  // namespace penstock::frames
