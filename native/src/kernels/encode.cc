// Event → protobuf. Sizes first, exactly; then every field straight at its place.
//
// Field order: created, id, timestamp, peer, original, message, fields as parsed, attributes, marks. What repeats from
// event to event is adjacent, and what is copied from the original follows it: that is what zstd compresses best
// (schema/README.md has the figures). Protobuf leaves the order free.
#include "kernels/encode.h"

#include "kernels/event_marks.h"
#include "kernels/wire.h"

namespace penstock {
namespace {

constexpr uint8_t tag(LogEventNumber number, wire::Type type) {
  return static_cast<uint8_t>(static_cast<uint32_t>(number) << 3 | type);
}
constexpr uint8_t kTimestampTag = tag(LogEventNumber::kTimestamp, wire::kFixed64);
constexpr uint8_t kCreatedTag = tag(LogEventNumber::kEventCreated, wire::kFixed64);
constexpr uint8_t kIdTag = tag(LogEventNumber::kEventId, wire::kBytes);
constexpr uint8_t kOriginalTag = tag(LogEventNumber::kEventOriginal, wire::kBytes);
constexpr uint8_t kMessageTag = tag(LogEventNumber::kMessage, wire::kBytes);
constexpr uint8_t kPeerTag = tag(LogEventNumber::kLogSourceAddress, wire::kBytes);
constexpr uint8_t kAttrTag = tag(LogEventNumber::kAttrs, wire::kBytes);

enum ValueNumber : uint32_t { kString = 1, kInt = 2, kDouble = 3, kBool = 4, kNull = 5, kJson = 6 };

const EcsFieldInfo& field_info(EcsField field) { return kEcsFields[static_cast<size_t>(field)]; }

bool is_text(EcsType type) { return type <= EcsType::kJson; }
static_assert(EcsType::kString < EcsType::kJson && EcsType::kIp < EcsType::kJson && EcsType::kJson < EcsType::kInt);

size_t entry_size(const FieldEntry& entry) {
  const EcsFieldInfo& field = field_info(entry.field);
  const size_t tag_size = field.tag >> 24;
  if (is_text(field.type)) return tag_size + wire::text_size(entry.value.text.size());
  if (field.type == EcsType::kInt) return tag_size + wire::varint_size(static_cast<uint64_t>(entry.value.i));
  return tag_size + (field.type == EcsType::kBool ? 1 : 8);
}

/// Size of a Value message, without its tag and length.
size_t value_size(const Value& value) {
  switch (value.kind) {
    case ValueKind::kString:
    case ValueKind::kJson: return 1 + wire::text_size(value.text.size());
    case ValueKind::kInt64: return 1 + wire::varint_size(wire::zigzag(value.i));
    case ValueKind::kDouble: return 9;
    case ValueKind::kBool:
    case ValueKind::kNull: return 2;
  }
  return 0;
}

size_t attr_size(const AttrEntry& attr) {
  return 1 + wire::text_size(attr.name.size()) + 1 + wire::text_size(value_size(attr.value));
}

size_t tagged_size(EcsField field, size_t text) { return (field_info(field).tag >> 24) + wire::text_size(text); }

size_t error_message_size(const Event& event) {
  return info(event.problem).text.size() + 9 + decimal_digits(event.problem_offset);
}

[[gnu::noinline]] size_t marks_size(const Event& event) {
  size_t size = 0;
  for (uint64_t bits = event.problems & kDeviationMask; bits != 0; bits &= bits - 1) {
    size += tagged_size(EcsField::kTags, kProblemTable[std::countr_zero(bits)].label.size());
  }
  if (event.failed()) {
    size += tagged_size(EcsField::kEventKind, kPipelineError.size());
    size += tagged_size(EcsField::kErrorMessage, error_message_size(event));
  }
  return size;
}

/// Writes at `out`. A text that is a slice of the original may be read past its end; anything else (a literal) is not.
class Writer {
 public:
  Writer(const Event& event, uint8_t* out)
      : out_(out), frame_(event.original.data()), frame_size_(event.original.size()) {}

