// Class KernelBench: kernels over a buffer of lines, for `npm run bench`.
#include "bench/kernel_bench.h"

class KernelBenchObject : public Napi::ObjectWrap<KernelBenchObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    using B = penstock::KernelBench;
    return DefineClass(env, "KernelBench",
                       {InstanceMethod<&KernelBenchObject::Do<&B::frame>>("frame"),
                        InstanceMethod<&KernelBenchObject::Do<&B::parse>>("parse"),
                        InstanceMethod<&KernelBenchObject::Do<&B::parse_scalar>>("parseScalar"),
                        InstanceMethod<&KernelBenchObject::Do<&B::encode>>("encode"),
                        InstanceMethod<&KernelBenchObject::Do<&B::encode_compact>>("encodeCompact"),
                        InstanceMethod<&KernelBenchObject::Do<&B::encode_json>>("encodeJson"),
                        InstanceMethod<&KernelBenchObject::Do<&B::batch>>("batch"),
                        InstanceMethod<&KernelBenchObject::Do<&B::checksum>>("checksum"),
                        InstanceMethod<&KernelBenchObject::Do<&B::copy>>("copy"),
                        InstanceMethod<&KernelBenchObject::Do<&B::simdjson>>("simdjson"),
                        InstanceMethod<&KernelBenchObject::Fill>("fill"),
                        InstanceMethod<&KernelBenchObject::FillNext>("fillNext"),
                        InstanceMethod<&KernelBenchObject::FramePacked>("framePacked"),
                        InstanceMethod<&KernelBenchObject::FixLayout>("fixLayout"),
                        InstanceMethod<&KernelBenchObject::FrameLayout>("frameLayout")});
  }
  /// KernelBench(lines: Uint8Array, json: boolean)
  explicit KernelBenchObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<KernelBenchObject>(info) {
    const auto lines = info[0].As<Napi::Uint8Array>();
    bench_ = std::make_unique<penstock::KernelBench>(penstock::view(lines.Data(), lines.ByteLength()),
                                                     info[1].ToBoolean().Value());
  }

 private:
  template <size_t (penstock::KernelBench::*Method)()>
  Napi::Value Do(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>((bench_.get()->*Method)()));
  }
  /// fill(out: Uint8Array, compact?: boolean, keepOriginal?: boolean) → bytes of one record batch made of as many lines as fit
  Napi::Value Fill(const Napi::CallbackInfo& info) {
    auto out = info[0].As<Napi::Uint8Array>();
    const size_t size = bench_->fill(out.Data(), out.ByteLength(), info[1].ToBoolean(), info[2].ToBoolean());
    return Napi::Number::New(info.Env(), static_cast<double>(size));
  }
  /// fillNext(out: Uint8Array, frameEvents: number) → bytes of the next record batch or, of so many events, plain frame
  Napi::Value FillNext(const Napi::CallbackInfo& info) {
    auto out = info[0].As<Napi::Uint8Array>();
    const size_t size = bench_->fill_next(out.Data(), out.ByteLength(), info[1].ToNumber().Uint32Value());
    return Napi::Number::New(info.Env(), static_cast<double>(size));
  }
  /// framePacked(bytes, ns): what the frame of the last fillNext was packed into, and in how much time
  void FramePacked(const Napi::CallbackInfo& info) {
    bench_->frame_packed(info[0].ToNumber().Uint32Value(), static_cast<uint64_t>(info[1].ToNumber().Int64Value()));
  }
  /// fixLayout(layout): 0 templates, 1 columns, 2 whole events
  void FixLayout(const Napi::CallbackInfo& info) {
    bench_->fix_layout(static_cast<penstock::frames::Layout>(info[0].ToNumber().Uint32Value() % penstock::frames::kLayouts));
  }
  /// frameLayout() → of the frame made last
  Napi::Value FrameLayout(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(bench_->frame_layout()));
  }
  std::unique_ptr<penstock::KernelBench> bench_;
};

static void init_kernel_bench(Napi::Env env, Napi::Object exports) {
  exports.Set("KernelBench", KernelBenchObject::define(env));
}
