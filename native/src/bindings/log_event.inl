// LogEvent for readers (bytes → ECS JSON, per batch) and for tests (plain objects → bytes).
#include <deque>

#include "kernels/ecs_lookup.h"
#include "kernels/encode.h"
#include "kernels/encode_compact.h"
#include "kernels/records_to_json.h"

namespace log_event_binding {

using namespace penstock;

inline std::string padded_copy(const Napi::Value& v) {
  const auto array = v.As<Napi::Uint8Array>();
  std::string copy(reinterpret_cast<const char*>(array.Data()), array.ByteLength());
  return copy.append(kPadding, '\0');
}
inline std::string_view without_padding(const std::string& copy) { return {copy.data(), copy.size() - kPadding}; }

inline Event& reader_event() {
  thread_local const std::unique_ptr<Event> event(new Event);
  return *event;
}

/// logEventToJson(value: Uint8Array) → ECS JSON with a line break, or null when it is no LogEvent
inline Napi::Value to_json(const Napi::CallbackInfo& info) {
  const std::string copy = padded_copy(info[0]);
  std::vector<uint8_t> out;
  if (!value_to_json(without_padding(copy), reader_event(), out)) return info.Env().Null();
  return Napi::Buffer<uint8_t>::Copy(info.Env(), out.data(), out.size());
}

/// logRecordsToJson(records: Uint8Array, bytesMax) → {json, consumed, events, errors}
inline Napi::Value records(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string copy = padded_copy(info[0]);
  std::vector<uint8_t> lines;
  const auto bytes_max = static_cast<size_t>(info[1].ToNumber().Int64Value());
  const RecordsToJson result = records_to_json(without_padding(copy), bytes_max, reader_event(), lines);
  auto out = Napi::Object::New(env);
  out.Set("json", Napi::Buffer<uint8_t>::Copy(env, lines.data(), lines.size()));
  out.Set("consumed", Napi::Number::New(env, static_cast<double>(result.consumed)));
  out.Set("events", Napi::Number::New(env, static_cast<double>(result.events)));
  out.Set("errors", Napi::Number::New(env, static_cast<double>(result.errors)));
  return out;
}

/// An Event made from a JavaScript object; owns its texts.
struct Built {
  Event event;
  std::deque<std::string> texts;

  std::string_view keep(std::string text) {
    const size_t size = text.size();
    texts.push_back(text.append(kPadding, '\0'));
    return {texts.back().data(), size};
  }
  /// A text that stands in the original is a slice of it, as parsers make them.
  std::string_view text(const Napi::Value& v) {
    const std::string text = v.ToString().Utf8Value();
    const size_t at = event.keep_original && !text.empty() ? event.original.find(text) : text.npos;
    return at == text.npos ? keep(text) : event.original.substr(at, text.size());
  }

  Value value(const std::string& kind, const Napi::Value& v) {
    bool lossless;
    if (kind == "string") return Value::of_string(text(v));
    if (kind == "json") return Value::of_json(text(v));
    if (kind == "int") return Value::of_int(v.As<Napi::BigInt>().Int64Value(&lossless));
    if (kind == "double") return Value::of_double(v.ToNumber().DoubleValue());
    if (kind == "bool") return Value::of_bool(v.ToBoolean());
    return Value();
  }

