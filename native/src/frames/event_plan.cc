#include "frames/event_plan.h"

#include "frames/words.h"
#include "kernels/log_event_writer.h"

namespace penstock::frames {
namespace {

bool is_structured_data(const Event& event, const FieldEntry& entry, bool derives) {
  return derives && entry.field == EcsField::kLogSyslogStructuredData && event.structured_data.data() &&
         entry.value.text.data() == event.structured_data_json;
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
  for (size_t i = 0; i < event.attr_count(); ++i, ++slot) plan_attr(event.attrs()[i], i, list.keys[slot], slot, slots[slot]);
  for (const Shape::Cut& cut : shape.cuts) cuts_.push_back(static_cast<uint16_t>(2 * cut.slot + cut.is_end));
  for (uint32_t p = 0; p < pieces.size(); ++p)
    if (pieces[p]) pieces_.push_back({p, pieces[p]});
}

void EventPlan::plan_field(const Event& event, size_t entry, uint32_t key, uint16_t slot, const Target& to) {
  const EcsField field = event.fields()[entry].field;
  const EcsFieldInfo& info = log_event::field_info(field);
  const auto at = static_cast<uint16_t>(entry);
  const bool stands = SlotList::stands(key);
  fields_.push_back(field);
  base_ += info.tag >> 24;
  if (log_event::is_text(info.type)) {
    texts_.push_back({at, slot, stands, SlotList::derived(key), to.text});
  } else if (info.type == EcsType::kInt) {
    ints_.push_back({at, slot, stands, field == EcsField::kLogSyslogPriority, to.number});
  } else {
    const bool is_bool = info.type == EcsType::kBool;
    base_ += is_bool ? 1 : 8;
    numbers_.push_back({at, is_bool ? ValueKind::kBool : ValueKind::kInt64, to.number});
  }
}

void EventPlan::plan_attr(const AttrEntry& attr, size_t entry, uint32_t key, uint16_t slot, const Target& to) {
  const auto at = static_cast<uint16_t>(entry);
  const ValueKind kind = attr.value.kind;
  const bool stands = SlotList::stands(key);
  attrs_.push_back({static_cast<uint32_t>(names_.size()), static_cast<uint32_t>(attr.name.size()), kind});
  names_.append(attr.name);
  // Tags and lengths of the entry, its name, its value and what that holds: a byte each while the entry is below 128.
  const auto around = static_cast<uint32_t>(8 + attr.name.size());
  const AttrSize size{around, around < 130 ? 130 - around : 0};
  if (kind == ValueKind::kString || kind == ValueKind::kJson) {
    attr_texts_.push_back({at, slot, stands, false, to.text});
    attr_text_sizes_.push_back(size);
  } else if (kind == ValueKind::kInt64) {
    attr_ints_.push_back({at, slot, stands, false, to.number});
    attr_int_sizes_.push_back({size.fixed - 1, size.below});
  } else {
    base_ += 1 + wire::text_size(log_event::attr_size(attr));
    attr_numbers_.push_back({at, kind, to.number});
  }
}

/// Which fields and attributes it has, in which order.
[[gnu::always_inline]] inline bool EventPlan::has_fields_of(const Event& event) const {
  if (event.field_count() != fields_.size() || event.attr_count() != attrs_.size()) return false;
  const FieldEntry* const entries = event.fields();
  for (size_t i = 0; i < fields_.size(); ++i)
    if (entries[i].field != fields_[i]) return false;
  const AttrEntry* const attrs = event.attrs();
  for (size_t i = 0; i < attrs_.size(); ++i) {
    const Name& known = attrs_[i];
    if (attrs[i].name.size() != known.size || attrs[i].value.kind != known.kind ||
        !equal_bytes(attrs[i].name.data(), names_.data() + known.at, known.size)) return false;
  }
  return true;
}

/// Where its values stand in the original, which must be as known, and how large it is as a LogEvent. Without original nothing stands anywhere.
template <bool kOriginal>
[[gnu::always_inline]] inline bool EventPlan::sizes_and_places(const Event& event, bool derives, Match& match) const {
  const std::string_view original = event.original;
  const FieldEntry* const entries = event.fields();
  const AttrEntry* const attrs = event.attrs();
  size_t size = match.size;
  const auto text_is_known = [&](const TextStep& step, std::string_view text) {
    if constexpr (!kOriginal) return true;
    return stands_as_known(original, text, step.stands, match.places + 2 * step.slot);
  };
  const auto int_is_known = [&](const IntStep& step, const Value& value) {
    if constexpr (!kOriginal) return true;
    const std::string_view text = step.priority ? priority_text(original) : value.text;
    return number_stands_as_known(original, value.i, text, step.stands, match.places + 2 * step.slot);
  };
  for (const TextStep& step : texts_) {
    const FieldEntry& entry = entries[step.entry];
    const std::string_view text = entry.value.text;
    if (kOriginal && entry.field == EcsField::kLogSyslogStructuredData) {
      if (is_structured_data(event, entry, derives) != step.derived || !text_is_known(step, step.derived ? event.structured_data : text)) return false;
    } else if (!text_is_known(step, text)) {
      return false;
    }
    size += short_text_size(text.size());
  }
  for (const IntStep& step : ints_) {
    const Value& value = entries[step.entry].value;
    if (!int_is_known(step, value)) return false;
    size += wire::varint_size(static_cast<uint64_t>(value.i));
  }
  for (size_t i = 0; i < attr_texts_.size(); ++i) {
    const AttrEntry& attr = attrs[attr_texts_[i].entry];
    if (!text_is_known(attr_texts_[i], attr.value.text)) return false;
    const AttrSize& known = attr_text_sizes_[i];
    size += attr.value.text.size() < known.below ? known.fixed + attr.value.text.size() : 1 + wire::text_size(log_event::attr_size(attr));
  }
  for (size_t i = 0; i < attr_ints_.size(); ++i) {
    const AttrEntry& attr = attrs[attr_ints_[i].entry];
    if (!int_is_known(attr_ints_[i], attr.value)) return false;
    const AttrSize& known = attr_int_sizes_[i];
    const size_t digits = wire::varint_size(wire::zigzag(attr.value.i));
    size += digits < known.below ? known.fixed + digits : 1 + wire::text_size(log_event::attr_size(attr));
  }
  match.size = size;
  return true;
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
  if (!has_timestamp_) return true;
  uint32_t* const place = places + 2 * time_slot_;
  if (!time_stands_) return !stands_in(original, event.time_text, place[0], place[1]);
  return stands_in(original, event.time_text, place[0], place[1]) && times.gives(event.time_text, event.timestamp_ns, time_);
}

void EventPlan::append(const Event& event, const uint32_t* bounds) const {
  const auto line = reinterpret_cast<uintptr_t>(event.original.data());
  const size_t line_size = event.original.size();
  // A part of the line has its padding behind it. Inlined where it is used: most of an event is texts, and a call takes as long as a short one.
  const auto add_text = [&](TextColumn* to, std::string_view text) __attribute__((always_inline)) {
    if (!to) return;
    if (reinterpret_cast<uintptr_t>(text.data()) - line < line_size) [[likely]] to->add_padded(text);
    else to->add_elsewhere(text);
  };
  created_.number->add(event.created_ns);
  timestamp_.number->add(event.has_timestamp ? event.timestamp_ns : event.created_ns);
  if (peer_to_.text) peer_to_.text->add(event.peer);
  add_text(message_to_.text, event.message);
  const FieldEntry* const entries = event.fields();
  for (const TextStep& step : texts_) add_text(step.to, entries[step.entry].value.text);
  for (const IntStep& step : ints_) step.to->add(entries[step.entry].value.i);
  for (const NumberStep& step : numbers_) step.to->add(number_of(step.kind, entries[step.entry].value));
  const AttrEntry* const attrs = event.attrs();
  for (const TextStep& step : attr_texts_) add_text(step.to, attrs[step.entry].value.text);
  for (const IntStep& step : attr_ints_) step.to->add(attrs[step.entry].value.i);
  for (const NumberStep& step : attr_numbers_) step.to->add(number_of(step.kind, attrs[step.entry].value));
  for (const PieceColumn& piece : pieces_) {
    const uint32_t from = bounds[piece.piece], to = bounds[piece.piece + 1];
    piece.to->add_padded({event.original.data() + from, to - from});
  }
}

}  // namespace penstock::frames
