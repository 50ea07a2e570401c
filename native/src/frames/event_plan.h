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
    uint32_t places[2 * kSlotsMax + 2];  ///< of each slot that stands in the original: its begin and end there; then those of the original
    /// The priority last found at the beginning of an original, as its number is written: "<134>".
    struct {
      int64_t value = 0;
      uint64_t bytes = 0, mask = 0;  ///< a mask of 0: none yet
      uint32_t end = 0;              ///< of the digits
    } priority;
  };

  /// Of `event`, whose slots are `list`. `slots`, `pieces`: the columns of each.
  EventPlan(const Event& event, const SlotList& list, const Shape& shape, const std::vector<Target>& slots,
            const std::vector<TextColumn*>& pieces);

  /// Whether a list of its slots would be of the same shape, and stand in the same order in the original.
  bool matches(const Event& event, bool derives, TimeWriter& times, Match& match) const;
  /// Values of a matched event into their columns, all but its id.
  void append(const Event& event, const Match& match) const;

 private:
  /// Fields by what is to be done with them, so that no step asks which one it is. `offset`: of the entry among the event's fields or attributes,
  /// in bytes. What is compared and what is added are lists of their own: each is gone through once an event.
  struct TextCheck {
    uint32_t offset;
    uint16_t slot;
    bool stands, derived;  ///< derived: structured data, which the original has in another form
    bool structured;       ///< log.syslog.structured_data, in either
  };
  struct IntCheck {
    uint32_t offset;
    uint16_t slot;
    bool stands;
  };
  /// Of an attribute: what its LogEvent takes besides the text, or the number, where that is so small that all its lengths are one byte.
  struct AttrCheck {
    uint32_t offset;
    uint16_t slot;
    bool stands;
    uint8_t fixed, below;
  };
  struct TextStep {
    uint32_t offset;
    TextColumn* to;
  };
  struct NumberStep {
    uint32_t offset;
    ValueKind kind;  ///< bool and null are written as 0 and 1
    NumberColumn* to;
  };
  /// Of an attribute. `head`, `tail`: its first and last 8 bytes, of less 4, of less than 4 all of them are `head`.
  struct Name {
    uint64_t head, tail;
    uint32_t size;
    uint32_t middle;  ///< in middles_, of a name of more than 16 bytes: what stands between its words
    ValueKind kind;
  };
  /// A piece of the original between others: `begin` and `end` are indices of Match::places.
  struct PieceStep {
    uint16_t begin, end;
    TextColumn* to;
  };

  void plan_field(const Event& event, size_t entry, uint32_t key, uint16_t slot, const Target& to);
  void plan_attr(const Event& event, size_t entry, uint32_t key, uint16_t slot, const Target& to);
  bool has_fields_of(const Event& event) const;
  bool has_attrs(const AttrEntry* attr) const;
  bool priority_is_known(std::string_view original, int64_t value, Match& match) const;
  bool in_order(size_t original, Match& match) const;
  template <bool kOriginal> bool sizes_and_places(const Event& event, bool derives, Match& match) const;

  bool has_timestamp_, time_stands_, peer_, original_, message_, message_stands_;
  TimeForm time_;
  uint16_t time_slot_ = 0, message_slot_ = 0;
  size_t base_ = 0;  ///< of its size: what is the same for all
  Target created_{}, timestamp_{}, peer_to_{}, message_to_{};
  std::vector<EcsField> fields_;
  std::vector<TextCheck> texts_;
  bool has_priority_ = false;
  IntCheck priority_{};  ///< log.syslog.priority of an event that keeps its original; it is not among ints_
  std::vector<IntCheck> ints_;
  std::vector<AttrCheck> attr_texts_, attr_ints_;
  std::vector<TextStep> text_steps_, attr_text_steps_;  ///< of texts that are no pieces of the original
  std::vector<NumberStep> int_steps_, number_steps_, attr_int_steps_, attr_number_steps_;
  std::vector<Name> attrs_;
  std::string middles_;         ///< of long names, one after the other
  std::vector<PieceStep> pieces_;
};

}  // namespace penstock::frames
