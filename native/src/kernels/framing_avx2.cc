#if defined(__x86_64__)
#include "kernels/framing_impl.h"
#include "kernels/framing_variants.h"
#include "kernels/isa_avx2.h"

namespace penstock {

Cut cut_frames_avx2(const uint8_t* data, size_t size, Framing framing, uint32_t max_message_bytes, bool at_end,
                    FramingState& state) {
  return cut_frames_with<Avx2Isa>(data, size, framing, max_message_bytes, at_end, state);
}

size_t next_frame_avx2(const uint8_t* data, size_t size, Framing framing, Frame& frame) {
  return next_frame_with<Avx2Isa>(data, size, framing, frame);
}

}  // namespace penstock
#endif
