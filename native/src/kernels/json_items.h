// The names and values of one event in the order of a nested JSON object: what encode_json_event walks over.
#pragma once

#include "kernels/event.h"

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
  JsonShape shape;
  bool repeated;          ///< of a repeated field: an array
  bool attr;
};

/// Items an event can have: members, fields, marks, attributes.
inline constexpr size_t kJsonItemsMax = 6 + Event::kMaxFields + 2 * Event::kMaxMarks + Event::kMaxAttrs;

/// Room used again for every event of a thread.
struct JsonScratch {
  JsonItem items[kJsonItemsMax];
  char error[128];  ///< kErrorMessageMax
};

/// Fills `scratch.items`, sorted: names by segments ("a" before "a.b" before "a-b"), values of one name by sequence.
/// Returns how many there are.
size_t json_items(const Event& event, JsonScratch& scratch);

}  // namespace penstock
