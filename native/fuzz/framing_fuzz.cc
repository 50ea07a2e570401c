// Framing, cut anywhere, against the naive splitter; vectors against scalars.
// Input: limit, chunk sizes' seed, then the stream.
#include "../test/framing_oracle.h"

using namespace framing_test;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const uint32_t max = 1 + data[0] + (data[1] & 3) * 256;
  const uint32_t seed = data[1] * 256u + data[2];
  const std::string_view stream(reinterpret_cast<const char*>(data + 3), std::min<size_t>(size - 3, 20'000));
  for (const Framing framing : {Framing::kSyslog, Framing::kLine}) {
    const auto expected = naive(stream, framing, max);
    for (const Kernel& kernel : kernels()) {
      Stream s(kernel, framing, max);
      uint32_t state = seed;
      for (size_t at = 0; at < stream.size();) {
        state = state * 1664525 + 1013904223;
        const size_t chunk = 1 + (state >> 16) % ((state >> 8 & 7) == 0 ? 4000 : 200);
        s.feed(stream.substr(at, chunk));
        at += chunk;
        if (s.left() > max + 12) __builtin_trap();
      }
      s.end();
      if (s.left() != 0 || s.frames != expected) __builtin_trap();
    }
  }
  return 0;
}
