// A stream's bytes reach the ring as the frames they are, however they are read and however full the ring is.
#include "io/stream.h"

#include <string>
#include <vector>

#include "check.h"

using namespace penstock;

namespace {

constexpr uint32_t kMessageMax = 300;
constexpr size_t kCapacity = 65536;

struct World {
  World() : memory(kRingOverheadBytes + kCapacity), words(kIoStatWords) { CHECK(ring_format(memory.data(), kCapacity)); }
  std::vector<uint8_t> memory;
  std::vector<uint64_t> words;
  Doorbell bell{};
};

void take(RingReader& reader, std::vector<std::string>& frames) {
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
}

/// Frames of all sizes around the limit, both framings mixed, with what each must become.
std::string make_input(unsigned count, uint64_t seed, std::vector<std::string>& expected) {
  std::string input;
  for (unsigned i = 0; i < count; i++) {
    const uint64_t random = mix64(seed * 1000 + i);
    const size_t size = random % 8 == 0 ? 290 + random / 8 % 20 : random % 97 == 1 ? 5000 + random / 128 % 3000 : random / 8 % 200;
    std::string message = "<13>" + std::to_string(i) + std::string(size, static_cast<char>('a' + i % 26));
    input += random / 1024 % 2 ? message + (random / 2048 % 2 ? "\r\n" : "\n") : std::to_string(message.size()) + " " + message;
    expected.push_back(message.substr(0, kMessageMax));
  }
  return input;
}

void run(uint64_t seed, size_t read_max, bool starve) {
  World world;
  RingWriter writer(world.memory.data(), &world.bell);
  RingReader reader(world.memory.data());
  IoStats stats(world.words.data());
  Stream stream;
  stream.origin.framing = Framing::kSyslog;
  std::vector<std::string> expected, frames;
  const std::string input = make_input(3000, seed, expected);
  size_t at = 0;
  for (uint64_t turn = 0; at < input.size(); turn++) {
    if (!starve || mix64(seed + turn) % 16 == 0) take(reader, frames);
    if (!stream.flush(writer, kMessageMax, false, stats)) continue;
    const size_t size = std::min(input.size() - at, 1 + mix64(seed ^ (turn + 77)) % read_max);
    uint8_t* into;
    ChunkHeader* header = stream.begin_read(writer, size, &into);
    if (!header) {
      if (mix64(turn) % 3 == 0) {  // as the feeder does it: the bytes are here and must be kept
        CHECK(stream.keep(reinterpret_cast<const uint8_t*>(input.data()) + at, size, stats));
        at += size;
      }
      continue;
    }
    std::memcpy(into, input.data() + at, size);
    stream.end_read(writer, header, size, kMessageMax, stats);
    at += size;
    if (!stream.needs_flush()) CHECK(stream.carried_bytes() <= kMessageMax + kFramePrefixMax);
  }
  while (!stream.flush(writer, kMessageMax, true, stats)) take(reader, frames);
  take(reader, frames);
  CHECK_EQ(frames.size(), expected.size());
  CHECK(frames == expected);
  CHECK_EQ(stats.get(IoStat::partial_frame_bytes), 0u);
  CHECK_EQ(stats.get(IoStat::lost_bytes_total), 0u);
  CHECK(stats.get(IoStat::truncated_frames_total) > 0);
}

}  // namespace

int main() {
  for (uint64_t seed = 1; seed <= 10; seed++) {
    for (const size_t read_max : {1, 3, 50, 700, 10'000}) {
      run(seed, read_max, false);
      run(seed, read_max, true);
    }
  }
  return check::done();
}
