#include "frames/event_plan.h"

#include "frames/words.h"
#include "kernels/log_event_writer.h"

namespace penstock::frames {
namespace {

bool is_structured_data(const Event& event, const FieldEntry& entry, bool derives) {
  return derives && entry.field == EcsField::kLogSyslogStructuredData && event.structured_data.data() &&
         entry.value.text.data() == event.structured_data_json;
}

[[gnu::always_inline]] inline void add_text(TextColumn* to, std::string_view text, bool padded) {
  if (!to) return;
  if (padded) to->add_padded(text);
  else to->add(text);
}

/// A number and its digits in the original, as a slot has them: whether they stand there.
[[gnu::always_inline]] inline bool number_stands(std::string_view original, int64_t n, std::string_view text, uint32_t* place) {
  return stands_in(original, text, place[0], place[1]) && is_written_as(n, text);
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
  for (size_t i = 0; i < event.field_count(); ++i, ++slot) {
    const EcsField field = event.fields()[i].field;
    const EcsFieldInfo& info = log_event::field_info(field);
    Way way = Way::kFixed;
    if (SlotList::derived(list.keys[slot])) way = Way::kStructuredData;
    else if (log_event::is_text(info.type)) way = Way::kText;
    else if (field == EcsField::kLogSyslogPriority) way = Way::kPriority;
    else if (info.type == EcsType::kInt) way = Way::kInt;
    else if (info.type == EcsType::kBool) way = Way::kBool;
    base_ += info.tag >> 24;
    if (way == Way::kBool) base_ += 1;
    if (way == Way::kFixed) base_ += 8;
    fields_.push_back({field, way, SlotList::stands(list.keys[slot]), slot, slots[slot]});
  }
  for (size_t i = 0; i < event.attr_count(); ++i, ++slot) {
    const AttrEntry& attr = event.attrs()[i];
    attrs_.push_back({attr.value.kind, SlotList::stands(list.keys[slot]), slot, std::string(attr.name), slots[slot]});
  }
  for (const Shape::Cut& cut : shape.cuts) cuts_.push_back(static_cast<uint16_t>(2 * cut.slot + cut.is_end));
  for (uint32_t p = 0; p < pieces.size(); ++p)
    if (pieces[p]) pieces_.push_back({p, pieces[p]});
}

bool EventPlan::matches(const Event& event, bool derives, TimeWriter& times, Match& match) const {
  if (event.field_count() != fields_.size() || event.attr_count() != attrs_.size() || event.problems != 0 ||
      event.has_timestamp != has_timestamp_ || event.keep_original != original_ || event.peer.empty() == peer_ ||
      (event.message.data() != nullptr) != message_) return false;
  const std::string_view original = original_ ? event.original : std::string_view();
  uint32_t* const places = match.places;
  size_t size = base_;
  if (original_) size += 1 + wire::text_size(original.size());
  if (peer_) size += 1 + wire::text_size(event.peer.size());
  if (message_) {
    uint32_t* const place = places + 2 * message_slot_;
    if (stands_in(original, event.message, place[0], place[1]) != message_stands_) return false;
    size += 1 + wire::text_size(event.message.size());
  }
  const FieldEntry* const entries = event.fields();
  for (size_t i = 0; i < fields_.size(); ++i) {
    const Field& known = fields_[i];
    const FieldEntry& entry = entries[i];
    if (entry.field != known.field) return false;
    uint32_t* const place = places + 2 * known.slot;
    const std::string_view text = entry.value.text;
    switch (known.way) {
      case Way::kText:
        if (entry.field == EcsField::kLogSyslogStructuredData && is_structured_data(event, entry, derives)) return false;
        if (stands_in(original, text, place[0], place[1]) != known.stands) return false;
        size += wire::text_size(text.size());
        break;
      case Way::kStructuredData:
        if (!is_structured_data(event, entry, derives) || !stands_in(original, event.structured_data, place[0], place[1])) return false;
        size += wire::text_size(text.size());
        break;
      case Way::kInt:
        if (number_stands(original, entry.value.i, text, place) != known.stands) return false;
        size += wire::varint_size(static_cast<uint64_t>(entry.value.i));
        break;
      case Way::kPriority:
        if (number_stands(original, entry.value.i, priority_text(original), place) != known.stands) return false;
        size += wire::varint_size(static_cast<uint64_t>(entry.value.i));
        break;
      default: break;
    }
  }
  const AttrEntry* const attrs = event.attrs();
  for (size_t i = 0; i < attrs_.size(); ++i) {
    const Attr& known = attrs_[i];
    const AttrEntry& attr = attrs[i];
    if (attr.value.kind != known.kind || attr.name.size() != known.name.size() ||
        !equal_bytes(attr.name.data(), known.name.data(), attr.name.size())) return false;
    uint32_t* const place = places + 2 * known.slot;
    if (known.kind == ValueKind::kString || known.kind == ValueKind::kJson) {
      if (stands_in(original, attr.value.text, place[0], place[1]) != known.stands) return false;
    } else if (known.kind == ValueKind::kInt64) {
      if (number_stands(original, attr.value.i, attr.value.text, place) != known.stands) return false;
    }
    size += 1 + wire::text_size(log_event::attr_size(attr));
  }
  // The time last: to write it takes longer than to compare what is at hand.
  if (has_timestamp_) {
    uint32_t* const place = places + 2 * time_slot_;
    if (time_stands_) {
      if (!stands_in(original, event.time_text, place[0], place[1]) || !times.gives(event.time_text, event.timestamp_ns, time_)) return false;
    } else if (stands_in(original, event.time_text, place[0], place[1])) {
      return false;
    }
  }
  match.size = size;
  return true;
}

void EventPlan::append(const Event& event, const uint32_t* bounds) const {
  created_.number->add(event.created_ns);
  timestamp_.number->add(event.has_timestamp ? event.timestamp_ns : event.created_ns);
  if (peer_to_.text) peer_to_.text->add(event.peer);
  add_text(message_to_.text, event.message, message_stands_);
  const FieldEntry* const entries = event.fields();
  for (size_t i = 0; i < fields_.size(); ++i) {
    const Field& known = fields_[i];
    const Value& value = entries[i].value;
    if (known.to.number) known.to.number->add(known.way == Way::kBool ? value.i != 0 : value.i);
    else add_text(known.to.text, value.text, known.stands && known.way == Way::kText);
  }
  const AttrEntry* const attrs = event.attrs();
  for (size_t i = 0; i < attrs_.size(); ++i) {
    const Attr& known = attrs_[i];
    const Value& value = attrs[i].value;
    if (known.to.number) known.to.number->add(known.kind == ValueKind::kBool ? value.i != 0 : known.kind == ValueKind::kNull ? 0 : value.i);
    else add_text(known.to.text, value.text, known.stands);
  }
  for (const PieceColumn& piece : pieces_) {
    const uint32_t from = bounds[piece.piece], to = bounds[piece.piece + 1];
    piece.to->add_padded({event.original.data() + from, to - from});
  }
}

}  // namespace penstock::frames
