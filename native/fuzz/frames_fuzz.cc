// Any bytes as a plain frame, its checksums made right: refused, or events within what its header says.
#include "frames/frame_reader.h"
#include "kernels/crc32c.h"

#include <cstdlib>
#include <memory>
#include <string>

using namespace penstock;
using namespace penstock::frames;

/// With the magic, sizes and checksums that the bytes ought to have: what is behind them is to be reached.
static std::string sealed(const uint8_t* data, size_t size) {
  std::string frame(reinterpret_cast<const char*>(data), size);
  FrameHeader header;
  if (size < sizeof header) return frame;
  std::memcpy(&header, frame.data(), sizeof header);
  header.magic = kMagic;
  header.version = kVersion;
  header.layout = kLayoutColumns;
  header.frame_bytes = static_cast<uint32_t>(size);
  header.sections = static_cast<uint16_t>(header.sections % 16 + 1);
  size_t at = sizeof header + header.sections * sizeof(SectionEntry);
  if (at > size) return frame;
  for (size_t i = 0; i < header.sections; ++i) {
    char* const place = frame.data() + sizeof header + i * sizeof(SectionEntry);
    SectionEntry entry;
    std::memcpy(&entry, place, sizeof entry);
    const size_t left = size - at, bytes = i + 1 == header.sections ? left : entry.bytes % (left + 1);
    entry = {SectionMethod::kStored, SectionKind::kText, 0, static_cast<uint32_t>(bytes), static_cast<uint32_t>(bytes),
             crc32c(0, frame.data() + at, bytes)};
    std::memcpy(place, &entry, sizeof entry);
    at += bytes;
  }
  seal_header(header, reinterpret_cast<uint8_t*>(frame.data()));
  return frame;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr uint32_t kDecodedMax = 1 << 20;
  static FrameReader reader;
  const std::string frame = sealed(data, size);
  const std::unique_ptr<char[]> exact(new char[frame.size()]);
  std::memcpy(exact.get(), frame.data(), frame.size());
  if (reader.open({exact.get(), frame.size()}, kDecodedMax) != FrameError::kNone) return 0;
  if (reader.header().decoded_bytes > kDecodedMax) abort();
  const std::unique_ptr<uint8_t[]> room(new uint8_t[reader.header().event_bytes_max + kPadding]);
  uint64_t decoded = 0;
  for (uint32_t i = 0; i < reader.header().events; ++i) {
    const uint8_t* const end = reader.next(room.get());
    if (!end) return 0;
    decoded += static_cast<uint64_t>(end - room.get());
    if (decoded > reader.header().decoded_bytes) abort();
  }
  if (reader.close() == FrameError::kNone && decoded != reader.header().decoded_bytes) abort();
  return 0;
}
