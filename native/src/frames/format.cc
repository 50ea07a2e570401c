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

void seal_sections(uint8_t* frame) {
  FrameHeader header;
  std::memcpy(&header, frame, sizeof header);
  const uint8_t* from = frame + sizeof header + header.sections * sizeof(SectionEntry);
  for (size_t i = 0; i < header.sections; ++i) {
    uint8_t* const place = frame + sizeof header + i * sizeof(SectionEntry);
    SectionEntry entry;
    std::memcpy(&entry, place, sizeof entry);
    entry.crc = crc32c(0, from, entry.bytes);
    std::memcpy(place, &entry, sizeof entry);
    from += entry.bytes;
  }
  seal_header(header, frame);
}

}  // namespace penstock::frames
