// Frames and syslog messages seen from JavaScript, for tests and explanations: plain objects, not the event path.
#include "kernels/framing.h"
#include "kernels/syslog.h"

#include <string>

namespace syslog_binding {

using namespace penstock;

/// Beyond the values of Framing: the buffer is one frame.
constexpr uint32_t kWhole = 4;

inline Napi::Value text(Napi::Env env, std::string_view t) { return Napi::String::New(env, t.data() ? t.data() : "", t.size()); }

inline Napi::Value value_of(Napi::Env env, const Value& v) {
  if (v.kind == ValueKind::kInt64) return Napi::Number::New(env, static_cast<double>(v.i));
  return text(env, v.text);
}

/// Fields keep their ECS names; numbers below 2^53 are numbers.
inline Napi::Object event_object(Napi::Env env, const Event& event) {
  auto fields = Napi::Object::New(env);
  for (size_t i = 0; i < event.field_count(); ++i) {
    const FieldEntry& f = event.fields()[i];
    const std::string_view name = kEcsFields[static_cast<size_t>(f.field)].name;
    fields.Set(text(env, name), value_of(env, f.value));
  }
  for (size_t i = 0; i < event.attr_count(); ++i) fields.Set(text(env, event.attrs()[i].name), value_of(env, event.attrs()[i].value));
  auto problems = Napi::Array::New(env);
  for (unsigned p = 1; p < static_cast<unsigned>(Problem::kCount); ++p)
    if (event.problems >> p & 1) problems.Set(problems.Length(), text(env, kProblemTable[p].label));
  auto out = Napi::Object::New(env);
  out.Set("timestampNs", event.has_timestamp ? Napi::Value(Napi::BigInt::New(env, event.timestamp_ns)) : env.Null());
  out.Set("message", event.message.data() ? text(env, event.message) : env.Null());
  out.Set("fields", fields);
  out.Set("problem", text(env, penstock::info(event.problem).label));
  out.Set("problemOffset", Napi::Number::New(env, event.problem_offset));
  out.Set("problems", problems);
  out.Set("failed", Napi::Boolean::New(env, event.failed()));
  return out;
}

/// parseSyslogFrames(bytes: Uint8Array, framing, receivedNs: bigint, utcOffsetSeconds, scalar) → one object a frame
inline Napi::Value parse_frames(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto array = info[0].As<Napi::Uint8Array>();
  const std::string copy = std::string(view(array.Data(), array.ByteLength())).append(kPadding, '\0');
  const auto* data = reinterpret_cast<const uint8_t*>(copy.data());
  const size_t size = array.ByteLength();
  const uint32_t framing = info[1].ToNumber().Uint32Value();
  bool lossless;
  const SyslogOptions options{info[2].As<Napi::BigInt>().Int64Value(&lossless), info[3].ToNumber().Int32Value()};
  const auto parse = info[4].ToBoolean() ? parse_syslog_scalar : parse_syslog;

  Arena arena(8 * copy.size() + 4096);
  Event event;
  auto out = Napi::Array::New(env);
  const auto add = [&](const Frame& frame) {
    event.reset();
    arena.reset();
    parse(view(frame.data, frame.size), options, arena, event);
    Napi::Object object = event_object(env, event);
    object.Set("offset", Napi::Number::New(env, static_cast<double>(frame.data - data)));
    object.Set("size", Napi::Number::New(env, frame.size));
    out.Set(out.Length(), object);
  };
  if (framing == kWhole) {
    add({data, static_cast<uint32_t>(size)});
    return out;
  }
  Frame frame;
  for (size_t at = 0, used; (used = next_frame(data + at, size - at, static_cast<Framing>(framing), frame)) > 0; at += used)
    if (frame.size > 0) add(frame);
  return out;
}

}  // namespace syslog_binding

static void init_syslog(Napi::Env env, Napi::Object exports) {
  exports.Set("parseSyslogFrames", Napi::Function::New(env, syslog_binding::parse_frames));
}
