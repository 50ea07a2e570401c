#include "kernels/records_to_json.h"

#include "kernels/encode.h"
#include "kernels/json_text.h"
#include "kernels/msgpack_to_json.h"
#include "kernels/utf8.h"
#include "kernels/wire.h"

namespace penstock {
namespace {

/// Kafka's varints are zigzag; −1 is a null key or value.
bool kafka_varint(wire::Reader& in, int64_t& value) {
  uint64_t raw;
  if (!in.varint(raw)) return false;
  value = wire::unzigzag(raw);
  return true;
}

bool kafka_bytes(wire::Reader& in, std::string_view& bytes) {
  int64_t size;
  if (!kafka_varint(in, size) || size < -1 || size > in.end - in.at) return false;
  bytes = {};
  if (size < 0) return true;
  bytes = view(in.at, static_cast<size_t>(size));
  in.at += size;
  return true;
}

/// Record: length | attributes i8 | timestampDelta | offsetDelta | key | value | headers. `record` begins after the length.
bool record_value(std::string_view record, std::string_view& value) {
  wire::Reader in(record);
  int64_t number;
  std::string_view key;
  if (in.done()) return false;
  ++in.at;
  return kafka_varint(in, number) && kafka_varint(in, number) && kafka_bytes(in, key) && kafka_bytes(in, value);
}

void append_line(std::string_view text, std::vector<uint8_t>& out) {
  for (const char c : text) out.push_back(c == '\n' || c == '\r' ? ' ' : static_cast<uint8_t>(c));
  out.push_back('\n');
}

/// Without the prefix of a schema registry (pipeline.cc: value_prefix), which begins as no value of ours does.
std::string_view without_schema_id(std::string_view value) {
  constexpr size_t kPrefix = 5;
  if (value.size() <= kPrefix || value[0] != '\0') return value;
  return value.substr(value[kPrefix] == '\0' ? kPrefix + 1 : kPrefix);
}

/// What begins an Avro event, its timestamp's branch, begins no LogEvent: that would be a field 0.
bool decode_any(std::string_view value, Event& event) {
  return value[0] == '\x02' ? decode_avro_event(value, event) : decode_log_event(value, event);
}

}  // namespace

bool value_to_json(std::string_view value, Event& event, std::vector<uint8_t>& out) {
  value = without_schema_id(value);
  // No LogEvent begins with '{': it would be a group, which the wire format no longer has.
  if (value.starts_with('{')) {
    if (utf8_valid_prefix(value.data(), value.size()) != value.size() || !is_json_text(value)) return false;
    append_line(value, out);
    return true;
  }
  if (msgpack::is_event(value)) return msgpack::append_json_line(value, out);
  if (value.empty() || !decode_any(value, event)) return false;
  const size_t at = out.size();
  out.resize(at + json_event_size_max(event) + 1);
  uint8_t* end = encode_json_event(event, out.data() + at);
  *end++ = '\n';
  out.resize(static_cast<size_t>(end - out.data()));
  return true;
}

RecordsToJson records_to_json(std::string_view records, size_t bytes_max, Event& event, std::vector<uint8_t>& out) {
  RecordsToJson result;
  wire::Reader in(records);
  while (!in.done() && out.size() <= bytes_max) {
    std::string_view record, value;
    if (!kafka_bytes(in, record) || record.data() == nullptr) {
      ++result.errors;
      result.consumed = records.size();
      return result;
    }
    if (record_value(record, value) && value_to_json(value, event, out)) ++result.events;
    else ++result.errors;
    result.consumed = static_cast<size_t>(in.at - reinterpret_cast<const uint8_t*>(records.data()));
  }
  return result;
}

}  // namespace penstock
