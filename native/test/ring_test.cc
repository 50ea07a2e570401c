// The ring: layout, wrap, full, successor; and two threads against each other (also run with the thread sanitizer: npm run test:threads).
#include "ring/ring.h"

#include <cstdlib>
#include <poll.h>
#include <sys/eventfd.h>
#include <thread>
#include <vector>

#include "check.h"

using namespace penstock;

namespace {

struct Memory {
  explicit Memory(size_t capacity) : bytes(kRingOverheadBytes + capacity + 16) {
    // 16 past a page, as V8 allocates: the ring finds its own start.
    CHECK(ring_format(start(), capacity));
  }
  void* start() { return bytes.data() + 16 - reinterpret_cast<uintptr_t>(bytes.data()) % 16; }
  std::vector<uint8_t> bytes;
};

uint8_t pattern(uint64_t number, size_t i) { return static_cast<uint8_t>(number * 31 + i * 7); }

ChunkHeader* claim_filled(RingWriter& writer, uint64_t number, size_t size) {
  ChunkHeader* header = writer.claim(size);
  if (!header) return nullptr;
  header->flags = 0;
  header->listener = static_cast<uint16_t>(number);
  auto* payload = reinterpret_cast<uint8_t*>(header + 1);
  for (size_t i = 0; i < size; i++) payload[i] = pattern(number, i);
  return header;
}

bool is_chunk(const ChunkHeader* header, uint64_t number) {
  if (!header) return false;
  const uint8_t* payload = RingReader::payload(header);
  bool same = true;
  for (size_t i = 0; i < header->size; i++) same &= payload[i] == pattern(number, i);
  return same && header->number == number && header->listener == static_cast<uint16_t>(number) &&
         reinterpret_cast<uintptr_t>(header) % kChunkAlign == 0;
}

void formats() {
  std::vector<uint8_t> memory(kRingOverheadBytes + 65536);
  CHECK(!ring_format(memory.data(), 65536 + 64));
  CHECK(!ring_format(memory.data(), 32768));
  CHECK(ring_format(memory.data(), 65536));
}

void full_wrap_and_release() {
  Memory memory(65536);
  Doorbell bell{};
  RingWriter writer(memory.start(), &bell);
  RingReader reader(memory.start());
  CHECK(writer.claim(writer.payload_max() + 1) == nullptr);
  CHECK(reader.next() == nullptr);
  uint64_t written = 0, read = 0;
  for (int round = 0; round < 1000; round++) {
    for (;;) {
      const size_t size = (written * 7919) % (writer.payload_max() + 1);
      ChunkHeader* header = claim_filled(writer, written, size);
      if (!header) break;
      CHECK(writer.commit(header, size) == written);
      written++;
    }
    CHECK(written > read);
    const uint64_t until = read + 1 + static_cast<uint64_t>(round) % (written - read);
    while (read < until) {
      const ChunkHeader* header = reader.next();
      CHECK(header != nullptr);
      CHECK(is_chunk(header, read++));
    }
    reader.release();
    CHECK(writer.committed_chunks() == read);
  }
}

void commit_less_than_claimed() {
  Memory memory(65536);
  Doorbell bell{};
  RingWriter writer(memory.start(), &bell);
  RingReader reader(memory.start());
  for (uint64_t i = 0; i < 5000; i++) {
    ChunkHeader* header = writer.claim(writer.payload_max());
    CHECK(header != nullptr);
    header->flags = 0;
    header->listener = 7;
    if (i % 3 == 0) continue;  // given up: claimed again
    const uint64_t number = writer.commit(header, i % 100);
    const ChunkHeader* seen = reader.next();
    CHECK(seen != nullptr && seen->number == number && seen->size == i % 100);
    CHECK(reader.next() == nullptr);
    reader.release();
  }
}

void successor_starts_at_tail() {
  Memory memory(65536);
  Doorbell bell{};
  RingWriter writer(memory.start(), &bell);
  for (uint64_t i = 0; i < 4; i++) CHECK(writer.commit(claim_filled(writer, i, 100), 100) == i);
  {
    RingReader first(memory.start());
    CHECK(is_chunk(first.next(), 0));
    first.release();
    CHECK(is_chunk(first.next(), 1));
    CHECK(is_chunk(first.next(), 2));  // read, not durable: dies here
  }
  RingReader second(memory.start());
  CHECK(second.chunks_read() == 1);
  for (uint64_t i = 1; i < 4; i++) CHECK(is_chunk(second.next(), i));
  CHECK(second.next() == nullptr);
  second.release();
  CHECK(second.unreleased_bytes() == 0 && writer.committed_chunks() == 4);
}

/// Producer and consumer asleep whenever they can be: a lost wake-up shows as a wait that runs into its time limit.
void two_threads(uint64_t chunks, size_t size_max, bool slow_consumer) {
  Memory memory(65536);
  Doorbell bell{};
  const int wake = eventfd(0, EFD_NONBLOCK);
  RingWriter writer(memory.start(), &bell);
  writer.set_eventfd(wake);
  bool good = true;  // the consumer's; read after join
  std::thread consumer([&] {
    RingReader reader(memory.start());
    uint64_t expected = 0;
    while (expected < chunks) {
      const ChunkHeader* header = reader.next();
      if (!header) {
        reader.release();
        const uint32_t seen = bell.arm();
        header = reader.next();
        if (!header) {
          timespec before{}, after{};
          clock_gettime(CLOCK_MONOTONIC, &before);
          bell.sleep(seen, 20'000'000'000);
          clock_gettime(CLOCK_MONOTONIC, &after);
          good &= after.tv_sec - before.tv_sec < 15;
          bell.disarm();
          continue;
        }
        bell.disarm();
      }
      good &= is_chunk(header, expected++);
      if (!slow_consumer || expected % 16 == 0) reader.release();
    }
    reader.release();
  });
  for (uint64_t i = 0; i < chunks;) {
    const size_t size = mix64(i) % size_max;
    ChunkHeader* header = claim_filled(writer, i, size);
    if (header) {
      CHECK(writer.commit(header, size) == i);
      i++;
      continue;
    }
    pollfd poll_wake{wake, POLLIN, 0};
    CHECK(poll(&poll_wake, 1, 15'000) == 1);
    uint64_t count;
    CHECK(read(wake, &count, sizeof count) == sizeof count);
  }
  // The last acknowledgement arrives through the same wake-up.
  for (;;) {
    writer.want_wake();
    if (writer.committed_chunks() == chunks) break;
    pollfd poll_wake{wake, POLLIN, 0};
    CHECK(poll(&poll_wake, 1, 15'000) == 1);
    uint64_t count;
    if (read(wake, &count, sizeof count) < 0) continue;
  }
  consumer.join();
  CHECK(good);
  close(wake);
}

}  // namespace

int main() {
  formats();
  full_wrap_and_release();
  commit_less_than_claimed();
  successor_starts_at_tail();
  two_threads(100'000, 300, false);
  two_threads(20'000, 8000, true);
  two_threads(200'000, 1, false);
  return check::done();
}
