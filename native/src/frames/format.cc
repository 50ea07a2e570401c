#include "frames/format.h"

#include <cstring>

#include "kernels/crc32c.h"

namespace penstock::frames {

void seal_header(FrameHeader& header, uint8_t* frame) {
  header.crc = 0;
  std::memcpy(frame, &header, sizeof header);
  const uint32_t crc = crc32c(0, frame, sizeof header - sizeof header.crc);
  header.crc = crc32c(crc, frame + sizeof header, header.sections * sizeof(SectionEntry));
  std::memcpy(frame + offsetof(FrameHeader, crc), &header.crc, sizeof header.crc);
}

}  // namespace penstock::frames
