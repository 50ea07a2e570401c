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
  enum class Way : uint8_t { kText, kStructuredData, kInt, kPriority, kBool, kFixed };
  struct Field {
    EcsField field;
    Way way;
    bool stands;
    uint16_t slot;
    Target to;
  };
  struct Attr {
    ValueKind kind;
    bool stands;
    uint16_t slot;
    std::string name;
    Target to;
  };
  struct PieceColumn {
    uint32_t piece;
    TextColumn* to;
  };

  bool has_timestamp_, time_stands_, peer_, original_, message_, message_stands_;
  TimeForm time_;
  uint16_t time_slot_ = 0, message_slot_ = 0;
  size_t base_ = 0;  ///< of its size: what is the same for all
  Target created_{}, timestamp_{}, peer_to_{}, message_to_{};
  std::vector<Field> fields_;
  std::vector<Attr> attrs_;
  std::vector<uint16_t> cuts_;  ///< indices of Match::places
  std::vector<PieceColumn> pieces_;
};

}  // namespace penstock::frames
