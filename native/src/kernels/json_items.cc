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

/// Odd, so that members and attributes find room between the fields.
uint32_t order_of(size_t field) { return static_cast<uint32_t>(2 * field + 1); }

/// The place of a name that is no field's: before the first field whose name comes after it.
uint32_t order_between(std::string_view name) {
  size_t low = 0, high = static_cast<size_t>(EcsField::kCount);
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (compare_names(kEcsFields[middle].name, name) < 0) low = middle + 1;
    else high = middle;
  }
  if (low < static_cast<size_t>(EcsField::kCount) && kEcsFields[low].name == name) return order_of(low);
  return order_of(low) - 1;
}

class Items {
 public:
  explicit Items(JsonScratch& scratch) : scratch_(scratch) {}
  size_t count() const { return count_; }

  void member(JsonMember member, JsonShape shape, std::string_view text, int64_t i) {
    const auto index = static_cast<size_t>(member);
    const auto id = static_cast<uint16_t>(static_cast<size_t>(EcsField::kCount) + index);
    add(kJsonMemberNames[index], text, i, scratch_.member_order[index], id, shape, false);
  }
  void field(EcsField field, const Value& value) {
    const auto index = static_cast<size_t>(field);
    const EcsFieldInfo& about = kEcsFields[index];
    add(about.name, value.text, value.i, order_of(index), static_cast<uint16_t>(index), shape_of(about.type, value),
        about.repeated);
  }
  void attr(const AttrEntry& attr) {
    const uint32_t order = scratch_.attr_orders.order(attr.name);
    add(attr.name, attr.value.text, attr.value.i, order, JsonItem::kNoId, shape_of(attr.value), false);
  }

 private:
  /// Each part straight to its place: a temporary copied at once would wait for its own stores.
  void add(std::string_view name, std::string_view text, int64_t i, uint32_t order, uint16_t id, JsonShape shape, bool repeated) {
    JsonItem& item = scratch_.items[count_];
    item.name = name;
    item.text = text;
    item.i = i;
    item.order = order;
    item.id = id;
    item.shape = shape;
    item.repeated = repeated;
    scratch_.keys[count_] = uint64_t{order} << 32 | count_;
    ++count_;
  }

  JsonScratch& scratch_;
  size_t count_ = 0;
};

/// By the numbers; only attributes that belong between the same two fields are compared by name.
class KeysBefore {
 public:
  explicit KeysBefore(const JsonScratch& scratch) : items_(scratch.items) {}
  bool operator()(uint64_t a, uint64_t b) const {
    if (a >> 32 != b >> 32) return a < b;
    const JsonItem& first = items_[a & 0xffffffff];
    const JsonItem& second = items_[b & 0xffffffff];
    if (!first.attr() && !second.attr()) return a < b;
    const int names = compare_names(first.name, second.name);
    return names != 0 ? names < 0 : a < b;
  }

 private:
  const JsonItem* items_;
};

JsonItems sort_items(JsonScratch& scratch, size_t count) {
  constexpr size_t kFew = 64;
  uint64_t* const keys = scratch.keys;
  const KeysBefore before(scratch);
  if (count > kFew) {
    std::sort(keys, keys + count, before);
  } else {
    for (size_t i = 1; i < count; ++i) {
      const uint64_t key = keys[i];
      size_t place = i;
      for (; place > 0 && before(key, keys[place - 1]); --place) keys[place] = keys[place - 1];
      keys[place] = key;
    }
  }
  for (size_t i = 0; i < count; ++i) scratch.sorted[i] = &scratch.items[keys[i] & 0xffffffff];
  return {scratch.sorted, scratch.sorted + count};
}

}  // namespace

uint32_t JsonAttrOrders::order(std::string_view name) {
  if (name.empty() || name.size() > kNameMax) return order_between(name);
  uint64_t hash = name.size();
  for (size_t i = 0; i < name.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, name.data() + i, std::min<size_t>(8, name.size() - i));
    hash = mix64(hash ^ word);
  }
  Name& known = names_[hash % kNames];
  if (known.size != name.size() || std::memcmp(known.text, name.data(), name.size()) != 0) {
    known.order = order_between(name);
    known.size = static_cast<uint8_t>(name.size());
    std::memcpy(known.text, name.data(), name.size());
  }
  return known.order;
}

JsonScratch::JsonScratch() {
  for (size_t i = 0; i < std::size(kJsonMemberNames); ++i) member_order[i] = order_between(kJsonMemberNames[i]);
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
  for (size_t i = 0; i < event.attr_count(); ++i) items.attr(event.attrs()[i]);
  return sort_items(scratch, items.count());
}

}  // namespace penstock
