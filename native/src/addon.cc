// Table of contents of the C++ addon. Only this file includes napi.h; each binding file below registers one class or
// a few functions, receives clean positional values (TypeScript validates) and answers codes.

// A worker thread may be ended while it is in here (pool.ts): what then cannot be thrown is nothing to end the process for.
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#include <napi.h>

#include "kernels/ecs_lookup.h"

#include "bindings/io.inl"
#include "bindings/enrich.inl"
#include "bindings/feeder.inl"
#include "bindings/frames.inl"
#include "bindings/frame_fields.inl"
#include "bindings/journal.inl"
#include "bindings/json.inl"
#include "bindings/avro.inl"
#include "bindings/kernel_bench.inl"
#include "bindings/log_event.inl"
#include "bindings/load.inl"
#include "bindings/patterns.inl"
#include "bindings/packs.inl"
#include "bindings/validation.inl"
#include "bindings/pipeline.inl"
#include "bindings/ring.inl"
#include "bindings/syslog.inl"
#include "bindings/threads.inl"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  init_io(env, exports);
  init_enrich(env, exports);
  init_feeder(env, exports);
  init_frames(env, exports);
  init_frame_fields(env, exports);
  init_journal(env, exports);
  init_json(env, exports);
  init_avro(env, exports);
  init_kernel_bench(env, exports);
  init_log_event(env, exports);
  init_load(env, exports);
  init_patterns(env, exports);
  init_packs(env, exports);
  init_pipeline(env, exports);
  init_ring(env, exports);
  init_syslog(env, exports);
  init_threads(env, exports);
  init_validation(env, exports);
  return exports;
}

NODE_API_MODULE(penstock, Init)
