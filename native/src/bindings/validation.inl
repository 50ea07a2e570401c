// Class Validator: a compiled JSON Schema, for checking at the start and for tests; events are validated natively.
#include "validation/validator.h"

namespace validation_binding {

using namespace penstock;

/// Of a listener's plan: nullptr where there is none. It was checked on the main thread.
inline std::shared_ptr<const validation::Schema> schema_of(const Napi::Value& value) {
  if (!value.IsTypedArray()) return nullptr;
  const auto plan = value.As<Napi::Uint8Array>();
  auto schema = std::make_shared<validation::Schema>();
  std::string error;
  if (schema->load(plan.Data(), plan.ByteLength(), error)) return schema;
  Napi::Error::New(value.Env(), "a listener's schema: " + error).ThrowAsJavaScriptException();
  return nullptr;
}

class ValidatorObject : public Napi::ObjectWrap<ValidatorObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Validator", {InstanceMethod<&ValidatorObject::Load>("load"), InstanceMethod<&ValidatorObject::Check>("check")});
  }
  explicit ValidatorObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<ValidatorObject>(info),
        bytes_max_(info[0].ToNumber().Uint32Value()),
        validator_(bytes_max_, info[1].ToNumber().Uint32Value()),
        arena_(size_t{bytes_max_} * 8) {}

 private:
  /// load(plan: Uint8Array) → '' or what is wrong with it
  Napi::Value Load(const Napi::CallbackInfo& info) {
    const auto plan = info[0].As<Napi::Uint8Array>();
    std::string error;
    schema_.load(plan.Data(), plan.ByteLength(), error);
    return Napi::String::New(info.Env(), error);
  }
  /// check(document: Uint8Array) → '' or why it does not fit
  Napi::Value Check(const Napi::CallbackInfo& info) {
    const auto given = info[0].As<Napi::Uint8Array>();
    const std::string document = std::string(reinterpret_cast<const char*>(given.Data()), given.ByteLength()).append(kPadding, '\0');
    const std::string_view text(document.data(), given.ByteLength());
    if (validator_.check(schema_, text, arena_)) return Napi::String::New(info.Env(), "");
    return Napi::String::New(info.Env(), validator_.reason().data(), validator_.reason().size());
  }

  uint32_t bytes_max_;
  validation::Schema schema_;
  validation::Validator validator_;
  Arena arena_;
};

}  // namespace validation_binding

static void init_validation(Napi::Env env, Napi::Object exports) {
  exports.Set("Validator", validation_binding::ValidatorObject::define(env));
}
