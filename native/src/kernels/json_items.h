// The names and values of one event in the order of a nested JSON object: what encode_json_event walks over.
#pragma once

#include "kernels/event.h"

#include <iterator>

namespace penstock {

/// How an item is written.
enum class JsonShape : uint8_t { kText, kRaw, kInt, kDouble, kBool, kNull, kDate, kId };

struct JsonItem {
  static constexpr uint16_t kNoId = 0xffff;

  std::string_view name;  ///< dotted
  std::string_view text;  ///< kText, kRaw
  union {
    int64_t i;            ///< kInt, kDate, kBool
    double d;
  };
  uint32_t order;         ///< place of the name among the names of all members and fields
  uint16_t id;            ///< of the name, when it is a member's or a field's; kNoId: an attribute
  JsonShape shape;
  bool repeated;          ///< of a repeated field: an array

  bool attr() const { return id == kNoId; }
};

/// Items an event can have: members, fields, marks, attributes.
inline constexpr size_t kJsonItemsMax = 16 + Event::kMaxFields + 2 * Event::kMaxMarks + Event::kMaxAttrs;

/// The members of Event in the JSON form.
enum class JsonMember : uint8_t { kTimestamp, kCreated, kId, kOriginal, kPeer, kMessage };
inline constexpr std::string_view kJsonMemberNames[] = {"@timestamp", "event.created", "event.id",
                                                        "event.original", "log.source.address", "message"};

/// Where an attribute's name belongs among those of members and fields, remembered: looking for it takes ten comparisons.
class JsonAttrOrders {
 public:
  uint32_t order(std::string_view name);

 private:
  static constexpr size_t kNames = 512;
  static constexpr size_t kNameMax = 55;
  struct Name {
    uint32_t order;
    uint8_t size = 0;  ///< 0: none
    char text[kNameMax];
  };
  Name names_[kNames];
};

/// Whether two items, neighbours in order, have one name.
inline bool same_name(const JsonItem& a, const JsonItem& b) {
  if (a.order != b.order) return false;
  return !a.attr() && a.id == b.id ? true : a.name == b.name;
}

/// Room used again for every event of a thread.
struct JsonScratch {
  JsonScratch();
  uint32_t member_order[std::size(kJsonMemberNames)];  ///< JsonItem::order
  JsonAttrOrders attr_orders;
  JsonItem items[kJsonItemsMax];
  uint64_t keys[kJsonItemsMax];
  const JsonItem* sorted[kJsonItemsMax];
  char error[128];  ///< kErrorMessageMax
};

struct JsonItems {
  const JsonItem** begin;
  const JsonItem** end;
};

/// The items of `event`, in `scratch`, sorted: names by segments ("a" before "a.b" before "a-b"); of one name, members and
/// fields first, each in the order of the encoded event.
JsonItems json_items(const Event& event, JsonScratch& scratch);

}  // namespace penstock
