// The names and values of one event in the order of a nested JSON object: what encode_json_event walks over.
#pragma once

#include "kernels/event.h"

#include <iterator>

namespace penstock {

/// How an item is written.
enum class JsonShape : uint8_t { kText, kRaw, kInt, kDouble, kBool, kNull, kDate, kId };

struct JsonItem {
  std::string_view name;  ///< dotted
  std::string_view text;  ///< kText, kRaw
  union {
    int64_t i;            ///< kInt, kDate, kBool
    double d;
  };
  uint32_t sequence;      ///< place in the encoded event: of two values of one name, the last counts
  uint32_t order;         ///< of members and fields: place of the name among all their names
  JsonShape shape;
  bool repeated;          ///< of a repeated field: an array
  bool attr;
};

/// Items an event can have: members, fields, marks, attributes.
inline constexpr size_t kJsonItemsMax = 16 + Event::kMaxFields + 2 * Event::kMaxMarks + Event::kMaxAttrs;

/// The members of Event in the JSON form.
enum class JsonMember : uint8_t { kTimestamp, kCreated, kId, kOriginal, kPeer, kMessage };
inline constexpr std::string_view kJsonMemberNames[] = {"@timestamp", "event.created", "event.id",
                                                        "event.original", "log.source.address", "message"};

inline constexpr size_t kJsonFewItems = 64;

/// Room used again for every event of a thread.
struct JsonScratch {
  JsonScratch();
  uint32_t member_order[std::size(kJsonMemberNames)];  ///< JsonItem::order
  JsonItem items[kJsonItemsMax];
  JsonItem few[kJsonFewItems];
  char error[128];  ///< kErrorMessageMax
};

struct JsonItems {
  JsonItem* begin;
  JsonItem* end;
};

/// The items of `event`, in `scratch`, sorted: names by segments ("a" before "a.b" before "a-b"); of one name, members and
/// fields first, each in the order of the encoded event.
JsonItems json_items(const Event& event, JsonScratch& scratch);

}  // namespace penstock
