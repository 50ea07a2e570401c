// Avro → event, checking everything: bytes may come from anyone.
#include <bit>

#include "generated/avro_places.h"
#include "kernels/decode_parts.h"
#include "kernels/encode.h"
#include "kernels/event_marks.h"
#include "kernels/json_items.h"
#include "kernels/wire.h"

namespace penstock {
namespace {

class AvroReader {
 public:
  AvroReader(std::string_view bytes, Event& event) : in_(bytes), event_(event) {}

  bool run() { return record(0) && attrs() && in_.done(); }

 private:
  bool number(int64_t& value) {
    uint64_t raw;
    if (!in_.varint(raw)) return false;
    value = wire::unzigzag(raw);
    return true;
  }
  bool bytes(std::string_view& value) {
    int64_t size;
    if (!number(size) || size < 0 || size > in_.end - in_.at) return false;
    value = view(in_.at, static_cast<size_t>(size));
    in_.at += size;
    return true;
  }
  bool text(std::string_view& value) { return bytes(value) && is_utf8(value); }
  /// The count of a block of an array or map; 0: the last was read.
  bool block(int64_t& count) {
    int64_t size;
    if (!number(count)) return false;
    if (count >= 0) return true;
    if (count == INT64_MIN) return false;
    count = -count;
    return number(size);
  }

  /// As deep as ECS's names are.
  bool record(uint16_t index) {
    const AvroRecord& about = kAvroRecords[index];
    for (uint16_t slot = 0; slot < about.members; ++slot) {
      const uint16_t member = kAvroMembers[about.first + slot];
      if (member < kEcsCount && kEcsFields[member].repeated) {
        if (!array(member)) return false;
        continue;
      }
      int64_t branch;
      if (!number(branch) || branch < 0 || branch > 1) return false;
      if (branch == 0) continue;
      const bool good = member >= kAvroNested ? record(static_cast<uint16_t>(member - kAvroNested)) : field(member);
      if (!good) return false;
    }
    return true;
  }
  bool array(uint16_t member) {
    for (int64_t count;;) {
      if (!block(count)) return false;
      if (count == 0) return true;
      for (; count > 0; --count)
        if (!field(member)) return false;
    }
  }
  bool field(uint16_t member) {
    if (member >= kEcsCount) return own(static_cast<JsonMember>(member - kEcsCount));
    Value value;
    return of_type(kEcsFields[member].type, value) && event_.add_decoded(static_cast<EcsField>(member), value);
  }
  bool of_type(EcsType type, Value& value) {
    std::string_view string;
    int64_t integer;
    switch (type) {
      case EcsType::kString:
      case EcsType::kIp: return text(string) && (value = Value::of_string(string), true);
      case EcsType::kJson: return text(string) && (value = json_or_text(string), true);
      case EcsType::kInt:
      case EcsType::kDate: return number(integer) && (value = Value::of_int(integer), true);
      case EcsType::kDouble: return real(value);
      case EcsType::kBool: return boolean(value);
    }
    return false;
  }
  bool real(Value& value) {
    uint64_t bits;
    return in_.fixed64(bits) && (value = Value::of_double(std::bit_cast<double>(bits)), true);
  }
  bool boolean(Value& value) {
    if (in_.done() || *in_.at > 1) return false;
    value = Value::of_bool(*in_.at++ == 1);
    return true;
  }
  bool own(JsonMember member) {
    std::string_view bytes_of_id;
    switch (member) {
      case JsonMember::kTimestamp: return event_.has_timestamp = true, number(event_.timestamp_ns);
      case JsonMember::kCreated: return number(event_.created_ns);
      case JsonMember::kOriginal: return event_.keep_original = true, bytes(event_.original);
      case JsonMember::kMessage: return text(event_.message);
      case JsonMember::kPeer: return text(event_.peer);
      case JsonMember::kId:
        if (!bytes(bytes_of_id) || bytes_of_id.size() != kEventIdBytes) return false;
        event_.id = get_event_id(reinterpret_cast<const uint8_t*>(bytes_of_id.data()));
        return true;
    }
    return false;
  }
  bool attrs() {
    for (int64_t count;;) {
      if (!block(count)) return false;
      if (count == 0) return true;
      for (; count > 0; --count) {
        std::string_view name;
        Value value;
        if (event_.attr_count() == Event::kMaxAttrs || !text(name) || !attr(value)) return false;
        event_.add_attr(name, value);
      }
    }
  }
  bool attr(Value& value) {
    int64_t branch, integer;
    std::string_view string;
    if (!number(branch)) return false;
    switch (branch) {
      case 0: return value = Value(), true;
      case 1: return boolean(value);
      case 2: return number(integer) && (value = Value::of_int(integer), true);
      case 3: return real(value);
      case 4: return text(string) && (value = Value::of_string(string), true);
      case 5: return text(string) && (value = json_or_text(string), true);
      default: return false;
    }
  }

  static constexpr auto kEcsCount = static_cast<uint16_t>(EcsField::kCount);
  wire::Reader in_;
  Event& event_;
};

}  // namespace

bool decode_avro_event(std::string_view bytes, Event& event) {
  forget(event);
  if (!AvroReader(bytes, event).run()) return false;
  if (!event.has_timestamp) event.timestamp_ns = event.created_ns;
  event.has_timestamp = true;
  return true;
}

}  // namespace penstock