  /// {createdNs, timestampNs?, id: [node, boot, ring, chunk, index], original?, message?, peer?, problems: [[label, offset]],
  ///  fields: [[name, kind, value]], attrs: the same}
  void fill(const Napi::Object& from) {
    bool lossless;
    event.created_ns = from.Get("createdNs").As<Napi::BigInt>().Int64Value(&lossless);
    event.has_timestamp = !from.Get("timestampNs").IsUndefined();
    if (event.has_timestamp) event.timestamp_ns = from.Get("timestampNs").As<Napi::BigInt>().Int64Value(&lossless);
    const auto id = from.Get("id").As<Napi::Array>();
    event.id = {id.Get(0u).ToNumber().Uint32Value(), id.Get(1u).ToNumber().Uint32Value(),
                static_cast<uint16_t>(id.Get(2u).ToNumber().Uint32Value()),
                static_cast<uint64_t>(id.Get(3u).ToNumber().Int64Value()), id.Get(4u).ToNumber().Uint32Value()};
    event.keep_original = !from.Get("original").IsUndefined();
    if (event.keep_original) {
      const std::string copy = padded_copy(from.Get("original"));
      event.original = keep(copy.substr(0, copy.size() - kPadding));
    }
    if (!from.Get("message").IsUndefined()) event.message = text(from.Get("message"));
    if (!from.Get("peer").IsUndefined()) event.peer = text(from.Get("peer"));
    each(from, "fields", [&](const std::string& name, const Value& v) {
      const EcsField field = ecs_field_by_name(name);
      if (field != EcsField::kUnknown) event.add(field, v);
    });
    each(from, "attrs", [&](const std::string& name, const Value& v) { event.add_attr(keep(name), v); });
    const auto problems = from.Get("problems").As<Napi::Array>();
    for (uint32_t i = 0; i < problems.Length(); ++i) {
      const auto pair = problems.Get(i).As<Napi::Array>();
      const std::string label = pair.Get(0u).ToString().Utf8Value();
      for (size_t p = 0; p < static_cast<size_t>(Problem::kCount); ++p) {
        if (kProblemTable[p].label == label) event.note(static_cast<Problem>(p), pair.Get(1u).ToNumber().Uint32Value());
      }
    }
  }
  template <typename Add>
  void each(const Napi::Object& from, const char* key, Add add) {
    const auto list = from.Get(key).As<Napi::Array>();
    for (uint32_t i = 0; i < list.Length(); ++i) {
      const auto entry = list.Get(i).As<Napi::Array>();
      add(entry.Get(0u).ToString().Utf8Value(), value(entry.Get(1u).ToString().Utf8Value(), entry.Get(2u)));
    }
  }
};

/// encodeLogEvent(plain) → {protobuf, compact, json, avro, msgpack}: the encodings of one event
inline Napi::Value encode(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Built built;
  built.fill(info[0].As<Napi::Object>());
  std::vector<uint8_t> bytes(log_event_size(built.event) + kPadding), json(json_event_size_max(built.event));
  const auto size = static_cast<size_t>(encode_log_event(built.event, bytes.data()) - bytes.data());
  const auto json_size = static_cast<size_t>(encode_json_event(built.event, json.data()) - json.data());
  CompactEncoder encoder;
  std::vector<uint8_t> compact(compact_event_size_max(built.event) + kPadding);
  const auto compact_written = static_cast<size_t>(encoder.encode(built.event, compact.data()) - compact.data());
  std::vector<uint8_t> avro(avro_event_size_max(built.event)), msgpack(msgpack_event_size_max(built.event));
  const auto avro_size = static_cast<size_t>(encode_avro_event(built.event, avro.data()) - avro.data());
  const auto msgpack_size = static_cast<size_t>(encode_msgpack_event(built.event, msgpack.data()) - msgpack.data());
  std::vector<uint8_t> ocsf(ocsf_event_size_max(built.event));
  const auto ocsf_size = static_cast<size_t>(encode_ocsf_event(built.event, ocsf.data()) - ocsf.data());
  const bool within = ocsf_size <= ocsf.size() && compact_written + kPadding <= compact.size() && avro_size <= avro.size() && msgpack_size <= msgpack.size();
  auto out = Napi::Object::New(env);
  out.Set("sizeAsComputed", Napi::Boolean::New(env, size + kPadding == bytes.size() && within));
  out.Set("avro", Napi::Buffer<uint8_t>::Copy(env, avro.data(), avro_size));
  out.Set("ocsf", Napi::Buffer<uint8_t>::Copy(env, ocsf.data(), ocsf_size));
  out.Set("msgpack", Napi::Buffer<uint8_t>::Copy(env, msgpack.data(), msgpack_size));
  out.Set("compact", Napi::Buffer<uint8_t>::Copy(env, compact.data(), compact_written));
  out.Set("protobuf", Napi::Buffer<uint8_t>::Copy(env, bytes.data(), size));
  out.Set("json", Napi::Buffer<uint8_t>::Copy(env, json.data(), json_size));
  return out;
}

/// ecsFieldNumber(name) → protobuf number, 0 when ECS has no such field
inline Napi::Value field_number(const Napi::CallbackInfo& info) {
  const EcsField field = ecs_field_by_name(info[0].ToString().Utf8Value());
  return Napi::Number::New(info.Env(), field == EcsField::kUnknown ? 0 : kEcsFields[static_cast<size_t>(field)].number);
}

}  // namespace log_event_binding

static void init_log_event(Napi::Env env, Napi::Object exports) {
  exports.Set("logEventToJson", Napi::Function::New<log_event_binding::to_json>(env));
  exports.Set("logRecordsToJson", Napi::Function::New<log_event_binding::records>(env));
  exports.Set("encodeLogEvent", Napi::Function::New<log_event_binding::encode>(env));
  exports.Set("ecsFieldNumber", Napi::Function::New<log_event_binding::field_number>(env));
}
