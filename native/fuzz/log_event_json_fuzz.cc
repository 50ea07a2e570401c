// Events of few, clashing names and odd texts: the JSON is always well-formed, no object has a key twice, and it is the
// same when the event went through protobuf, Avro or MessagePack. The input is read as instructions, so that every byte string is an event.
#include "kernels/encode.h"
#include "kernels/json_text.h"
#include "kernels/msgpack_to_json.h"
#include "kernels/simdjson_config.h"
#include "kernels/utf8.h"

#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace penstock;

namespace {

struct Input {
  const uint8_t* at;
  const uint8_t* end;
  std::vector<std::unique_ptr<char[]>> texts;

  uint8_t byte() { return at < end ? *at++ : 0; }
  uint64_t word() {
    uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | byte();
    return value;
  }
  /// In memory of its own, exactly: reading past it is found.
  std::string_view keep(std::string_view text) {
    texts.emplace_back(new char[text.size() + 1]);
    std::memcpy(texts.back().get(), text.data(), text.size());
    return {texts.back().get(), text.size()};
  }
  std::string_view text(size_t padding = 0) {
    const size_t wanted = byte() % 40;  // first: it moves `at`
    const size_t size = std::min(wanted, static_cast<size_t>(end - at));
    std::string copy(reinterpret_cast<const char*>(at), size);
    at += size;
    const std::string_view kept = keep(copy.append(padding, 'x'));
    return kept.substr(0, size);
  }
  std::string_view utf8() {
    const std::string_view raw = text();
    return raw.substr(0, utf8_valid_prefix(raw.data(), raw.size()));
  }
  std::string_view name() {
    static constexpr std::string_view kSegments[] = {"a", "b", "event", "id", "tags", "attrs", "message", "", "a-b", "@timestamp"};
    std::string name;
    for (int count = byte() % 5; count >= 0; --count) {
      name += kSegments[byte() % std::size(kSegments)];
      if (count > 0) name += '.';
    }
    return byte() % 16 == 0 ? utf8() : keep(name);
  }
  Value value() {
    switch (byte() % 7) {
      case 0: return Value::of_int(static_cast<int64_t>(word()));
      case 1: return Value::of_double(std::bit_cast<double>(word()));
      case 2: return Value::of_bool(byte() & 1);
      case 3: return Value();
      case 4: {
        const std::string_view json = utf8();
        return is_json_text(json) ? Value::of_json(json) : Value::of_string(json);
      }
      default: return Value::of_string(utf8());
    }
  }
};

void fill(Input& in, Event& event) {
  event.reset();
  event.created_ns = static_cast<int64_t>(in.word());
  event.has_timestamp = in.byte() & 1;
  event.timestamp_ns = static_cast<int64_t>(in.word());
  event.original = in.text(kPadding);
  event.keep_original = in.byte() & 1;
  event.message = in.byte() & 1 ? in.utf8() : std::string_view();
  event.peer = in.utf8();
  while (in.at < in.end) {
    const uint8_t what = in.byte();
    if (what < 8) {
      event.note(static_cast<Problem>(1 + in.byte() % (static_cast<int>(Problem::kCount) - 1)), in.byte());
    } else if (what < 80) {
      const auto field = static_cast<EcsField>((in.byte() << 8 | in.byte()) % static_cast<int>(EcsField::kCount));
      event.add(field, in.value());
    } else {
      event.add_attr(in.name(), in.value());
    }
  }
}

/// Numbers beyond 64 bits are well-formed JSON that simdjson does not hold.
bool parses(std::string_view json, simdjson::dom::parser& parser, simdjson::dom::element& root) {
  const auto error = parser.parse(json.data(), json.size(), true).get(root);
  return error == simdjson::SUCCESS || error == simdjson::NUMBER_ERROR || error == simdjson::BIGINT_ERROR;
}

void unique_keys(simdjson::dom::element value, int depth, bool nested) {
  simdjson::dom::object object;
  if (depth > 40 || value.get(object) != simdjson::SUCCESS) return;
  std::set<std::string_view> seen;
  for (const auto field : object) {
    if (!seen.insert(field.key).second) abort();
    if (nested) unique_keys(field.value, depth + 1, nested);
  }
}

std::string json_of(const Event& event) {
  std::vector<uint8_t> out(json_event_size_max(event));
  const uint8_t* end = encode_json_event(event, out.data());
  return {reinterpret_cast<const char*>(out.data()), static_cast<size_t>(end - out.data())};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Event event, decoded;
  static simdjson::dom::parser parser;
  Input in{data, data + size, {}};
  fill(in, event);
  const std::string json = json_of(event);
  if (!is_json_text(json) || json.find('\n') != json.npos) abort();
  simdjson::dom::element root;
  if (!parses(json, parser, root)) abort();
  bool has_raw = false;  // JSON text inside may repeat keys; that is its sender's
  for (size_t i = 0; i < event.attr_count(); ++i) has_raw |= event.attrs()[i].value.kind == ValueKind::kJson;
  for (size_t i = 0; i < event.field_count(); ++i) has_raw |= event.fields()[i].value.kind == ValueKind::kJson;
  if (parser.parse(json.data(), json.size(), true).get(root) == simdjson::SUCCESS) {
    unique_keys(root, 0, !has_raw);
  }

  std::vector<uint8_t> bytes(log_event_size(event) + kPadding);
  if (log_event_size_max(event) < log_event_size(event)) abort();
  encode_log_event(event, bytes.data());
  // A string in a field of JSON shape that happens to be JSON is JSON after protobuf: the one difference there is.
  bool ambiguous = false;
  for (size_t i = 0; i < event.field_count(); ++i) {
    const FieldEntry& entry = event.fields()[i];
    ambiguous |= kEcsFields[static_cast<size_t>(entry.field)].type == EcsType::kJson && entry.value.kind != ValueKind::kJson;
  }
  if (!decode_log_event(view(bytes.data(), bytes.size() - kPadding), decoded)) abort();
  if (!ambiguous && json_of(decoded) != json) abort();

  // Avro, in memory of just the size that was announced, tells the same.
  std::vector<uint8_t> avro(avro_event_size_max(event));
  const uint8_t* const avro_end = encode_avro_event(event, avro.data());
  if (!decode_avro_event(view(avro.data(), static_cast<size_t>(avro_end - avro.data())), decoded)) abort();
  if (!ambiguous && json_of(decoded) != json) abort();
  // MessagePack, too, but for how numbers within JSON are written.
  std::vector<uint8_t> msgpack(msgpack_event_size_max(event)), line;
  const uint8_t* const msgpack_end = encode_msgpack_event(event, msgpack.data());
  if (!msgpack::append_json_line(view(msgpack.data(), static_cast<size_t>(msgpack_end - msgpack.data())), line)) abort();
  const std::string_view text = view(line.data(), line.size() - 1);
  if (!is_json_text(text)) abort();
  if (!has_raw && text != json) abort();

  // Their decoders, on the input itself.
  const std::string_view hostile = in.keep(view(data, size));
  if (decode_avro_event(hostile, decoded)) json_of(decoded);
  line.clear();
  if (msgpack::append_json_line(hostile, line) && !is_json_text(view(line.data(), line.size() - 1))) abort();

  // The checker against simdjson, on the input itself.
  const std::string_view raw = in.keep(view(data, size));
  if (utf8_valid_prefix(raw.data(), raw.size()) == raw.size() && size > 0) {
    const auto error = parser.parse(raw.data(), raw.size(), true).get(root);
    const bool marked = raw.starts_with("\xef\xbb\xbf");  // simdjson passes over a byte order mark
    const bool sure = !marked && error != simdjson::NUMBER_ERROR && error != simdjson::BIGINT_ERROR && error != simdjson::DEPTH_ERROR;
    if (sure && is_json_text(raw) != (error == simdjson::SUCCESS)) abort();
  }
  return 0;
}
