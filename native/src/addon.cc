// Table of contents of the C++ addon. Only this file includes napi.h; each binding file below registers one class or
// a few functions, receives clean positional values (TypeScript validates) and answers codes.
#include <napi.h>

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  return exports;
}

NODE_API_MODULE(penstock, Init)
