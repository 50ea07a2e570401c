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
  // ringDepth(memory) → bytes published and not yet released
  exports.Set("ringDepth", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
                const auto* control = penstock::ring_control(info[0].As<Napi::Uint8Array>().Data());
                // tail first: it never passes head, so the difference is never negative
                const uint64_t tail = control->tail.load(std::memory_order_acquire);
                const uint64_t head = control->head.load(std::memory_order_acquire);
                return Napi::Number::New(info.Env(), static_cast<double>(head - tail));
              }));
  // ringPositions(memory) → [released, published] bytes since the ring was made
  exports.Set("ringPositions", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
                const auto* control = penstock::ring_control(info[0].As<Napi::Uint8Array>().Data());
                auto out = Napi::Array::New(info.Env(), 2);
                const uint64_t tail = control->tail.load(std::memory_order_acquire);
                out.Set(uint32_t{0}, Napi::Number::New(info.Env(), static_cast<double>(tail)));
                const uint64_t head = control->head.load(std::memory_order_acquire);
                out.Set(uint32_t{1}, Napi::Number::New(info.Env(), static_cast<double>(head)));
                return out;
              }));
  exports.Set("ringOverheadBytes", Napi::Number::New(env, penstock::kRingOverheadBytes));
}
