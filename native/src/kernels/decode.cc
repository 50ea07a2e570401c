// Protobuf → event, checking everything: bytes may come from anyone.
#include "kernels/decode_parts.h"
#include "kernels/decode_spans.h"
#include "kernels/encode.h"
#include "kernels/event_marks.h"
#include "kernels/wire.h"

namespace penstock {
namespace {

bool read_text(wire::Reader& in, std::string_view& text) { return in.bytes(text) && is_utf8(text); }

wire::Type wire_type(EcsType type) {
  switch (type) {
    case EcsType::kInt:
    case EcsType::kBool: return wire::kVarint;
    case EcsType::kDouble:
    case EcsType::kDate: return wire::kFixed64;
    default: return wire::kBytes;
  }
}

bool read_field(wire::Reader& in, EcsType type, Value& value) {
  uint64_t number;
  std::string_view text;
  switch (type) {
    case EcsType::kString:
    case EcsType::kIp:
      if (!read_text(in, text)) return false;
      return value = Value::of_string(text), true;
    case EcsType::kJson:
      if (!read_text(in, text)) return false;
      return value = json_or_text(text), true;
    case EcsType::kInt:
      if (!in.varint(number)) return false;
      return value = Value::of_int(static_cast<int64_t>(number)), true;
    case EcsType::kBool:
      if (!in.varint(number)) return false;
      return value = Value::of_bool(number != 0), true;
    case EcsType::kDouble:
      if (!in.fixed64(number)) return false;
      return value = Value::of_double(std::bit_cast<double>(number)), true;
    case EcsType::kDate:
      if (!in.fixed64(number)) return false;
      return value = Value::of_int(static_cast<int64_t>(number)), true;
  }
  return false;
}

/// An attribute's value; `span`: it is this span of attributes.
struct AttrValue {
  Value value;
  enum : uint8_t { kHere, kText, kJson } span = kHere;
  uint64_t index = 0;
};

/// Oneof: the last one given counts; none is null.
bool read_value(std::string_view bytes, AttrValue& out) {
  wire::Reader in(bytes);
  Value& value = out.value;
  while (!in.done()) {
    uint32_t number, type;
    uint64_t n;
    std::string_view text;
    if (!in.tag(number, type)) return false;
    if (number <= 6) out.span = AttrValue::kHere;
    if (number == 1 && type == wire::kBytes) {
      if (!read_text(in, text)) return false;
      value = Value::of_string(text);
    } else if (number == 2 && type == wire::kVarint) {
      if (!in.varint(n)) return false;
      value = Value::of_int(wire::unzigzag(n));
    } else if (number == 3 && type == wire::kFixed64) {
      if (!in.fixed64(n)) return false;
      value = Value::of_double(std::bit_cast<double>(n));
    } else if (number == 4 && type == wire::kVarint) {
      if (!in.varint(n)) return false;
      value = Value::of_bool(n != 0);
    } else if (number == 5 && type == wire::kVarint) {
      if (!in.varint(n)) return false;
      value = Value();
    } else if (number == 6 && type == wire::kBytes) {
      if (!read_text(in, text)) return false;
      value = json_or_text(text);
    } else if ((number == 7 || number == 8) && type == wire::kVarint) {
      if (!in.varint(out.index)) return false;
      out.span = number == 7 ? AttrValue::kText : AttrValue::kJson;
    } else if (!in.skip(type)) {
      return false;
    }
  }
  return true;
}

/// What is known of the message's spans while it is read.
struct SpanState {
  SpanDecoder* decoder = nullptr;  ///< nullptr: not resolved yet
  bool any = false;
};

bool read_attr(std::string_view bytes, Event& event, SpanState& spans) {
  wire::Reader in(bytes);
  std::string_view name("", 0), text;
  AttrValue value;
  while (!in.done()) {
    uint32_t number, type;
    if (!in.tag(number, type)) return false;
    if (number == 1 && type == wire::kBytes) {
      if (!read_text(in, name)) return false;
    } else if (number == 2 && type == wire::kBytes) {
      if (!in.bytes(text) || !read_value(text, value)) return false;
    } else if (!in.skip(type)) {
      return false;
    }
  }
  if (event.attr_count() == Event::kMaxAttrs) return false;
  if (value.span != AttrValue::kHere) {
    spans.any = true;
    if (spans.decoder) spans.decoder->refer(event.attr_count(), value.index, value.span == AttrValue::kJson);
  }
  return event.add_attr(name, value.value);
}

/// A field with an entry in the table. Numbers may come packed or one by one (both are lawful for a repeated field).
bool read_entry(wire::Reader& in, EcsField field, uint32_t type, Event& event) {
  const EcsFieldInfo& about = kEcsFields[static_cast<size_t>(field)];
  const wire::Type wanted = wire_type(about.type);
  Value value;
  if (type == wanted) return read_field(in, about.type, value) && event.add_decoded(field, value);
  if (type != wire::kBytes || !about.repeated) return in.skip(type);
  std::string_view packed;
  if (!in.bytes(packed)) return false;
  wire::Reader elements(packed);
  while (!elements.done()) {
    if (!read_field(elements, about.type, value) || !event.add_decoded(field, value)) return false;
  }
  return true;
}

bool read_date(wire::Reader& in, int64_t& ns) {
  uint64_t number;
  if (!in.fixed64(number)) return false;
  ns = static_cast<int64_t>(number);
  return true;
}

bool read_id(wire::Reader& in, EventId& id) {
  std::string_view bytes;
  if (!in.bytes(bytes) || bytes.size() != kEventIdBytes) return false;
  id = get_event_id(reinterpret_cast<const uint8_t*>(bytes.data()));
  return true;
}

/// A member of Event, or an attribute. `type` is the one it must have.
bool read_member(wire::Reader& in, LogEventNumber number, Event& event, SpanState& spans) {
  std::string_view text;
  switch (number) {
    case LogEventNumber::kTimestamp: return event.has_timestamp = true, read_date(in, event.timestamp_ns);
    case LogEventNumber::kEventCreated: return read_date(in, event.created_ns);
    case LogEventNumber::kEventId: return read_id(in, event.id);
    case LogEventNumber::kEventOriginal: return event.keep_original = true, in.bytes(event.original);
    case LogEventNumber::kMessage: return read_text(in, event.message);
    case LogEventNumber::kLogSourceAddress: return read_text(in, event.peer);
    case LogEventNumber::kAttrs: return in.bytes(text) && read_attr(text, event, spans);
    case LogEventNumber::kSpans: return false;  // not among the low numbers
  }
  return false;
}

bool is_member(uint32_t number) { return number <= 5 || number == 14 || number == 15; }

uint32_t member_type(uint32_t number) { return number <= 2 ? wire::kFixed64 : wire::kBytes; }

/// Everything but the spans.
bool decode_plain(std::string_view bytes, Event& event, SpanState& spans) {
  wire::Reader in(bytes);
  while (!in.done()) {
    uint32_t number, type;
    if (!in.tag(number, type)) return false;
    bool good;
    if (is_member(number)) {
      good = type == member_type(number) ? read_member(in, static_cast<LogEventNumber>(number), event, spans) : in.skip(type);
    } else if (number < kEcsNumberEnd && kEcsFieldByNumber[number] != 0xffff) {
      good = read_entry(in, static_cast<EcsField>(kEcsFieldByNumber[number]), type, event);
    } else {
      spans.any |= number == static_cast<uint32_t>(LogEventNumber::kSpans);
      good = in.skip(type);
    }
    if (!good) return false;
  }
  return true;
}

}  // namespace

bool decode_log_event(std::string_view bytes, Event& event) {
  forget(event);
  SpanState spans;
  if (!decode_plain(bytes, event, spans)) return false;
  if (spans.any) {
    // Once more, with what the spans say before what is written out: elements of a field are in that order.
    forget(event);
    spans.decoder = &SpanDecoder::of_thread();
    if (!spans.decoder->begin(bytes, event) || !decode_plain(bytes, event, spans) || !spans.decoder->finish(event)) {
      return false;
    }
  }
  if (!event.has_timestamp) event.timestamp_ns = event.created_ns;
  event.has_timestamp = true;
  return true;
}

}  // namespace penstock
