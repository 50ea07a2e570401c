// The feeder: bytes held by JavaScript into the rings, one call a read or body.
#include "io/feeder.h"

namespace {

/// Feeder(rings: Uint8Array[worker], doorbells: Uint8Array[worker], messageBytesMax, thread, listeners, stats: Uint8Array,
///        onWake: () => void)
class FeederBinding : public Napi::ObjectWrap<FeederBinding> {
 public:
  static void init(Napi::Env env, Napi::Object exports) {
    exports.Set("Feeder", DefineClass(env, "Feeder",
                                      {InstanceMethod<&FeederBinding::open>("open"),
                                       InstanceMethod<&FeederBinding::write>("write"),
                                       InstanceMethod<&FeederBinding::flush>("flush"),
                                       InstanceMethod<&FeederBinding::close>("close"),
                                       InstanceMethod<&FeederBinding::drop>("drop"),
                                       InstanceMethod<&FeederBinding::deliver>("deliver"),
                                       InstanceMethod<&FeederBinding::next>("next"),
                                       InstanceMethod<&FeederBinding::committed>("committed"),
                                       InstanceMethod<&FeederBinding::stop>("stop")}));
  }

  explicit FeederBinding(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    const auto rings = info[0].As<Napi::Array>();
    const auto doorbells = info[1].As<Napi::Array>();
    penstock::Feeder::Options options{};
    for (uint32_t i = 0; i < rings.Length(); i++) {
      options.rings.push_back(io_bytes(rings.Get(i)));
      options.doorbells.push_back(static_cast<penstock::Doorbell*>(io_bytes(doorbells.Get(i))));
    }
    options.message_max = info[2].ToNumber().Uint32Value();
    options.thread = static_cast<uint16_t>(info[3].ToNumber().Uint32Value());
    options.listeners = static_cast<uint16_t>(info[4].ToNumber().Uint32Value());
    options.stats = static_cast<uint64_t*>(io_bytes(info[5]));
    auto kept = Napi::Object::New(info.Env());
    kept.Set("rings", info[0]);
    kept.Set("doorbells", info[1]);
    kept.Set("stats", info[5]);
    kept_ = Napi::Persistent(kept);
    // A queue of one: a wake-up that is already on its way covers the next.
    wake_ = Napi::ThreadSafeFunction::New(info.Env(), info[6].As<Napi::Function>(), "penstock feeder", 1, 1);
    wake_.Unref(info.Env());
    feeder_ = std::make_unique<penstock::Feeder>(options, [this] { wake_.NonBlockingCall(call); });
    if (!feeder_->start()) Napi::Error::New(info.Env(), "no file descriptors are left").ThrowAsJavaScriptException();
  }
  ~FeederBinding() override { end(); }

 private:
  void end() {
    if (!feeder_) return;
    feeder_.reset();
    wake_.Abort();
  }
  /// Plain, because an environment that is being torn down runs no JavaScript, and that is no error here.
  static void call(Napi::Env env, Napi::Function on_wake) {
    if (static_cast<napi_env>(env) != nullptr) napi_call_function(env, env.Undefined(), on_wake, 0, nullptr, nullptr);
  }
  static int32_t id(const Napi::CallbackInfo& info) { return info[0].ToNumber().Int32Value(); }

  // open(listener, framing, peer) → stream
  Napi::Value open(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), feeder_->open(static_cast<uint16_t>(info[0].ToNumber().Uint32Value()),
                                                       static_cast<penstock::Framing>(info[1].ToNumber().Uint32Value()),
                                                       info[2].ToString().Utf8Value()));
  }
  // write(stream, bytes) → false: kept, wait for room
  Napi::Value write(const Napi::CallbackInfo& info) {
    const auto bytes = info[1].As<Napi::Uint8Array>();
    return Napi::Boolean::New(info.Env(), feeder_->write(id(info), bytes.Data(), bytes.ByteLength()));
  }
  Napi::Value flush(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), feeder_->flush(id(info))); }
  Napi::Value close(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), feeder_->close(id(info))); }
  Napi::Value drop(const Napi::CallbackInfo& info) {
    feeder_->drop(id(info));
    return info.Env().Undefined();
  }
  // deliver(stream, framing, format, body, answer: Float64Array[2] of ring and chunk) → false: full
  Napi::Value deliver(const Napi::CallbackInfo& info) {
    const auto body = info[3].As<Napi::Uint8Array>();
    const auto delivered = feeder_->deliver(id(info), static_cast<penstock::Framing>(info[1].ToNumber().Uint32Value()),
                                            static_cast<penstock::ChunkFormat>(info[2].ToNumber().Uint32Value()),
                                            body.Data(), body.ByteLength());
    put(info[4], delivered);
    return Napi::Boolean::New(info.Env(), delivered.ring >= 0);
  }
  // next(stream, bytes, answer): where a chunk of so many bytes will be → false: full
  Napi::Value next(const Napi::CallbackInfo& info) {
    const auto place = feeder_->next(id(info), info[1].ToNumber().Uint32Value());
    put(info[2], place);
    return Napi::Boolean::New(info.Env(), place.ring >= 0);
  }
  static void put(const Napi::Value& answer, const penstock::Feeder::Delivered& place) {
    auto words = answer.As<Napi::Float64Array>();
    words[0] = place.ring;
    words[1] = static_cast<double>(place.chunk);
  }
  // committed(ring) → chunks below this number are durable; the next change wakes
  Napi::Value committed(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(feeder_->committed(info[0].ToNumber().Uint32Value())));
  }
  Napi::Value stop(const Napi::CallbackInfo& info) {
    end();
    return info.Env().Undefined();
  }

  Napi::ObjectReference kept_;
  Napi::ThreadSafeFunction wake_;
  std::unique_ptr<penstock::Feeder> feeder_;
};

}  // namespace

static void init_feeder(Napi::Env env, Napi::Object exports) { FeederBinding::init(env, exports); }
