// Any bytes, cut at any places, through a ring that is often full: the same frames as read in one piece, no byte lost.
// Input: two bytes that seed the cuts, then the stream.
#include "io/stream.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

using namespace penstock;

namespace {

constexpr size_t kCapacity = 65536;
constexpr uint32_t kMessageMax = 64;

std::vector<std::string> frames_of(const uint8_t* data, size_t size, uint64_t seed, Framing framing, bool starve) {
  static std::vector<uint8_t> memory;
  memory.assign(kRingOverheadBytes + kCapacity, 0);
  if (!ring_format(memory.data(), kCapacity)) std::abort();
  uint64_t words[kIoStatWords] = {};
  IoStats stats(words);
  Doorbell bell{};
  RingWriter writer(memory.data(), &bell);
  RingReader reader(memory.data());
  Stream stream;
  stream.origin.framing = framing;
  std::vector<std::string> frames;
  auto take = [&] {
    while (const ChunkHeader* chunk = reader.next()) {
      const uint8_t* payload = RingReader::payload(chunk);
      if (chunk->flags & kChunkTruncated) {
        frames.emplace_back(reinterpret_cast<const char*>(payload), chunk->size);
        continue;
      }
      Frame frame;
      for (size_t at = 0; at < chunk->size;) {
        const size_t used = next_frame(payload + at, chunk->size - at, chunk->framing, frame);
        if (used == 0) break;
        if (frame.size != 0) frames.emplace_back(reinterpret_cast<const char*>(frame.data), frame.size);
        at += used;
      }
    }
    reader.release();
  };
  size_t at = 0;
  for (uint64_t turn = 0; at < size; turn++) {
    if (!starve || mix64(seed + turn) % 8 == 0) take();
    if (!stream.flush(writer, kMessageMax, false, stats)) continue;
    const size_t piece = starve ? std::min(size - at, 1 + mix64(seed ^ turn) % 90) : std::min<size_t>(size - at, 8192);
    uint8_t* into;
    ChunkHeader* header = stream.begin_read(writer, piece + (starve ? 8000 : 0), &into);
    if (!header) continue;
    std::memcpy(into, data + at, piece);
    stream.end_read(writer, header, piece, kMessageMax, stats);
    if (!stream.needs_flush() && stream.carried_bytes() > kMessageMax + kFramePrefixMax) std::abort();
    at += piece;
  }
  while (!stream.flush(writer, kMessageMax, true, stats)) take();
  take();
  if (stats.get(IoStat::lost_bytes_total) != 0 || stats.get(IoStat::partial_frame_bytes) != stream.carried_bytes()) std::abort();
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const uint64_t seed = data[0] * 256u + data[1];
  const Framing framing = seed % 2 ? Framing::kSyslog : Framing::kLine;
  if (frames_of(data + 2, size - 2, seed, framing, false) != frames_of(data + 2, size - 2, seed, framing, true)) std::abort();
  return 0;
}
