// JSON for the HTTP source (bodies into frames, per body) and for tests (one document, seen from JavaScript).
#include "kernels/ecs_lookup.h"
#include "kernels/json.h"
#include "kernels/json_split.h"
#include "packs/document_parts.h"

namespace json_binding {

using namespace penstock;

constexpr size_t kArenaBytes = 1 << 20;

inline std::string_view bytes(const Napi::Value& v) {
  const auto array = v.As<Napi::Uint8Array>();
  return view(array.Data(), array.ByteLength());
}
inline Napi::Value text(Napi::Env env, std::string_view t) {
  return Napi::String::New(env, t.data() ? t.data() : "", t.size());
}

inline Napi::Value value_of(Napi::Env env, const Value& v) {
  switch (v.kind) {
    case ValueKind::kInt64: return Napi::BigInt::New(env, v.i);
    case ValueKind::kDouble: return Napi::Number::New(env, v.d);
    case ValueKind::kBool: return Napi::Boolean::New(env, v.b);
    case ValueKind::kNull: return env.Null();
    case ValueKind::kString:
    case ValueKind::kJson: break;
  }
  return text(env, v.text);
}

/// [name, kind, value]
inline Napi::Array entry(Napi::Env env, std::string_view name, const Value& v) {
  static constexpr const char* kKinds[] = {"string", "int", "double", "bool", "null", "json"};
  auto out = Napi::Array::New(env, 3);
  out.Set(0u, text(env, name));
  out.Set(1u, kKinds[static_cast<size_t>(v.kind)]);
  out.Set(2u, value_of(env, v));
  return out;
}

inline std::string padded(std::string_view document) { return std::string(document).append(kPadding, '\0'); }

/// parseJsonDocument(document: Uint8Array, depthMax, portable) → what became of it
inline Napi::Value parse_document(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string copy = padded(bytes(info[0]));
  JsonParser parser(static_cast<uint32_t>(copy.size()), info[2].ToBoolean() ? JsonIsa::kPortable : JsonIsa::kBest);
  Arena arena(kArenaBytes + 4 * copy.size());
  Event event;
  event.reset();
  event.original = {copy.data(), copy.size() - kPadding};
  parser.parse(event.original, {info[1].ToNumber().Uint32Value()}, arena, event);

  auto fields = Napi::Array::New(env), attrs = Napi::Array::New(env), problems = Napi::Array::New(env);
  for (uint32_t i = 0; i < event.field_count(); ++i) {
    const FieldEntry& f = event.fields()[i];
    fields.Set(i, entry(env, kEcsFields[static_cast<size_t>(f.field)].name, f.value));
  }
  for (uint32_t i = 0; i < event.attr_count(); ++i) {
    attrs.Set(i, entry(env, event.attrs()[i].name, event.attrs()[i].value));
  }
  for (unsigned p = 1; p < static_cast<unsigned>(Problem::kCount); ++p) {
    if (event.problems >> p & 1) problems.Set(problems.Length(), text(env, kProblemTable[p].label));
  }
  auto out = Napi::Object::New(env);
  out.Set("problem", text(env, penstock::info(event.problem).label));
  out.Set("problemOffset", Napi::Number::New(env, event.problem_offset));
  out.Set("problems", problems);
  out.Set("failed", Napi::Boolean::New(env, event.failed()));
  out.Set("keepOriginal", Napi::Boolean::New(env, event.keep_original));
  out.Set("timestampNs", event.has_timestamp ? Napi::Value(Napi::BigInt::New(env, event.timestamp_ns)) : env.Null());
  out.Set("message", event.message.data() ? text(env, event.message) : env.Null());
  out.Set("fields", fields);
  out.Set("attrs", attrs);
  return out;
}

/// validateJson(text: Uint8Array, depthMax, portable) → label of the problem, 'none' when well-formed
inline Napi::Value validate(const Napi::CallbackInfo& info) {
  const std::string copy = padded(bytes(info[0]));
  JsonParser parser(static_cast<uint32_t>(copy.size()), info[2].ToBoolean() ? JsonIsa::kPortable : JsonIsa::kBest);
  const Problem problem = parser.validate({copy.data(), copy.size() - kPadding}, {info[1].ToNumber().Uint32Value()});
  return text(info.Env(), penstock::info(problem).label);
}

/// {result, offset, frames, pieces: [begin, end, count, …]}
inline Napi::Value framed(Napi::Env env, double result, size_t offset, const uint8_t* frames, size_t bytes, const std::vector<FramePiece>& list) {
  auto pieces = Napi::Uint32Array::New(env, list.size() * 3);
  size_t i = 0;
  for (const FramePiece& piece : list) {
    pieces[i++] = piece.begin;
    pieces[i++] = piece.end;
    pieces[i++] = piece.count;
  }
  auto out = Napi::Object::New(env);
  out.Set("result", Napi::Number::New(env, result));
  out.Set("offset", Napi::Number::New(env, static_cast<double>(offset)));
  out.Set("frames", Napi::Buffer<uint8_t>::Copy(env, frames, bytes));
  out.Set("pieces", pieces);
  return out;
}
inline Napi::Value framed(Napi::Env env, const FramedBody& body) {
  return framed(env, static_cast<double>(body.result), body.offset, body.frames.data(), body.frames.size(), body.pieces);
}

inline FrameLimits limits_of(const Napi::CallbackInfo& info) {
  return {info[1].ToNumber().Uint32Value(), info[2].ToNumber().Uint32Value()};
}

/// splitJsonArray(body: Uint8Array, pieceBytesMax, frameBytesMax), cutLines(the same)
inline Napi::Value split_array(const Napi::CallbackInfo& info) {
  return framed(info.Env(), split_json_array(bytes(info[0]), limits_of(info)));
}
/// documentParts(object: Uint8Array, pieceBytesMax, frameBytesMax, path)
inline Napi::Value document_parts(const Napi::CallbackInfo& info) {
  return framed(info.Env(), packs::document_parts(bytes(info[0]), info[3].ToString().Utf8Value(), limits_of(info)));
}
inline Napi::Value lines(const Napi::CallbackInfo& info) {
  return framed(info.Env(), cut_lines(bytes(info[0]), limits_of(info)));
}

/// firstJsonValueEnd(body: Uint8Array) → offset past the object or array it begins with; 0: not closed
inline Napi::Value first_value_end(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(first_json_value_end(bytes(info[0]))));
}

}  // namespace json_binding

static void init_json(Napi::Env env, Napi::Object exports) {
  exports.Set("parseJsonDocument", Napi::Function::New<json_binding::parse_document>(env));
  exports.Set("validateJson", Napi::Function::New<json_binding::validate>(env));
  exports.Set("splitJsonArray", Napi::Function::New<json_binding::split_array>(env));
  exports.Set("documentParts", Napi::Function::New<json_binding::document_parts>(env));
  exports.Set("firstJsonValueEnd", Napi::Function::New<json_binding::first_value_end>(env));
  exports.Set("cutLines", Napi::Function::New<json_binding::lines>(env));
}
