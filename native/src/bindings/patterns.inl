// Regular expressions of format packs: the functions of the Rust addon are handed over here, once; class Pattern is for
// checking and explaining patterns, not for the event path.
#include "packs/blocks/regex.h"

class PatternObject : public Napi::ObjectWrap<PatternObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Pattern",
                       {InstanceMethod<&PatternObject::Compile>("compile"), InstanceMethod<&PatternObject::Find>("find")});
  }
  explicit PatternObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<PatternObject>(info) {}

 private:
  /// compile(pattern: string) → '' or why it is refused
  Napi::Value Compile(const Napi::CallbackInfo& info) {
    std::string error;
    regex_.compile(info[0].ToString().Utf8Value(), error);
    return Napi::String::New(info.Env(), error);
  }
  /// find(text: Uint8Array, anchored: boolean) → start and end of each group, 2^32 − 1 for one without part; undefined: no match
  Napi::Value Find(const Napi::CallbackInfo& info) {
    const auto text = info[0].As<Napi::Uint8Array>();
    penstock::packs::RegexSpan spans[penstock::packs::Regex::kGroupsMax];
    if (!regex_.find(penstock::view(text.Data(), text.ByteLength()), info[1].ToBoolean().Value(), spans, regex_.groups()))
      return info.Env().Undefined();
    auto out = Napi::Uint32Array::New(info.Env(), 2 * regex_.groups());
    for (size_t i = 0; i < regex_.groups(); ++i) {
      out[2 * i] = spans[i].start;
      out[2 * i + 1] = spans[i].end;
    }
    return out;
  }
  penstock::packs::Regex regex_;
};

static void init_patterns(Napi::Env env, Napi::Object exports) {
  exports.Set("Pattern", PatternObject::define(env));
  // setRegexAbi(address: bigint) → false when the two addons were not built from the same sources
  exports.Set("setRegexAbi", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
                bool lossless = false;
                const uint64_t address = info[0].As<Napi::BigInt>().Uint64Value(&lossless);
                const auto* abi = reinterpret_cast<const penstock::packs::RegexAbi*>(address);
                return Napi::Boolean::New(info.Env(), lossless && penstock::packs::set_regex_abi(abi));
              }));
}
