// Any bytes as a plain frame, its checksums made right: refused, or events within what its header says, all of each and some fields.
#include "frames/frame_projection.h"
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

/// Every event, as its LogEvent.
static void decode(FrameReader& reader) {
  const std::unique_ptr<uint8_t[]> room(new uint8_t[reader.event_room()]);
  uint64_t decoded = 0;
  for (uint32_t i = 0; i < reader.header().events; ++i) {
    const uint8_t* const end = reader.next(room.get());
    if (!end) return;
    decoded += static_cast<uint64_t>(end - room.get());
    if (decoded > reader.header().decoded_bytes) abort();
  }
  if (reader.close() == FrameError::kNone && decoded != reader.header().decoded_bytes) abort();
}

/// Some fields of every event.
static void project(std::string_view frame, uint32_t decoded_max) {
  static FrameProjection projection;
  constexpr auto number = [](LogEventNumber n) { return static_cast<uint32_t>(n); };
  const WantedField wanted[] = {{1, {}}, {number(LogEventNumber::kEventOriginal), {}}, {16, {}}, {number(LogEventNumber::kAttrs), "a"}};
  if (projection.open(frame, wanted, decoded_max) != FrameError::kNone) abort();
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < projection.header().events; ++i) {
    std::span<const ProjectedField> fields;
    if (!projection.next(fields)) return;
    for (const ProjectedField& field : fields)
      bytes += is_text(field.kind) ? std::string(field.text).size() : 1;
  }
  if (bytes > projection.header().decoded_bytes) abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr uint32_t kDecodedMax = 1 << 20;
  static FrameReader reader;
  const std::string frame = sealed(data, size);
  const std::unique_ptr<char[]> exact(new char[frame.size()]);
  std::memcpy(exact.get(), frame.data(), frame.size());
  if (reader.open({exact.get(), frame.size()}, kDecodedMax) != FrameError::kNone) return 0;
  if (reader.header().decoded_bytes > kDecodedMax) abort();
  decode(reader);
  project({exact.get(), frame.size()}, kDecodedMax);
  return 0;
}
