#include "kernels/json_items.h"

#include <algorithm>
#include <bit>

#include "kernels/event_marks.h"

namespace penstock {
namespace {

static_assert(sizeof(JsonScratch::error) == kErrorMessageMax);

class Items {
 public:
  explicit Items(JsonItem* items) : items_(items) {}
  size_t count() const { return count_; }

  void text(std::string_view name, std::string_view text) { add(name, JsonShape::kText).text = text; }
  void date(std::string_view name, int64_t ns) { add(name, JsonShape::kDate).i = ns; }
  void id(std::string_view name) { add(name, JsonShape::kId); }

  void entry(EcsField field, const Value& value) {
    const EcsFieldInfo& about = kEcsFields[static_cast<size_t>(field)];
    JsonItem& item = add(about.name, shape_of(about.type, value));
    item.repeated = about.repeated;
    item.text = value.text;
    item.i = value.i;
  }
  void attr(const AttrEntry& attr) {
    JsonItem& item = add(attr.name, shape_of(attr.value));
    item.attr = true;
    item.text = attr.value.text;
    item.i = attr.value.i;
  }

 private:
  JsonItem& add(std::string_view name, JsonShape shape) {
    JsonItem& item = items_[count_];
    item = {.name = name, .text = {}, .i = 0, .sequence = static_cast<uint32_t>(count_), .shape = shape, .repeated = false, .attr = false};
    ++count_;
    return item;
  }
  static JsonShape shape_of(EcsType type, const Value& value) {
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
  static JsonShape shape_of(const Value& value) {
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

  JsonItem* items_;
  size_t count_ = 0;
};

/// Byte of a name with '.' below every other.
int rank(char c) { return c == '.' ? -1 : static_cast<uint8_t>(c); }

bool before(const JsonItem& a, const JsonItem& b) {
  const size_t common = std::min(a.name.size(), b.name.size());
  for (size_t i = 0; i < common; ++i) {
    if (a.name[i] != b.name[i]) return rank(a.name[i]) < rank(b.name[i]);
  }
  if (a.name.size() != b.name.size()) return a.name.size() < b.name.size();
  return a.sequence < b.sequence;
}

}  // namespace

size_t json_items(const Event& event, JsonScratch& scratch) {
  Items items(scratch.items);
  items.date("@timestamp", event.has_timestamp ? event.timestamp_ns : event.created_ns);
  items.date("event.created", event.created_ns);
  items.id("event.id");
  if (!event.peer.empty()) items.text("log.source.address", event.peer);
  if (event.keep_original) items.text("event.original", event.original);
  if (event.message.data()) items.text("message", event.message);
  for (size_t i = 0; i < event.field_count(); ++i) items.entry(event.fields()[i].field, event.fields()[i].value);
  for (uint64_t bits = event.problems & kDeviationMask; bits != 0; bits &= bits - 1) {
    items.entry(EcsField::kTags, Value::of_string(kProblemTable[std::countr_zero(bits)].label));
  }
  if (event.failed()) {
    items.entry(EcsField::kEventKind, Value::of_string(kPipelineError));
    items.entry(EcsField::kErrorMessage, Value::of_string({scratch.error, error_message(event, scratch.error)}));
  }
  for (size_t i = 0; i < event.attr_count(); ++i) items.attr(event.attrs()[i]);
  std::sort(scratch.items, scratch.items + items.count(), before);
  return items.count();
}

}  // namespace penstock
