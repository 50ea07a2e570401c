// Making rings; their use is native on both sides.
#include "ring/ring.h"

static void init_ring(Napi::Env env, Napi::Object exports) {
  // formatRing(memory: Uint8Array of ringBytes(capacity), capacity) → false when capacity is not a power of two ≥ 64 KiB
  exports.Set("formatRing", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
                auto memory = info[0].As<Napi::Uint8Array>();
                const auto capacity = static_cast<size_t>(info[1].ToNumber().Int64Value());
                const bool fits = memory.ByteLength() >= penstock::kRingOverheadBytes + capacity;
                return Napi::Boolean::New(info.Env(), fits && penstock::ring_format(memory.Data(), capacity));
              }));
  exports.Set("ringOverheadBytes", Napi::Number::New(env, penstock::kRingOverheadBytes));
}
