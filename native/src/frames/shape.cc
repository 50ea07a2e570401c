#include "frames/shape.h"

#include <algorithm>

#include "frames/event_plan.h"
#include "frames/words.h"
#include "kernels/event_marks.h"

namespace penstock::frames {
namespace {

constexpr uint32_t number(LogEventNumber n) { return static_cast<uint32_t>(n); }

Slot own_text(std::string_view text) { return {text, {}, 0, 0, 0}; }
Slot own_number(int64_t n) { return {{}, {}, n, 0, 0}; }

/// A text and where it stands in the original, if it does.
[[gnu::always_inline]] inline Slot text_slot(std::string_view text, std::string_view original) {
  Slot slot = own_text(text);
  stands_in(original, text, slot.begin, slot.end);
  return slot;
}

/// A whole number and where it stands in the original as its decimal digits.
[[gnu::always_inline]] inline Slot number_slot(int64_t n, std::string_view text, std::string_view original) {
  Slot slot = own_number(n);
  if (stands_in(original, text, slot.begin, slot.end) && !is_written_as(n, text)) slot.end = 0;
  return slot;
}

SlotKind kind_of_type(EcsType type) {
  if (type <= EcsType::kJson) return SlotKind::kBytes;
  if (type == EcsType::kInt) return SlotKind::kVarint;
  return type == EcsType::kBool ? SlotKind::kBool : SlotKind::kFixed64;
}

}  // namespace

bool is_written_as_any(int64_t n, std::string_view text) {
  char digits[20];
  size_t size = 0;
  uint64_t rest = n < 0 ? 0 - static_cast<uint64_t>(n) : static_cast<uint64_t>(n);
  do digits[19 - size++] = static_cast<char>('0' + rest % 10);
  while (rest /= 10);
  const std::string_view written = n < 0 ? text.substr(1) : text;
  return (n >= 0 || text[0] == '-') && written.size() == size && std::memcmp(written.data(), digits + 20 - size, size) == 0;
}

bool SlotList::fill(const Event& event, int32_t offset_s, TimeWriter& times) {
  count = 0;
  time_code = 0;
  time = {};
  if (event.field_count() + event.attr_count() > kSlotsMax - 6 - Event::kMaxMarks) return false;
  const std::string_view original = event.keep_original ? event.original : std::string_view();
  const int64_t ns = event.has_timestamp ? event.timestamp_ns : event.created_ns;
  add(number(LogEventNumber::kEventCreated), SlotKind::kFixed64, own_number(event.created_ns));
  add(number(LogEventNumber::kEventId), SlotKind::kBytes, own_text({}));
  Slot timestamp = event.has_timestamp ? text_slot(event.time_text, original) : own_text({});
  if (timestamp.end != 0) {
    time = form_of(event.time_text, ns, offset_s, times);
    time_code = time.code();
    if (time.kind == TimeForm::kNone) timestamp.end = 0;
  }
  timestamp.number = ns;
  add(number(LogEventNumber::kTimestamp), SlotKind::kFixed64, timestamp);
  if (!event.peer.empty()) add(number(LogEventNumber::kLogSourceAddress), SlotKind::kBytes, own_text(event.peer));
  if (event.keep_original) add(number(LogEventNumber::kEventOriginal), SlotKind::kBytes, own_text(original));
  if (event.message.data()) add(number(LogEventNumber::kMessage), SlotKind::kBytes, text_slot(event.message, original));
  const FieldEntry* fields = event.fields();
  for (size_t i = 0, n = event.field_count(); i < n; ++i) {
    if (fields[i].field == EcsField::kLogSyslogStructuredData && fill_structured_data(event, fields[i].value.text, original)) continue;
    fill_entry(fields[i], original);
  }
  const AttrEntry* attrs = event.attrs();
  for (size_t i = 0, n = event.attr_count(); i < n; ++i) fill_attr(attrs[i], original);
  if (event.problems != 0) fill_marks(event);
  return true;
}

[[gnu::always_inline]] inline void SlotList::fill_entry(const FieldEntry& entry, std::string_view original) {
  const EcsFieldInfo& field = kEcsFields[static_cast<size_t>(entry.field)];
  const SlotKind kind = kind_of_type(field.type);
  if (kind == SlotKind::kBytes) return add(field.number, kind, text_slot(entry.value.text, original));
  if (kind == SlotKind::kBool) return add(field.number, kind, own_number(entry.value.i != 0));
  if (kind != SlotKind::kVarint) return add(field.number, kind, own_number(entry.value.i));
  const std::string_view text =
      entry.field == EcsField::kLogSyslogPriority ? priority_text(original) : entry.value.text;
  add(field.number, kind, number_slot(entry.value.i, text, original));
}

/// False: the original does not have it in its plain form.
bool SlotList::fill_structured_data(const Event& event, std::string_view text, std::string_view original) {
  if (!derives || !event.structured_data.data() || text.data() != event.structured_data_json) return false;
  Slot slot = text_slot(event.structured_data, original);
  if (slot.end == 0) return false;
  slot.text = text;
  add(kEcsFields[static_cast<size_t>(EcsField::kLogSyslogStructuredData)].number, SlotKind::kBytes, slot);
  keys[count - 1] |= kDerived;
  return true;
}

void SlotList::fill_attr(const AttrEntry& attr, std::string_view original) {
  const Value& value = attr.value;
  Slot slot = own_number(0);
  SlotKind kind = SlotKind::kAttrNull;
  switch (value.kind) {
    case ValueKind::kString: kind = SlotKind::kAttrString, slot = text_slot(value.text, original); break;
    case ValueKind::kJson: kind = SlotKind::kAttrJson, slot = text_slot(value.text, original); break;
    case ValueKind::kInt64: kind = SlotKind::kAttrInt, slot = number_slot(value.i, value.text, original); break;
    case ValueKind::kDouble: kind = SlotKind::kAttrDouble, slot = own_number(value.i); break;
    case ValueKind::kBool: kind = SlotKind::kAttrBool, slot = own_number(value.i != 0); break;
    case ValueKind::kNull: break;
  }
  slot.name = attr.name;
  add(number(LogEventNumber::kAttrs), kind, slot);
}

void SlotList::fill_marks(const Event& event) {
  const auto field_number = [](EcsField field) { return uint32_t{kEcsFields[static_cast<size_t>(field)].number}; };
  for (uint64_t bits = event.problems & kDeviationMask; bits != 0; bits &= bits - 1)
    add(field_number(EcsField::kTags), SlotKind::kBytes, own_text(kProblemTable[std::countr_zero(bits)].label));
  if (!event.failed()) return;
  add(field_number(EcsField::kEventKind), SlotKind::kBytes, own_text(kPipelineError));
  static_assert(sizeof error_message >= kErrorMessageMax);
  const size_t size = penstock::error_message(event, error_message);
  add(field_number(EcsField::kErrorMessage), SlotKind::kBytes, own_text({error_message, size}));
}

Shape::Shape() = default;
Shape::~Shape() = default;

bool Shape::has_fields_of(const SlotList& list) const {
  if (keys.size() != list.count || time_code != list.time_code) return false;
  if (std::memcmp(keys.data(), list.keys, list.count * sizeof(uint32_t)) != 0) return false;
  for (size_t i = 0, name = 0; name < names.size(); ++i) {
    if (!is_attr(SlotList::kind_of(list.keys[i]))) continue;
    const std::string_view known = names[name++], other = list.slots[i].name;
    if (known.size() != other.size() || !equal_bytes(known.data(), other.data(), known.size())) return false;
  }
  return true;
}

uint64_t shape_hash(const SlotList& list, uint64_t seed) {
  uint64_t hash = mix64(seed ^ list.count ^ list.time_code);
  for (size_t i = 0; i < list.count; ++i) {
    hash = (hash ^ list.keys[i]) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29;
    const std::string_view name = list.slots[i].name;
    for (size_t at = 0; at < name.size(); at += 8) {
      uint64_t word = 0;
      std::memcpy(&word, name.data() + at, name.size() - at < 8 ? name.size() - at : 8);
      hash = mix64(hash ^ word);
    }
  }
  return mix64(hash ^ seed);
}

std::vector<Shape::Cut> cuts_of(const SlotList& list) {
  std::vector<uint16_t> standing;
  for (size_t i = 0; i < list.count; ++i)
    if (SlotList::stands(list.keys[i])) standing.push_back(static_cast<uint16_t>(i));
  const auto size = [&](const Shape::Cut& c) { return list.slots[c.slot].end - list.slots[c.slot].begin; };
  const auto at = [&](const Shape::Cut& c) { return c.is_end ? list.slots[c.slot].end : list.slots[c.slot].begin; };
  std::vector<Shape::Cut> cuts;
  for (const uint16_t slot : standing) {
    cuts.push_back({slot, false});
    cuts.push_back({slot, true});
  }
  // What holds another field begins before it and ends after it, also where they begin or end together.
  std::sort(cuts.begin(), cuts.end(), [&](const Shape::Cut& a, const Shape::Cut& b) {
    if (at(a) != at(b)) return at(a) < at(b);
    if (a.is_end != b.is_end) return a.is_end;
    if (size(a) != size(b)) return a.is_end ? size(a) < size(b) : size(a) > size(b);
    return a.is_end ? a.slot > b.slot : a.slot < b.slot;
  });
  return cuts;
}

}  // namespace penstock::frames
