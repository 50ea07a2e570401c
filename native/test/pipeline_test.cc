// The worker's pipeline from ring to journal lane: every event once, also when a worker dies between chunk and commit.
#include <dirent.h>
#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "check.h"
#include "journal/scan.h"
#include "journal/segments.h"
#include "pipeline/pipeline.h"

using namespace penstock;

namespace {

constexpr size_t kRingBytes = 1 << 20;

struct Shared {
  std::vector<uint64_t> memory;
  explicit Shared(size_t bytes) : memory((bytes + 7) / 8 + 16) {}
  // rings want 128-byte alignment, as the pages of a SharedArrayBuffer have
  void* data() { return reinterpret_cast<void*>((reinterpret_cast<uintptr_t>(memory.data()) + 127) & ~uintptr_t{127}); }
};

/// One ring, a lane in a new directory, and what a worker needs besides.
struct World {
  Shared ring{kRingOverheadBytes + kRingBytes};
  Shared bell{4096};
  Shared stats{kStatCount * 8};
  std::string directory;
  std::vector<std::unique_ptr<std::vector<uint8_t>>> buffers;
  PriorityTable priority;  ///< of the listener

  World() {
    char name[] = "/tmp/penstock-pipeline-XXXXXX";
    directory = mkdtemp(name);
    CHECK(ring_format(ring.data(), kRingBytes));
  }
  ~World() {
    for (const std::string& file : segments()) std::remove(file.c_str());
    rmdir(directory.c_str());
  }
  Doorbell* doorbell() { return static_cast<Doorbell*>(bell.data()); }

  std::unique_ptr<Pipeline> worker(uint32_t fsync_interval_ms = 0) {
    PipelineOptions options;
    ListenerPlan listener{ChunkFormat::kSyslog, "test", 0, 0};
    listener.priority = priority;
    options.listeners.push_back(listener);
    options.schema = "12345678";
    options.fsync_interval_ms = fsync_interval_ms;
    options.boot = 7;
    auto lane = std::make_unique<LaneWriter>();
    LaneOptions lane_options;
    lane_options.directory = directory;
    lane_options.boot = 7;
    lane_options.segment_bytes = 1 << 20;
    CHECK_EQ(lane->open(lane_options), 0);
    return std::make_unique<Pipeline>(options, std::vector<Pipeline::Ring>{{ring.data(), 5}}, doorbell(), stats.data(),
                                      std::move(lane));
  }

  /// Runs the worker until nothing comes; true when everything was committed.
  void drain(Pipeline& pipeline, bool commit = true) {
    for (;;) {
      switch (pipeline.run(2000, {.batch_bytes = 16 << 10, .linger_us = 1000})) {
        case Turn::kNeedsBuffer:
          buffers.push_back(std::make_unique<std::vector<uint8_t>>((1 << 20) + kPadding));
          pipeline.add_buffer(buffers.back()->data(), buffers.back()->size());
          break;
        case Turn::kDue:
          if (!commit) return;
          for (size_t i = 0; i < pipeline.batch_count(); ++i) pipeline.seal(i, BatchCodec::kNone, nullptr, 0);
          CHECK_EQ(pipeline.commit(), 0);
          break;
        case Turn::kIdle:
          return;
      }
    }
  }

  std::vector<std::string> segments() const {
    std::vector<std::string> files;
    DIR* dir = opendir(directory.c_str());
    while (const dirent* entry = readdir(dir))
      if (entry->d_name[0] != '.') files.push_back(directory + "/" + entry->d_name);
    closedir(dir);
    return files;
  }

  /// Counts how often "event N" stands in the committed batches (uncompressed, so plain text).
  std::vector<int> stored(size_t events, uint64_t* records = nullptr, std::vector<bool>* first = nullptr) const {
    std::vector<int> seen(events);
    for (const std::string& file : segments()) {
      std::ifstream in(file, std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(in)), {});
      if (bytes.size() < 64) continue;
      JournalScan scan;
      scan.key.segment = segment_number(file);
      scan_journal(reinterpret_cast<const uint8_t*>(bytes.data()) + 64, bytes.size() - 64, 64, true, scan);
      CHECK_EQ(scan.corrupt_bytes, 0u);
      for (const ScannedBatch& batch : scan.batches) {
        if (records) *records += batch.count;
        const std::string_view body(bytes.data() + batch.body_offset, batch.body_bytes);
        for (size_t at = body.find("@event "); at != body.npos; at = body.find("@event ", at + 1)) {
          const size_t n = std::stoul(std::string(body.substr(at + 7, 8)));
          ++seen[n];
          if (first) first->at(n) = batch.priority;
        }
      }
    }
    return seen;
  }
};

/// Of facility 4, and each severity in turn.
std::string line(size_t n) {
  char text[160];
  std::snprintf(text, sizeof text, "<%zu>1 2026-01-02T03:04:05.678901Z host app 42 ID47 - @event %08zu\n", 32 + n % 8, n);
  return text;
}

void send(World& world, RingWriter& writer, size_t from, size_t to, size_t per_chunk) {
  for (size_t at = from; at < to; at += per_chunk) {
    std::string payload;
    for (size_t n = at; n < std::min(to, at + per_chunk); ++n) payload += line(n);
    ChunkHeader* header = writer.claim(payload.size());
    CHECK(header != nullptr);
    if (!header) return;
    header->listener = 0;
    header->framing = Framing::kSyslog;
    header->flags = 0;
    header->format = ChunkFormat::kListener;
    header->received_ns = realtime_ns();
    header->connection = 1;
    header->peer_size = 9;
    std::memcpy(header->peer, "127.0.0.1", 9);
    std::memcpy(header + 1, payload.data(), payload.size());
    writer.commit(header, payload.size());
  }
}

