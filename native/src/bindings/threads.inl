// Thread placement.
#include <pthread.h>
#include <sched.h>

static void init_threads(Napi::Env env, Napi::Object exports) {
  // pinThread(cpu) → 0 or errno, for the calling thread
  exports.Set("pinThread", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
                cpu_set_t set;
                CPU_ZERO(&set);
                const uint32_t cpu = info[0].ToNumber().Uint32Value();
                if (cpu >= CPU_SETSIZE) return Napi::Number::New(info.Env(), EINVAL);
                CPU_SET(cpu, &set);
                return Napi::Number::New(info.Env(), pthread_setaffinity_np(pthread_self(), sizeof set, &set));
              }));
}
