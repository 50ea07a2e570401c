// What the encodings of a LogEvent share: sizes and bytes of its parts.
#pragma once

#include "kernels/encode.h"
#include "kernels/event_marks.h"
#include "kernels/wire.h"

namespace penstock::log_event {

constexpr uint8_t tag(LogEventNumber number, wire::Type type) {
  return static_cast<uint8_t>(static_cast<uint32_t>(number) << 3 | type);
}
inline constexpr uint8_t kTimestampTag = tag(LogEventNumber::kTimestamp, wire::kFixed64);
inline constexpr uint8_t kCreatedTag = tag(LogEventNumber::kEventCreated, wire::kFixed64);
inline constexpr uint8_t kIdTag = tag(LogEventNumber::kEventId, wire::kBytes);
inline constexpr uint8_t kOriginalTag = tag(LogEventNumber::kEventOriginal, wire::kBytes);
inline constexpr uint8_t kMessageTag = tag(LogEventNumber::kMessage, wire::kBytes);
inline constexpr uint8_t kPeerTag = tag(LogEventNumber::kLogSourceAddress, wire::kBytes);
inline constexpr uint8_t kAttrTag = tag(LogEventNumber::kAttrs, wire::kBytes);

enum ValueNumber : uint32_t {
  kString = 1,
  kInt = 2,
  kDouble = 3,
  kBool = 4,
  kNull = 5,
  kJson = 6,
  kStringSpan = 7,
  kJsonSpan = 8
};

inline const EcsFieldInfo& field_info(EcsField field) { return kEcsFields[static_cast<size_t>(field)]; }

inline bool is_text(EcsType type) { return type <= EcsType::kJson; }
static_assert(EcsType::kString < EcsType::kJson && EcsType::kIp < EcsType::kJson && EcsType::kJson < EcsType::kInt);

inline size_t entry_size(const FieldEntry& entry) {
  const EcsFieldInfo& field = field_info(entry.field);
  const size_t tag_size = field.tag >> 24;
  if (is_text(field.type)) return tag_size + wire::text_size(entry.value.text.size());
  if (field.type == EcsType::kInt) return tag_size + wire::varint_size(static_cast<uint64_t>(entry.value.i));
  return tag_size + (field.type == EcsType::kBool ? 1 : 8);
}

/// Size of a Value message, without its tag and length.
inline size_t value_size(const Value& value) {
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

inline size_t attr_size(const AttrEntry& attr) {
  return 1 + wire::text_size(attr.name.size()) + 1 + wire::text_size(value_size(attr.value));
}

inline size_t tagged_size(EcsField field, size_t text) { return (field_info(field).tag >> 24) + wire::text_size(text); }

inline size_t error_message_size(const Event& event) {
  return info(event.problem).text.size() + 9 + decimal_digits(event.problem_offset);
}

[[gnu::noinline]] inline size_t marks_size(const Event& event) {
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

/// Bytes write_head writes.
inline constexpr size_t kHeadBytes = 9 + 2 + kEventIdBytes + 9;

/// Created, id, timestamp.
inline uint8_t* write_head(const Event& event, uint8_t* out) {
  out[0] = kCreatedTag;
  wire::put_fixed64(out + 1, static_cast<uint64_t>(event.created_ns));
  out[9] = kIdTag;
  out[10] = kEventIdBytes;
  put_event_id(event.id, out + 11);
  out[29] = kTimestampTag;
  wire::put_fixed64(out + 30, static_cast<uint64_t>(event.has_timestamp ? event.timestamp_ns : event.created_ns));
  return out + kHeadBytes;
}

uint8_t* write_marks(const Event& event, uint8_t* out);

/// Writes at `out`. A text that is a slice of the original or of the arena may be read past its end; anything else (a literal) is not.
class Writer {
 public:
  Writer(const Event& event, uint8_t* out)
      : out_(out), frame_(event.original.data()), frame_size_(event.original.size()), padded_(event.padded.data()),
        padded_size_(event.padded.size()) {}

  /// Texts have no padding.
  explicit Writer(uint8_t* out) : out_(out), frame_(nullptr), frame_size_(0) {}

  uint8_t* end() const { return out_; }
  /// The first `size` of 32 bytes; there is room for all of them.
  void ready(const uint8_t* bytes, size_t size) {
    std::memcpy(out_, bytes, 32);
    out_ += size;
  }
  void raw(const uint8_t* bytes, size_t size) {
    std::memcpy(out_, bytes, size);
    out_ += size;
  }
  void byte(uint8_t value) { *out_++ = value; }
  void varint(uint64_t value) { out_ = wire::put_varint(out_, value); }
  void four(uint32_t first, uint32_t second, uint32_t third, uint32_t last) {
    const uint32_t bytes = first | second << 8 | third << 16 | last << 24;
    std::memcpy(out_, &bytes, 4);
    out_ += 4;
  }
  void fixed64(uint64_t value) { out_ = wire::put_fixed64(out_, value); }
  void field_tag(uint32_t tag) {
    std::memcpy(out_, &tag, 4);
    out_ += tag >> 24;
  }
  void text(std::string_view text) {
    varint(text.size());
    bytes(text);
  }
  /// A text without its length.
  void bytes(std::string_view text) {
    const auto at = reinterpret_cast<uintptr_t>(text.data());
    if (at - reinterpret_cast<uintptr_t>(frame_) < frame_size_ || at - reinterpret_cast<uintptr_t>(padded_) < padded_size_) {
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
    const size_t name_size = attr.name.size(), text_size = attr.value.text.size();
    // Mostly short texts: then each length is one byte, and what stands before the name and before the value is written at once.
    if (attr.value.kind == ValueKind::kString && name_size < 64 && text_size < 56) [[likely]] {
      four(kAttrTag, static_cast<uint32_t>(name_size + text_size + 6), 1 << 3 | wire::kBytes, static_cast<uint32_t>(name_size));
      bytes(attr.name);
      four(2 << 3 | wire::kBytes, static_cast<uint32_t>(text_size + 2), kString << 3 | wire::kBytes, static_cast<uint32_t>(text_size));
      return bytes(attr.value.text);
    }
    const size_t size = value_size(attr.value);
    byte(kAttrTag);
    varint(1 + wire::text_size(attr.name.size()) + 1 + wire::text_size(size));
    byte(1 << 3 | wire::kBytes);
    text(attr.name);
    byte(2 << 3 | wire::kBytes);
    varint(size);
    value(attr.value);
  }
  /// An attribute whose value is the span `index` of attributes, as text or JSON (kStringSpan, kJsonSpan).
  void attr_span(std::string_view name, ValueNumber number, uint32_t index) {
    const size_t size = 1 + wire::varint_size(index);
    byte(kAttrTag);
    varint(1 + wire::text_size(name.size()) + 1 + wire::text_size(size));
    byte(1 << 3 | wire::kBytes);
    text(name);
    byte(2 << 3 | wire::kBytes);
    varint(size);
    byte(static_cast<uint8_t>(number << 3 | wire::kVarint));
    varint(index);
  }
  /// Tags and what failed, last. Not a member: a writer whose address a call is given is kept in memory, and read again after each byte.
  void marks(const Event& event) { out_ = write_marks(event, out_); }

 private:
  uint8_t* out_;
  const char* frame_;
  size_t frame_size_;
  const char* padded_ = nullptr;
  size_t padded_size_ = 0;
};

[[gnu::noinline]] inline uint8_t* write_marks(const Event& event, uint8_t* out) {
  Writer writer(out);
  for (uint64_t bits = event.problems & kDeviationMask; bits != 0; bits &= bits - 1) {
    writer.field_tag(field_info(EcsField::kTags).tag);
    writer.literal(kProblemTable[std::countr_zero(bits)].label);
  }
  if (!event.failed()) return writer.end();
  writer.field_tag(field_info(EcsField::kEventKind).tag);
  writer.literal(kPipelineError);
  writer.field_tag(field_info(EcsField::kErrorMessage).tag);
  char message[kErrorMessageMax];
  writer.literal({message, error_message(event, message)});
  return writer.end();
}

}  // namespace penstock::log_event
