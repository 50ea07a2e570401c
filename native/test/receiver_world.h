// Receiver threads with real sockets and small rings, for tests.
#pragma once

#include "io/receiver_group.h"

#include <poll.h>
#include <string>

#include "check.h"

namespace receiver_world {

using namespace penstock;

inline constexpr size_t kCapacity = 1 << 17;
inline constexpr unsigned kThreads = 2, kWorkers = 2;

struct World {
  World() : words(kThreads * kIoStatWords) {
    ReceiverGroup::Options options{.listeners = 1, .message_max = 4096, .carry_bytes_max = 1 << 20, .rings = {},
                                   .doorbells = {}, .stats = words.data(), .pin = {}};
    for (unsigned t = 0; t < kThreads; t++) {
      options.rings.emplace_back();
      for (unsigned w = 0; w < kWorkers; w++) {
        rings.push_back(std::make_unique<std::vector<uint8_t>>(kRingOverheadBytes + kCapacity));
        CHECK(ring_format(rings.back()->data(), kCapacity));
        options.rings.back().push_back(rings.back()->data());
      }
    }
    for (Doorbell& bell : bells) options.doorbells.push_back(&bell);
    group = std::make_unique<ReceiverGroup>(options);
    CHECK(group->start({}));
    for (auto& ring : rings) readers.emplace_back(ring->data());
  }
  /// Frames taken.
  size_t take() {
    size_t frames = 0;
    for (RingReader& reader : readers) {
      while (const ChunkHeader* chunk = reader.next()) {
        // From a copy: kernels load whole vectors, which here would reach what the receiver writes next.
        const uint8_t* payload = RingReader::payload(chunk);
        copy.assign(payload, payload + chunk->size);
        copy.resize(chunk->size + kPadding);
        Frame frame;
        for (size_t at = 0; at < chunk->size;) {
          const size_t used = next_frame(copy.data() + at, chunk->size - at, chunk->framing, frame);
          if (used == 0) break;
          frames += frame.size != 0;
          at += used;
        }
      }
      reader.release();
    }
    return frames;
  }
  uint64_t count(IoStat stat) {
    uint64_t sum = 0;
    for (unsigned t = 0; t < kThreads; t++) sum += IoStats(words.data() + t * kIoStatWords).get(stat);
    return sum;
  }
  std::vector<std::unique_ptr<std::vector<uint8_t>>> rings;
  std::vector<uint64_t> words;
  std::vector<uint8_t> copy;
  Doorbell bells[kWorkers] = {};
  std::vector<RingReader> readers;
  std::unique_ptr<ReceiverGroup> group;
};

inline void sleep_ms(int ms) { poll(nullptr, 0, ms); }
/// Of a millisecond: only a test that fails waits as long as that.
inline constexpr int kTurnsMax = 120'000;

}  // namespace receiver_world
