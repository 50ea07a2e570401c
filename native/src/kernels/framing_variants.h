// The framing functions per instruction set; tests and fuzz targets compare them.
#pragma once

#include "kernels/framing.h"

namespace penstock {

Cut cut_frames_scalar(const uint8_t* data, size_t size, Framing framing, uint32_t max_message_bytes, bool at_end,
                      FramingState& state);
size_t next_frame_scalar(const uint8_t* data, size_t size, Framing framing, Frame& frame);

#if defined(__x86_64__)
Cut cut_frames_avx2(const uint8_t* data, size_t size, Framing framing, uint32_t max_message_bytes, bool at_end,
                    FramingState& state);
size_t next_frame_avx2(const uint8_t* data, size_t size, Framing framing, Frame& frame);
#endif

}  // namespace penstock
