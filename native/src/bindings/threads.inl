// Thread placement.
#include <malloc.h>
#include <pthread.h>
#include <sched.h>

static void init_threads(Napi::Env env, Napi::Object exports) {
  // trimMemory(): free pages of the allocator go back to the system
  exports.Set("trimMemory", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
#ifdef __GLIBC__
                malloc_trim(0);
#endif
                return info.Env().Undefined();
              }));
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
