#include "frames/event_plan.h"

#include <algorithm>

#include "frames/words.h"
#include "kernels/log_event_writer.h"

namespace penstock::frames {
namespace {

/// Of the original as a whole, in Match::places.
constexpr uint16_t kOriginalPlace = 2 * kSlotsMax;

/// Whether `text`, of log.syslog.structured_data, is what the original has in its plain form.
bool is_structured_data(const Event& event, std::string_view text, bool derives) {
  return derives && event.structured_data.data() && text.data() == event.structured_data_json;
}

/// Whether the text stands in the original, or does not, as it is known to; where it stands goes to `place`. As stands_in otherwise.
[[gnu::always_inline]] inline bool stands_as_known(std::string_view original, std::string_view text, bool stands, uint32_t* place) {
  const uintptr_t at = reinterpret_cast<uintptr_t>(text.data()) - reinterpret_cast<uintptr_t>(original.data());
  const bool does = text.size() - 1 < original.size() && at <= original.size() - text.size();
  if (does != stands) return false;
  place[0] = static_cast<uint32_t>(at);
  place[1] = static_cast<uint32_t>(at + text.size());
  return true;
}

/// A number and its digits in the original, as a slot has them: whether they stand there, as is known.
[[gnu::always_inline]] inline bool number_stands_as_known(std::string_view original, int64_t n, std::string_view text, bool stands, uint32_t* place) {
  if (text.empty()) return !stands;
  if (stands) return stands_as_known(original, text, true, place) && is_written_as(n, text);
  return stands_as_known(original, text, false, place) || !is_written_as(n, text);
}

/// As wire::text_size, for what is hardly ever 128 bytes long.
[[gnu::always_inline]] inline size_t short_text_size(size_t size) { return size < 128 ? size + 1 : wire::text_size(size); }

uint64_t load32(const char* p) {
  uint32_t word;
  std::memcpy(&word, p, 4);
  return word;
}

/// All of up to three bytes.
uint64_t few_bytes(const char* p, size_t size) {
  const auto byte = [&](size_t i) { return uint64_t{static_cast<uint8_t>(p[i])}; };
  return size == 0 ? 0 : byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
}

/// `offset` in bytes.
template <class Entry>
[[gnu::always_inline]] inline const Entry& entry_at(const Entry* entries, uint32_t offset) {
  return *reinterpret_cast<const Entry*>(reinterpret_cast<const char*>(entries) + offset);
}
template <class Entry>
[[gnu::always_inline]] inline const Value& value_at(const Entry* entries, uint32_t offset) { return entry_at(entries, offset).value; }

[[gnu::always_inline]] inline int64_t number_of(ValueKind kind, const Value& value) {
  return kind == ValueKind::kBool ? value.i != 0 : kind == ValueKind::kNull ? 0 : value.i;
}

}  // namespace

EventPlan::EventPlan(const Event& event, const SlotList& list, const Shape& shape, const std::vector<Target>& slots,
                     const std::vector<TextColumn*>& pieces)
    : has_timestamp_(event.has_timestamp),
      time_stands_(SlotList::stands(list.keys[2])),
      peer_(!event.peer.empty()),
      original_(event.keep_original),
      message_(event.message.data() != nullptr),
      message_stands_(false),
      time_(list.time) {
  uint16_t slot = 0;
  created_ = slots[slot++];
  ++slot;  // the id
  time_slot_ = slot;
  timestamp_ = slots[slot++];
  base_ = log_event::kHeadBytes;
  if (peer_) peer_to_ = slots[slot++];
  if (original_) ++slot;
  if (message_) {
    message_slot_ = slot;
    message_stands_ = SlotList::stands(list.keys[slot]);
    message_to_ = slots[slot++];
  }
  for (size_t i = 0; i < event.field_count(); ++i, ++slot) plan_field(event, i, list.keys[slot], slot, slots[slot]);
  for (size_t i = 0; i < event.attr_count(); ++i, ++slot) plan_attr(event, i, list.keys[slot], slot, slots[slot]);
  const auto place = [&](const Shape::Cut& cut) { return static_cast<uint16_t>(2 * cut.slot + cut.is_end); };
  for (size_t p = 0; p < pieces.size(); ++p) {
    if (!pieces[p]) continue;
    const uint16_t begin = p == 0 ? kOriginalPlace : place(shape.cuts[p - 1]), end = p == shape.cuts.size() ? kOriginalPlace + 1 : place(shape.cuts[p]);
    pieces_.push_back({begin, end, pieces[p]});
  }
}

void EventPlan::plan_field(const Event& event, size_t entry, uint32_t key, uint16_t slot, const Target& to) {
  const EcsField field = event.fields()[entry].field;
  const EcsFieldInfo& info = log_event::field_info(field);
  const auto at = static_cast<uint32_t>(entry * sizeof(FieldEntry));
  const bool stands = SlotList::stands(key);
  fields_.push_back(field);
  base_ += info.tag >> 24;
  if (log_event::is_text(info.type)) {
    ++base_;  // a length of one byte
    texts_.push_back({at, slot, stands, SlotList::derived(key), field == EcsField::kLogSyslogStructuredData});
    if (to.text) text_steps_.push_back({at, to.text});
  } else if (info.type == EcsType::kInt) {
    const IntCheck check{at, slot, stands};
    if (original_ && !has_priority_ && field == EcsField::kLogSyslogPriority) has_priority_ = true, priority_ = check;
    else ints_.push_back(check);
    int_steps_.push_back({at, ValueKind::kInt64, to.number});
  } else {
    const bool is_bool = info.type == EcsType::kBool;
    base_ += is_bool ? 1 : 8;
    number_steps_.push_back({at, is_bool ? ValueKind::kBool : ValueKind::kInt64, to.number});
  }
}

void EventPlan::plan_attr(const Event& event, size_t entry, uint32_t key, uint16_t slot, const Target& to) {
  const AttrEntry& attr = event.attrs()[entry];
  const auto at = static_cast<uint32_t>(entry * sizeof(AttrEntry));
  const ValueKind kind = attr.value.kind;
  const bool stands = SlotList::stands(key);
  const std::string_view name = attr.name;
  const char *const text = name.data(), *const tail = text + name.size();
  Name known{0, 0, static_cast<uint32_t>(name.size()), static_cast<uint32_t>(middles_.size()), kind};
  if (name.size() >= 8) known.head = load64(text), known.tail = load64(tail - 8);
  else if (name.size() >= 4) known.head = load32(text), known.tail = load32(tail - 4);
  else known.head = few_bytes(text, name.size());
  attrs_.push_back(known);
  if (name.size() > 16) middles_.append(name.substr(8, name.size() - 16));
  // Tags and lengths of the entry, its name, its value and what that holds: a byte each while the entry is below 128.
  const size_t around = 8 + name.size();
  const auto fixed = static_cast<uint8_t>(std::min<size_t>(around, UINT8_MAX)), below = static_cast<uint8_t>(around < 130 ? 130 - around : 0);
  if (kind == ValueKind::kString || kind == ValueKind::kJson) {
    attr_texts_.push_back({at, slot, stands, fixed, below});
    if (to.text) attr_text_steps_.push_back({at, to.text});
  } else if (kind == ValueKind::kInt64) {
    attr_ints_.push_back({at, slot, stands, static_cast<uint8_t>(fixed - 1), below});
    attr_int_steps_.push_back({at, ValueKind::kInt64, to.number});
  } else {
    base_ += 1 + wire::text_size(log_event::attr_size(attr));
    attr_number_steps_.push_back({at, kind, to.number});
  }
}

/// Which fields and attributes it has, in which order.
[[gnu::always_inline]] inline bool EventPlan::has_fields_of(const Event& event) const {
  const size_t count = fields_.size();
  if (event.field_count() != count || event.attr_count() != attrs_.size()) return false;
  const FieldEntry* entry = event.fields();
  const EcsField* known = fields_.data();
  const auto other = [&](size_t i) { return static_cast<uint32_t>(entry[i].field) ^ static_cast<uint32_t>(known[i]); };
  size_t left = count;
  for (; left >= 4; left -= 4, entry += 4, known += 4)
    if ((other(0) | other(1) | other(2) | other(3)) != 0) return false;
  for (; left != 0; --left, ++entry, ++known)
    if (other(0) != 0) return false;
  return attrs_.empty() || has_attrs(event.attrs());
}

/// A function of its own: inlined, what it needs would not stay in registers.
[[gnu::noinline]] bool EventPlan::has_attrs(const AttrEntry* attr) const {
  for (const Name& name : attrs_) {
    const size_t size = name.size;
    if (attr->name.size() != size || attr->value.kind != name.kind) return false;
    const char* const text = attr->name.data();
    if (size >= 8) [[likely]] {
      if (((load64(text) ^ name.head) | (load64(text + size - 8) ^ name.tail)) != 0) return false;
      if (size > 16 && !equal_bytes(text + 8, middles_.data() + name.middle, size - 16)) return false;
    } else if (size >= 4) {
      if (((load32(text) ^ name.head) | (load32(text + size - 4) ^ name.tail)) != 0) return false;
    } else if (few_bytes(text, size) != name.head) {
      return false;
    }
    ++attr;
  }
  return true;
}

/// The digits of "<134>" stand in the original, or do not, as is known. Mostly they are those of the event before.
[[gnu::always_inline]] inline bool EventPlan::priority_is_known(std::string_view original, int64_t value, Match& match) const {
  uint32_t* const place = match.places + 2 * priority_.slot;
  auto& last = match.priority;
  const bool readable = original.size() >= 5;  // with its padding 8 bytes
  const uint64_t bytes = readable ? load64(original.data()) : 0;
  if (value == last.value && readable && last.mask != 0 && ((bytes ^ last.bytes) & last.mask) == 0) {
    place[0] = 1;
    place[1] = last.end;
    return priority_.stands;
  }
  const std::string_view text = priority_text(original);
  if (!number_stands_as_known(original, value, text, priority_.stands, place)) return false;
  if (!priority_.stands || !readable) return true;
  last.value = value;
  last.bytes = bytes;
  last.end = static_cast<uint32_t>(1 + text.size());
  last.mask = ~uint64_t{0} >> (64 - 8 * (last.end + 1));
  return true;
}

/// Where its values stand in the original, which must be as known, and how large it is as a LogEvent. Without original nothing stands anywhere.
template <bool kOriginal>
[[gnu::always_inline]] inline bool EventPlan::sizes_and_places(const Event& event, bool derives, Match& match) const {
  const std::string_view original = event.original;
  const FieldEntry* const entries = event.fields();
  const AttrEntry* const attrs = event.attrs();
  const auto text_is_known = [&](const auto& check, std::string_view text) __attribute__((always_inline)) {
    if constexpr (!kOriginal) return true;
    return stands_as_known(original, text, check.stands, match.places + 2 * check.slot);
  };
  const auto int_is_known = [&](const auto& check, int64_t n, std::string_view text) __attribute__((always_inline)) {
    if constexpr (!kOriginal) return true;
    return number_stands_as_known(original, n, text, check.stands, match.places + 2 * check.slot);
  };
  // Texts are hardly ever 128 bytes long: whether one is, is asked of all at once.
  size_t size = match.size, longest = 0;
  for (const TextCheck& check : texts_) {
    std::string_view text = value_at(entries, check.offset).text;
    size += text.size();
    longest |= text.size();
    if (kOriginal && check.structured) [[unlikely]] {
      if (is_structured_data(event, text, derives) != check.derived) return false;
      if (check.derived) text = event.structured_data;
    }
    if (!text_is_known(check, text)) return false;
  }
  if (longest >= 128) [[unlikely]]
    for (const TextCheck& check : texts_) size += wire::varint_size(value_at(entries, check.offset).text.size()) - 1;
  if (kOriginal && has_priority_) {
    const int64_t value = value_at(entries, priority_.offset).i;
    if (!priority_is_known(original, value, match)) return false;
    size += wire::varint_size(static_cast<uint64_t>(value));
  }
  for (const IntCheck& check : ints_) {
    const Value& value = value_at(entries, check.offset);
    if (!int_is_known(check, value.i, value.text)) return false;
    size += wire::varint_size(static_cast<uint64_t>(value.i));
  }
  const auto whole_size = [&](const AttrCheck& check) __attribute__((noinline)) {
    return 1 + wire::text_size(log_event::attr_size(entry_at(attrs, check.offset)));
  };
  for (const AttrCheck& check : attr_texts_) {
    const std::string_view text = value_at(attrs, check.offset).text;
    if (!text_is_known(check, text)) return false;
    size += text.size() < check.below ? check.fixed + text.size() : whole_size(check);
  }
  for (const AttrCheck& check : attr_ints_) {
    const Value& value = value_at(attrs, check.offset);
    if (!int_is_known(check, value.i, value.text)) return false;
    const size_t digits = wire::varint_size(wire::zigzag(value.i));
    size += digits < check.below ? check.fixed + digits : whole_size(check);
  }
  match.size = size;
  return true;
}

/// What stands in the original does so without overlapping, as pieces between it say.
[[gnu::always_inline]] inline bool EventPlan::in_order(size_t original, Match& match) const {
  match.places[kOriginalPlace] = 0;
  match.places[kOriginalPlace + 1] = static_cast<uint32_t>(original);
  bool ordered = true;
  for (const PieceStep& piece : pieces_) ordered &= match.places[piece.begin] <= match.places[piece.end];
  return ordered;
}

bool EventPlan::matches(const Event& event, bool derives, TimeWriter& times, Match& match) const {
  if (event.problems != 0 || event.has_timestamp != has_timestamp_ || event.keep_original != original_ || event.peer.empty() == peer_ ||
      (event.message.data() != nullptr) != message_ || !has_fields_of(event)) return false;
  const std::string_view original = original_ ? event.original : std::string_view();
  uint32_t* const places = match.places;
  match.size = base_;
  if (original_) match.size += 1 + wire::text_size(original.size());
  if (peer_) match.size += 1 + short_text_size(event.peer.size());
  if (message_) {
    uint32_t* const place = places + 2 * message_slot_;
    if (stands_in(original, event.message, place[0], place[1]) != message_stands_) return false;
    match.size += 1 + wire::text_size(event.message.size());
  }
  if (!(original_ ? sizes_and_places<true>(event, derives, match) : sizes_and_places<false>(event, derives, match))) return false;
  // The time last: to write it takes longer than to compare what is at hand.
  uint32_t* const place = places + 2 * time_slot_;
  if (has_timestamp_ && stands_in(original, event.time_text, place[0], place[1]) != time_stands_) return false;
  if (original_ && !in_order(original.size(), match)) return false;
  return !time_stands_ || times.gives(event.time_text, event.timestamp_ns, time_);
}

void EventPlan::append(const Event& event, const Match& match) const {
  const auto line = reinterpret_cast<uintptr_t>(event.original.data());
  const size_t line_size = event.original.size();
  // A part of the line has its padding behind it. Inlined where it is used: most of an event is texts, and a call takes as long as a short one.
  const auto add_text = [&](TextColumn* to, std::string_view text) __attribute__((always_inline)) {
    if (reinterpret_cast<uintptr_t>(text.data()) - line < line_size) [[likely]] to->add_padded(text);
    else to->add_elsewhere(text);
  };
  created_.number->add(event.created_ns);
  timestamp_.number->add(event.has_timestamp ? event.timestamp_ns : event.created_ns);
  if (peer_to_.text) peer_to_.text->add(event.peer);
  if (message_to_.text) add_text(message_to_.text, event.message);
  const FieldEntry* const entries = event.fields();
  for (const TextStep& step : text_steps_) add_text(step.to, value_at(entries, step.offset).text);
  for (const NumberStep& step : int_steps_) step.to->add(value_at(entries, step.offset).i);
  for (const NumberStep& step : number_steps_) step.to->add(number_of(step.kind, value_at(entries, step.offset)));
  const AttrEntry* const attrs = event.attrs();
  for (const TextStep& step : attr_text_steps_) add_text(step.to, value_at(attrs, step.offset).text);
  for (const NumberStep& step : attr_int_steps_) step.to->add(value_at(attrs, step.offset).i);
  for (const NumberStep& step : attr_number_steps_) step.to->add(number_of(step.kind, value_at(attrs, step.offset)));
  for (const PieceStep& piece : pieces_) {
    const uint32_t from = match.places[piece.begin], to = match.places[piece.end];
    piece.to->add_padded({event.original.data() + from, to - from});
  }
}

}  // namespace penstock::frames