  uint8_t* end() const { return out_; }
  void byte(uint8_t value) { *out_++ = value; }
  void varint(uint64_t value) { out_ = wire::put_varint(out_, value); }
  void fixed64(uint64_t value) { out_ = wire::put_fixed64(out_, value); }
  void field_tag(uint32_t tag) {
    std::memcpy(out_, &tag, 4);
    out_ += tag >> 24;
  }
  void text(std::string_view text) {
    varint(text.size());
    if (reinterpret_cast<uintptr_t>(text.data()) - reinterpret_cast<uintptr_t>(frame_) < frame_size_) {
      out_ = wire::copy_padded(out_, text.data(), text.size());
    } else {
      out_ = wire::copy_exact(out_, text.data(), text.size());
    }
  }
  void literal(std::string_view text) {
    varint(text.size());
    out_ = wire::copy_exact(out_, text.data(), text.size());
  }
  void entry(const FieldEntry& entry) {
    const EcsFieldInfo& field = field_info(entry.field);
    field_tag(field.tag);
    if (is_text(field.type)) return text(entry.value.text);
    if (field.type == EcsType::kInt) return varint(static_cast<uint64_t>(entry.value.i));
    if (field.type == EcsType::kBool) return byte(entry.value.i != 0);
    fixed64(static_cast<uint64_t>(entry.value.i));
  }
  void value(const Value& value) {
    switch (value.kind) {
      case ValueKind::kString: return byte(kString << 3 | wire::kBytes), text(value.text);
      case ValueKind::kInt64: return byte(kInt << 3 | wire::kVarint), varint(wire::zigzag(value.i));
      case ValueKind::kDouble: return byte(kDouble << 3 | wire::kFixed64), fixed64(static_cast<uint64_t>(value.i));
      case ValueKind::kBool: return byte(kBool << 3 | wire::kVarint), byte(value.i != 0);
      case ValueKind::kNull: return byte(kNull << 3 | wire::kVarint), byte(1);
      case ValueKind::kJson: return byte(kJson << 3 | wire::kBytes), text(value.text);
    }
  }
  void attr(const AttrEntry& attr) {
    const size_t size = value_size(attr.value);
    byte(kAttrTag);
    varint(1 + wire::text_size(attr.name.size()) + 1 + wire::text_size(size));
    byte(1 << 3 | wire::kBytes);
    text(attr.name);
    byte(2 << 3 | wire::kBytes);
    varint(size);
    value(attr.value);
  }
  [[gnu::noinline]] void marks(const Event& event) {
    for (uint64_t bits = event.problems & kDeviationMask; bits != 0; bits &= bits - 1) {
      field_tag(field_info(EcsField::kTags).tag);
      literal(kProblemTable[std::countr_zero(bits)].label);
    }
    if (!event.failed()) return;
    field_tag(field_info(EcsField::kEventKind).tag);
    literal(kPipelineError);
    field_tag(field_info(EcsField::kErrorMessage).tag);
    char message[kErrorMessageMax];
    literal({message, error_message(event, message)});
  }

 private:
  uint8_t* out_;
  const char* frame_;
  size_t frame_size_;
};

}  // namespace

size_t log_event_size(const Event& event) {
  size_t size = 9 + 2 + kEventIdBytes + 9;
  if (!event.peer.empty()) size += 1 + wire::text_size(event.peer.size());
  if (event.keep_original) size += 1 + wire::text_size(event.original.size());
  if (event.message.data()) size += 1 + wire::text_size(event.message.size());
  const FieldEntry* fields = event.fields();
  for (size_t i = 0, n = event.field_count(); i < n; ++i) size += entry_size(fields[i]);
  const AttrEntry* attrs = event.attrs();
  for (size_t i = 0, n = event.attr_count(); i < n; ++i) {
    size += 1 + wire::text_size(attr_size(attrs[i]));
  }
  if (event.problems != 0) size += marks_size(event);
  return size;
}

size_t log_event_size_max(const Event& event) {
  if (event.problems != 0) return log_event_size(event);
  constexpr size_t kText = 1 + 5;                         // tag and length, besides the bytes
  constexpr size_t kField = 4 + 10;                       // tag, and length or number
  constexpr size_t kAttr = kText + kText + kText + 1 + 9;  // entry, name, value, and the value's own field
  const size_t members = 9 + 2 + kEventIdBytes + 9 + 3 * kText + event.peer.size() + event.message.size() +
                         (event.keep_original ? event.original.size() : 0);
  return members + event.field_count() * kField + event.attr_count() * kAttr + event.text_bytes();
}

uint8_t* encode_log_event(const Event& event, uint8_t* out) {
  out[0] = kCreatedTag;
  wire::put_fixed64(out + 1, static_cast<uint64_t>(event.created_ns));
  out[9] = kIdTag;
  out[10] = kEventIdBytes;
  put_event_id(event.id, out + 11);
  out[29] = kTimestampTag;
  wire::put_fixed64(out + 30, static_cast<uint64_t>(event.has_timestamp ? event.timestamp_ns : event.created_ns));

  Writer writer(event, out + 38);
  if (!event.peer.empty()) writer.byte(kPeerTag), writer.text(event.peer);
  if (event.keep_original) writer.byte(kOriginalTag), writer.text(event.original);
  if (event.message.data()) writer.byte(kMessageTag), writer.text(event.message);
  const FieldEntry* fields = event.fields();
  for (size_t i = 0, n = event.field_count(); i < n; ++i) writer.entry(fields[i]);
  const AttrEntry* attrs = event.attrs();
  for (size_t i = 0, n = event.attr_count(); i < n; ++i) writer.attr(attrs[i]);
  if (event.problems != 0) writer.marks(event);
  return writer.end();
}

}  // namespace penstock