uint64_t stat(World& world, PipelineStat stat) {
  return static_cast<uint64_t*>(world.stats.data())[static_cast<size_t>(stat)];
}

// message and original both hold the text: each event is seen twice in one record
bool each_once(const std::vector<int>& seen) {
  for (int n : seen)
    if (n != 2) return false;
  return true;
}

void test_all_stored() {
  World world;
  RingWriter writer(world.ring.data(), world.doorbell());
  auto pipeline = world.worker();
  send(world, writer, 0, 3000, 70);
  world.drain(*pipeline);
  uint64_t records = 0;
  CHECK(each_once(world.stored(3000, &records)));
  CHECK_EQ(records, 3000u);
  CHECK_EQ(stat(world, PipelineStat::events), 3000u);
  CHECK_EQ(stat(world, PipelineStat::events_committed), 3000u);
  CHECK_EQ(stat(world, PipelineStat::events_failed), 0u);
  CHECK_EQ(writer.committed_chunks(), 43u);
  CHECK_EQ(writer.depth_bytes(), 0u);
}

void test_priority() {
  World world;
  world.priority.set(4, 0x0f);  // severities 0 to 3 of facility 4
  world.priority.set(5, 0xff);
  RingWriter writer(world.ring.data(), world.doorbell());
  auto pipeline = world.worker();
  send(world, writer, 0, 1000, 70);
  world.drain(*pipeline);
  send(world, writer, 1000, 2000, 70);
  world.drain(*pipeline, false);  // read, encoded, not committed
  pipeline.reset();               // dies
  pipeline = world.worker();
  world.drain(*pipeline);
  std::vector<bool> first(2000);
  CHECK(each_once(world.stored(2000, nullptr, &first)));
  for (size_t n = 0; n < first.size(); ++n) CHECK_EQ(bool{first[n]}, n % 8 < 4);
  CHECK_EQ(stat(world, PipelineStat::priority_events), 1000u);
}

void test_worker_death() {
  World world;
  RingWriter writer(world.ring.data(), world.doorbell());
  auto pipeline = world.worker();
  send(world, writer, 0, 1000, 50);
  world.drain(*pipeline);
  send(world, writer, 1000, 2000, 50);
  world.drain(*pipeline, false);  // read, encoded, not committed
  pipeline.reset();               // dies
  CHECK(stat(world, PipelineStat::chunks_replayed) > 0);
  send(world, writer, 2000, 2500, 50);
  pipeline = world.worker();
  world.drain(*pipeline);
  CHECK(each_once(world.stored(2500)));
  CHECK_EQ(stat(world, PipelineStat::events), 2500u);
}

// The journal is ahead of the ring: the worker died after the commit record and before the chunks were freed; before or after it counted
// them. Each chunk is counted once.
void test_commit_without_release(bool counted) {
  World world;
  RingWriter writer(world.ring.data(), world.doorbell());
  auto pipeline = world.worker();
  send(world, writer, 0, 500, 50);
  RingControl* control = ring_control(world.ring.data());
  world.drain(*pipeline);
  pipeline.reset();
  control->tail.store(0);
  control->committed_chunks.store(0);
  if (!counted) PipelineStats(world.stats.data()).set(PipelineStat::chunks, 0);
  send(world, writer, 500, 800, 50);
  pipeline = world.worker();
  world.drain(*pipeline);
  CHECK(each_once(world.stored(800)));
  CHECK_EQ(stat(world, PipelineStat::chunks_skipped), counted ? 0u : 10u);
  CHECK_EQ(stat(world, PipelineStat::chunks) + stat(world, PipelineStat::chunks_skipped), 16u);
}

void test_fsync_releases_later() {
  World world;
  RingWriter writer(world.ring.data(), world.doorbell());
  auto pipeline = world.worker(5);
  send(world, writer, 0, 1000, 50);
  world.drain(*pipeline);
  pipeline.reset();  // joins the syncer
  CHECK_EQ(writer.committed_chunks(), 20u);
  CHECK(each_once(world.stored(1000)));
}

void test_empty_chunks_are_freed() {
  World world;
  RingWriter writer(world.ring.data(), world.doorbell());
  auto pipeline = world.worker();
  ChunkHeader* header = writer.claim(64);
  *header = {};
  std::memset(header + 1, '\n', 64);
  writer.commit(header, 64);
  world.drain(*pipeline);
  CHECK_EQ(writer.committed_chunks(), 1u);
  CHECK_EQ(stat(world, PipelineStat::events), 0u);
}

void test_datagrams() {
  World world;
  RingWriter writer(world.ring.data(), world.doorbell());
  auto pipeline = world.worker();
  std::string payload;
  for (size_t n = 0; n < 10; ++n) {
    const std::string text = line(n);
    DatagramHeader datagram{};
    datagram.size = static_cast<uint32_t>(text.size());
    datagram.family = n % 2 ? 6 : 4;
    datagram.address[0] = 10;
    payload.append(reinterpret_cast<char*>(&datagram), sizeof datagram);
    payload += text;
  }
  ChunkHeader* header = writer.claim(payload.size());
  *header = {};
  header->framing = Framing::kDatagram;
  std::memcpy(header + 1, payload.data(), payload.size());
  writer.commit(header, payload.size());
  world.drain(*pipeline);
  CHECK(each_once(world.stored(10)));
}

}  // namespace

int main() {
  test_all_stored();
  test_priority();
  test_worker_death();
  test_commit_without_release(true);
  test_commit_without_release(false);
  test_fsync_releases_later();
  test_empty_chunks_are_freed();
  test_datagrams();
  return check::done();
}
