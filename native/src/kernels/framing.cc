#include "kernels/framing.h"

#include "kernels/cpu.h"
#include "kernels/framing_impl.h"
#include "kernels/framing_variants.h"
#include "kernels/isa_scalar.h"

namespace penstock {
namespace {

struct Variant {
  decltype(&cut_frames_scalar) cut;
  decltype(&next_frame_scalar) next;
};

Variant pick() {
#if defined(__x86_64__)
  if (cpu_has_avx2()) return {cut_frames_avx2, next_frame_avx2};
#endif
  return {cut_frames_scalar, next_frame_scalar};
}

const Variant kVariant = pick();

}  // namespace

Cut cut_frames(const uint8_t* data, size_t size, Framing framing, uint32_t max_message_bytes, bool at_end,
               FramingState& state) {
  return kVariant.cut(data, size, framing, max_message_bytes, at_end, state);
}

size_t next_frame(const uint8_t* data, size_t size, Framing framing, Frame& frame) {
  return kVariant.next(data, size, framing, frame);
}

Cut cut_frames_scalar(const uint8_t* data, size_t size, Framing framing, uint32_t max_message_bytes, bool at_end,
                      FramingState& state) {
  return cut_frames_with<ScalarIsa>(data, size, framing, max_message_bytes, at_end, state);
}

size_t next_frame_scalar(const uint8_t* data, size_t size, Framing framing, Frame& frame) {
  return next_frame_with<ScalarIsa>(data, size, framing, frame);
}

}  // namespace penstock
