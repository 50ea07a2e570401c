// Avro bodies of the HTTP source: a plan of a schema, the datums of one body, and the codec that Node.js has none for.
#include "avro/body.h"
#include "avro/snappy.h"

namespace avro_binding {

using namespace penstock;

inline std::string_view bytes(const Napi::Value& value) {
  const auto array = value.As<Napi::Uint8Array>();
  return view(array.Data(), array.ByteLength());
}
inline uint64_t word(const Napi::Value& value) {
  bool lossless;
  return value.As<Napi::BigInt>().Uint64Value(&lossless);
}

class PlanObject : public Napi::ObjectWrap<PlanObject> {
 public:
  static Napi::Function define(Napi::Env env) { return DefineClass(env, "AvroPlan", {InstanceMethod<&PlanObject::Load>("load")}); }
  explicit PlanObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<PlanObject>(info), plan_(std::make_shared<avro::Plan>()) {}
  const std::shared_ptr<avro::Plan>& plan() const { return plan_; }
  void Finalize(Napi::Env env) override { Napi::MemoryManagement::AdjustExternalMemory(env, -bytes_); }

 private:
  /// load(plan: Uint8Array) → '' or what is wrong with it
  Napi::Value Load(const Napi::CallbackInfo& info) {
    const std::string_view given = bytes(info[0]);
    std::string error;
    plan_->load(reinterpret_cast<const uint8_t*>(given.data()), given.size(), error);
    const auto size = static_cast<int64_t>(given.size());
    Napi::MemoryManagement::AdjustExternalMemory(info.Env(), size - bytes_);  // so that strangers' schemas are collected in time
    bytes_ = size;
    return Napi::String::New(info.Env(), error);
  }

  std::shared_ptr<avro::Plan> plan_;
  int64_t bytes_ = 0;
};

inline std::shared_ptr<const avro::Plan> plan_of(const Napi::Value& value) { return PlanObject::Unwrap(value.As<Napi::Object>())->plan(); }

class BodyObject : public Napi::ObjectWrap<BodyObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "AvroBody",
                       {InstanceMethod<&BodyObject::Block>("block"), InstanceMethod<&BodyObject::Know>("know"),
                        InstanceMethod<&BodyObject::Messages>("messages"), InstanceMethod<&BodyObject::Unknown>("unknown"),
                        InstanceMethod<&BodyObject::Offset>("offset"), InstanceMethod<&BodyObject::Size>("size"),
                        InstanceMethod<&BodyObject::Framed>("framed"),
                        InstanceMethod<&BodyObject::Free>("free")});
  }
  /// new (pieceBytesMax, frameBytesMax, bytesMax, depthMax)
  explicit BodyObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<BodyObject>(info),
        limits_{info[0].ToNumber().Uint32Value(), info[1].ToNumber().Uint32Value(), info[2].ToNumber().Uint32Value(), info[3].ToNumber().Uint32Value()},
        body_(limits_) {}

 private:
  static Napi::Value number(const Napi::CallbackInfo& info, double value) { return Napi::Number::New(info.Env(), value); }
  static avro::Prefix prefix_of(const Napi::Value& value) { return static_cast<avro::Prefix>(value.ToNumber().Uint32Value() & 1); }

  /// block(plan: AvroPlan, block: Uint8Array, count: bigint) → Result
  Napi::Value Block(const Napi::CallbackInfo& info) {
    return number(info, static_cast<double>(body_.block(*plan_of(info[0]), bytes(info[1]), word(info[2]))));
  }
  /// know(prefix, schema: bigint, plan: AvroPlan)
  void Know(const Napi::CallbackInfo& info) { body_.know(prefix_of(info[0]), word(info[1]), plan_of(info[2])); }
  /// messages(body: Uint8Array, offset) → Result
  Napi::Value Messages(const Napi::CallbackInfo& info) {
    return number(info, static_cast<double>(body_.messages(bytes(info[0]), static_cast<size_t>(info[1].ToNumber().DoubleValue()))));
  }
  /// unknown() → [prefix, schema: bigint]
  Napi::Value Unknown(const Napi::CallbackInfo& info) {
    auto out = Napi::Array::New(info.Env(), 2);
    out.Set(0u, number(info, static_cast<double>(body_.unknown_prefix())));
    out.Set(1u, Napi::BigInt::New(info.Env(), body_.unknown_schema()));
    return out;
  }
  Napi::Value Offset(const Napi::CallbackInfo& info) { return number(info, static_cast<double>(body_.offset())); }
  /// Bytes of all frames.
  Napi::Value Size(const Napi::CallbackInfo& info) { return number(info, static_cast<double>(body_.frames().size())); }
  /// framed() → as json.inl's
  Napi::Value Framed(const Napi::CallbackInfo& info) {
    return json_binding::framed(info.Env(), 0, 0, body_.frames().data(), body_.frames().size(), body_.pieces());
  }

  /// Gives its memory back now: a garbage collector sees nothing of it.
  void Free(const Napi::CallbackInfo& info) { body_ = avro::Body(limits_); }

  avro::BodyLimits limits_;
  avro::Body body_;
};

/// snappyDecompress(block: Uint8Array, bytesMax) → Buffer, 'malformed' or 'too_large'
inline Napi::Value snappy_decompress(const Napi::CallbackInfo& info) {
  const std::string_view block = bytes(info[0]);
  const size_t most = info[1].ToNumber().Uint32Value();
  const int64_t size = avro::snappy_size(block);
  if (size < 0) return Napi::String::New(info.Env(), "malformed");
  if (static_cast<uint64_t>(size) > most) return Napi::String::New(info.Env(), "too_large");
  auto out = Napi::Buffer<uint8_t>::New(info.Env(), static_cast<size_t>(size));
  if (!avro::snappy_decompress(block, out.Data(), out.Length())) return Napi::String::New(info.Env(), "malformed");
  return out;
}

}  // namespace avro_binding

static void init_avro(Napi::Env env, Napi::Object exports) {
  exports.Set("AvroPlan", avro_binding::PlanObject::define(env));
  exports.Set("AvroBody", avro_binding::BodyObject::define(env));
  exports.Set("snappyDecompress", Napi::Function::New<avro_binding::snappy_decompress>(env));
}
