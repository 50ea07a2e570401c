// The load generator of `penstock send`, off the main thread.
#include "load/generator.h"

namespace load_binding {

inline std::vector<uint32_t> places(const Napi::Value& v) {
  const auto array = v.As<Napi::Uint32Array>();
  return {array.Data(), array.Data() + array.ElementLength()};
}

class LoadWorker : public Napi::AsyncWorker {
 public:
  LoadWorker(Napi::Env env, penstock::LoadOptions options, penstock::LoadTemplate messages)
      : Napi::AsyncWorker(env), deferred_(env), options_(std::move(options)), messages_(std::move(messages)) {}
  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { result_ = penstock::run_load(options_, messages_, stop); }
  void OnOK() override {
    auto out = Napi::Object::New(Env());
    out.Set("sent", static_cast<double>(result_.sent));
    out.Set("bytes", static_cast<double>(result_.bytes));
    out.Set("seconds", result_.seconds);
    out.Set("retries", static_cast<double>(result_.retries));
    out.Set("error", result_.error);
    deferred_.Resolve(out);
  }

 public:
  static inline std::atomic<bool> stop{false};

 private:
  Napi::Promise::Deferred deferred_;
  penstock::LoadOptions options_;
  penstock::LoadTemplate messages_;
  penstock::LoadResult result_;
};

}  // namespace load_binding

static void init_load(Napi::Env env, Napi::Object exports) {
  using namespace load_binding;
  // runLoad(options, bytes: Uint8Array, starts, timestamps, sequences: Uint32Array) → Promise of the result
  exports.Set("runLoad", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
                const auto o = info[0].As<Napi::Object>();
                const auto number = [&](const char* name) { return o.Get(name).ToNumber().DoubleValue(); };
                penstock::LoadOptions options;
                options.transport = static_cast<penstock::LoadTransport>(static_cast<int>(number("transport")));
                options.host = o.Get("host").ToString().Utf8Value();
                options.port = static_cast<uint16_t>(number("port"));
                options.path = o.Get("path").ToString().Utf8Value();
                options.headers = o.Get("headers").ToString().Utf8Value();
                options.connections = static_cast<uint32_t>(number("connections"));
                options.rate = number("rate");
                options.count = static_cast<uint64_t>(number("count"));
                options.seconds = number("seconds");
                options.chunk_bytes = static_cast<uint32_t>(number("chunkBytes"));
                const auto bytes = info[1].As<Napi::Uint8Array>();
                penstock::LoadTemplate messages;
                messages.bytes.assign(reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength());
                messages.starts = places(info[2]);
                messages.timestamps = places(info[3]);
                messages.sequences = places(info[4]);
                auto* worker = new LoadWorker(info.Env(), std::move(options), std::move(messages));
                worker->Queue();
                return worker->promise();
              }));
  // stopLoad(): every running load ends soon
  exports.Set("stopLoad", Napi::Function::New(env, [](const Napi::CallbackInfo&) { LoadWorker::stop = true; }));
}
