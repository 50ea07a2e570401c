#include "kernels/json_items.h"

#include <algorithm>
#include <bit>

#include "kernels/event_marks.h"

namespace penstock {
namespace {

static_assert(sizeof(JsonScratch::error) == kErrorMessageMax);

/// Byte of a name with '.' below every other.
int rank(char c) { return c == '.' ? -1 : static_cast<uint8_t>(c); }

/// Names by segments: below 0 when `a` comes first.
int compare_names(std::string_view a, std::string_view b) {
  const size_t common = std::min(a.size(), b.size());
  for (size_t i = 0; i < common; ++i) {
    if (a[i] != b[i]) return rank(a[i]) - rank(b[i]);
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

bool before(const JsonItem& a, const JsonItem& b) {
  const int names = compare_names(a.name, b.name);
  return names != 0 ? names < 0 : a.sequence < b.sequence;
}

JsonShape shape_of(EcsType type, const Value& value) {
  switch (type) {
    case EcsType::kString:
    case EcsType::kIp: return JsonShape::kText;
    case EcsType::kJson: return value.kind == ValueKind::kJson ? JsonShape::kRaw : JsonShape::kText;
    case EcsType::kInt: return JsonShape::kInt;
    case EcsType::kDouble: return JsonShape::kDouble;
    case EcsType::kBool: return JsonShape::kBool;
    case EcsType::kDate: return JsonShape::kDate;
  }
  return JsonShape::kNull;
}

JsonShape shape_of(const Value& value) {
  switch (value.kind) {
    case ValueKind::kString: return JsonShape::kText;
    case ValueKind::kInt64: return JsonShape::kInt;
    case ValueKind::kDouble: return JsonShape::kDouble;
    case ValueKind::kBool: return JsonShape::kBool;
    case ValueKind::kNull: return JsonShape::kNull;
    case ValueKind::kJson: return JsonShape::kRaw;
  }
  return JsonShape::kNull;
}

class Items {
 public:
  explicit Items(JsonScratch& scratch) : scratch_(scratch) {}
  size_t count() const { return count_; }

  void member(JsonMember member, JsonShape shape, std::string_view text, int64_t i) {
    const auto index = static_cast<size_t>(member);
    add(kJsonMemberNames[index], text, i, scratch_.member_order[index], shape, false, false);
  }
  void field(EcsField field, const Value& value) {
    const auto index = static_cast<size_t>(field);
    const EcsFieldInfo& about = kEcsFields[index];
    add(about.name, value.text, value.i, order_of(index), shape_of(about.type, value), about.repeated, false);
  }
  void attr(const AttrEntry& attr) {
    add(attr.name, attr.value.text, attr.value.i, 0, shape_of(attr.value), false, true);
  }
  /// Odd, so that members find room between the fields.
  static uint32_t order_of(size_t field) { return static_cast<uint32_t>(2 * field + 1); }

 private:
  /// Each part straight to its place: a temporary copied at once would wait for its own stores.
  void add(std::string_view name, std::string_view text, int64_t i, uint32_t order, JsonShape shape, bool repeated, bool attr) {
    JsonItem& item = scratch_.items[count_];
    item.name = name;
    item.text = text;
    item.i = i;
    item.sequence = static_cast<uint32_t>(count_++);
    item.order = order;
    item.shape = shape;
    item.repeated = repeated;
    item.attr = attr;
  }

  JsonScratch& scratch_;
  size_t count_ = 0;
};

/// Few items, all of them of the table: numbers are sorted, not names, and each item is moved once.
JsonItems sort_few(JsonScratch& scratch, size_t count) {
  uint64_t keys[kJsonFewItems];
  for (size_t i = 0; i < count; ++i) {
    const uint64_t key = uint64_t{scratch.items[i].order} << 32 | i;
    size_t place = i;
    for (; place > 0 && keys[place - 1] > key; --place) keys[place] = keys[place - 1];
    keys[place] = key;
  }
  for (size_t i = 0; i < count; ++i) scratch.few[i] = scratch.items[keys[i] & 0xffffffff];
  return {scratch.few, scratch.few + count};
}

}  // namespace

JsonScratch::JsonScratch() {
  for (size_t i = 0; i < std::size(kJsonMemberNames); ++i) {
    size_t field = 0;
    while (field < static_cast<size_t>(EcsField::kCount) && compare_names(kEcsFields[field].name, kJsonMemberNames[i]) < 0) ++field;
    member_order[i] = Items::order_of(field) - 1;
  }
}

JsonItems json_items(const Event& event, JsonScratch& scratch) {
  Items items(scratch);
  items.member(JsonMember::kTimestamp, JsonShape::kDate, {}, event.has_timestamp ? event.timestamp_ns : event.created_ns);
  items.member(JsonMember::kCreated, JsonShape::kDate, {}, event.created_ns);
  items.member(JsonMember::kId, JsonShape::kId, {}, 0);
  if (event.keep_original) items.member(JsonMember::kOriginal, JsonShape::kText, event.original, 0);
  if (!event.peer.empty()) items.member(JsonMember::kPeer, JsonShape::kText, event.peer, 0);
  if (event.message.data()) items.member(JsonMember::kMessage, JsonShape::kText, event.message, 0);
  for (size_t i = 0; i < event.field_count(); ++i) items.field(event.fields()[i].field, event.fields()[i].value);
  for (uint64_t bits = event.problems & kDeviationMask; bits != 0; bits &= bits - 1) {
    items.field(EcsField::kTags, Value::of_string(kProblemTable[std::countr_zero(bits)].label));
  }
  if (event.failed()) {
    items.field(EcsField::kEventKind, Value::of_string(kPipelineError));
    items.field(EcsField::kErrorMessage, Value::of_string({scratch.error, error_message(event, scratch.error)}));
  }
  if (event.attr_count() == 0 && items.count() <= kJsonFewItems) return sort_few(scratch, items.count());
  for (size_t i = 0; i < event.attr_count(); ++i) items.attr(event.attrs()[i]);
  std::sort(scratch.items, scratch.items + items.count(), before);
  return {scratch.items, scratch.items + items.count()};
}

}  // namespace penstock
