// The quick way of an event into the columns of a known shape. Most events look like the one before: a comparison field by field says so, and
// their values go into their columns from where the parser left them.
#pragma once

#include <string>
#include <vector>

#include "frames/columns.h"
#include "frames/shape.h"

namespace penstock::frames {

class EventPlan {
 public:
  /// Where the values of a slot go; both nullptr: nowhere, they are pieces of the original.
  struct Target {
    TextColumn* text;
    NumberColumn* number;
  };
  /// An event just matched, on its way into columns.
  struct Match {
    size_t size;              ///< as a LogEvent
    uint32_t places[2 * kSlotsMax];  ///< of each slot that stands in the original: its begin and end there
  };

  /// Of `event`, whose slots are `list`. `slots`, `pieces`: the columns of each.
  EventPlan(const Event& event, const SlotList& list, const Shape& shape, const std::vector<Target>& slots,
            const std::vector<TextColumn*>& pieces);

  /// Whether a list of its slots would be of the same shape, but for the order in which they stand in the original; see `cut`.
  bool matches(const Event& event, bool derives, TimeWriter& times, Match& match) const;
  /// As Shape::cut.
  [[gnu::always_inline]] bool cut(const Match& match, size_t size, uint32_t* bounds) const {
    uint32_t before = bounds[0] = 0;
    bool ordered = true;
    for (size_t i = 0; i < cuts_.size(); ++i) {
      const uint32_t at = match.places[cuts_[i]];
      ordered &= at >= before;
      bounds[i + 1] = before = at;
    }
    bounds[cuts_.size() + 1] = static_cast<uint32_t>(size);
    return ordered;
  }
  /// Values of a matched event into their columns, all but its id.
  void append(const Event& event, const uint32_t* bounds) const;

 private:
  /// Fields by what is to be done with them, so that no step asks which one it is. `entry`: index among the event's fields or attributes.
  struct TextStep {
    uint16_t entry, slot;
    bool stands, derived;  ///< derived: structured data, which the original has in another form
    TextColumn* to;        ///< nullptr: it is made of pieces of the original
  };
  struct IntStep {
    uint16_t entry, slot;
    bool stands, priority;
    NumberColumn* to;
  };
  struct NumberStep {
    uint16_t entry;
    ValueKind kind;  ///< bool and null are written as 0 and 1
    NumberColumn* to;
  };
  /// Of an attribute: what its LogEvent takes besides the text, or the number, where that is so small that all its lengths are one byte.
  struct AttrSize {
    uint32_t fixed, below;
  };
  struct Name {
    uint32_t at, size;  ///< in names_
    ValueKind kind;
  };
  struct PieceColumn {
    uint32_t piece;
    TextColumn* to;
  };

  void plan_field(const Event& event, size_t entry, uint32_t key, uint16_t slot, const Target& to);
  void plan_attr(const AttrEntry& attr, size_t entry, uint32_t key, uint16_t slot, const Target& to);
  bool has_fields_of(const Event& event) const;
  template <bool kOriginal> bool sizes_and_places(const Event& event, bool derives, Match& match) const;

  bool has_timestamp_, time_stands_, peer_, original_, message_, message_stands_;
  TimeForm time_;
  uint16_t time_slot_ = 0, message_slot_ = 0;
  size_t base_ = 0;  ///< of its size: what is the same for all
  Target created_{}, timestamp_{}, peer_to_{}, message_to_{};
  std::vector<EcsField> fields_;
  std::vector<TextStep> texts_, attr_texts_;
  std::vector<IntStep> ints_, attr_ints_;
  std::vector<NumberStep> numbers_, attr_numbers_;
  std::vector<AttrSize> attr_text_sizes_, attr_int_sizes_;
  std::vector<Name> attrs_;
  std::string names_;           ///< of the attributes, one after the other
  std::vector<uint16_t> cuts_;  ///< indices of Match::places
  std::vector<PieceColumn> pieces_;
};

}  // namespace penstock::frames
