// Journal directories and record batches for the lane tests.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "journal/lane_writer.h"
#include "journal/recovery.h"
#include "journal/scan.h"
#include "journal/segments.h"
#include "kernels/crc32c.h"

namespace penstock_test {

using namespace penstock;

/// A directory under TMPDIR, removed at the end.
struct TempLane {
  std::string path;
  TempLane() {
    const char* base = std::getenv("TMPDIR");
    std::string name = std::string(base ? base : "/tmp") + "/penstock-lane-XXXXXX";
    path = mkdtemp(name.data());
  }
  ~TempLane() {
    clear();
    rmdir(path.c_str());
  }
  void clear() const {
    std::vector<uint64_t> segments;
    list_segments(system_disk(), path, segments);
    for (const uint64_t segment : segments) unlink(segment_path(path, segment).c_str());
    list_spares(system_disk(), path, segments);
    for (const uint64_t segment : segments) unlink(spare_path(path, segment).c_str());
    list_gone(system_disk(), path, segments);
    for (const uint64_t segment : segments) unlink(gone_path(path, segment).c_str());
  }
  LaneOptions options(uint64_t segment_bytes = 1 << 20, uint32_t boot = 7) const {
    LaneOptions o;
    o.directory = path;
    o.segment_bytes = segment_bytes;
    o.node = 42;
    o.boot = boot;
    return o;
  }
};

/// A structurally whole RecordBatch v2 with random bytes for records.
inline std::vector<uint8_t> make_batch(std::mt19937& random, size_t size) {
  std::vector<uint8_t> b(size);
  for (auto& byte : b) byte = static_cast<uint8_t>(random());
  auto be32 = [&](size_t at, uint32_t v) {
    for (int i = 0; i < 4; ++i) b[at + i] = static_cast<uint8_t>(v >> (24 - 8 * i));
  };
  for (size_t i = 0; i < 16; ++i) b[i] = 0;
  be32(8, static_cast<uint32_t>(size - 12));
  b[16] = 2;
  be32(17, crc32c(0, b.data() + 21, size - 21));
  return b;
}

struct Group {
  std::vector<std::vector<uint8_t>> batches;
  std::vector<LanePlace> places;
  std::vector<LaneRingPosition> rings;
};

inline Group make_group(std::mt19937& random, size_t batches, size_t size_max, uint64_t chunks) {
  Group g;
  for (size_t i = 0; i < batches; ++i) g.batches.push_back(make_batch(random, 61 + random() % size_max));
  g.rings.push_back({3, chunks});
  return g;
}

inline int commit(LaneWriter& lane, Group& g) {
  std::vector<LaneBatch> list;
  for (const auto& b : g.batches) {
    LaneBatch l{b.data(), static_cast<uint32_t>(b.size()), 1, -1, 5};
    l.first_received_ns = 1'700'000'000'000'000'000;
    l.last_received_ns = l.first_received_ns + 1'500'000;
    l.sample_count = static_cast<uint8_t>(b.size() % 17);
    for (size_t i = 0; i < l.sample_count; ++i) l.samples[i] = static_cast<int64_t>(i);
    list.push_back(l);
  }
  g.places.resize(list.size());
  return lane.commit_group(list.data(), list.size(), g.rings.data(), g.rings.size(), g.places.data());
}

inline std::vector<uint8_t> read_file(const std::string& path) {
  std::vector<uint8_t> bytes;
  if (FILE* f = std::fopen(path.c_str(), "rb")) {
    uint8_t chunk[65536];
    for (size_t n; (n = std::fread(chunk, 1, sizeof chunk, f)) > 0;) bytes.insert(bytes.end(), chunk, chunk + n);
    std::fclose(f);
  }
  return bytes;
}

inline void write_file(const std::string& path, const std::vector<uint8_t>& bytes) {
  FILE* f = std::fopen(path.c_str(), "wb");
  if (!bytes.empty()) std::fwrite(bytes.data(), 1, bytes.size(), f);
  std::fclose(f);
}

/// Every committed batch body of the lane, in order; `scan` gives the last segment's tallies.
inline std::vector<std::vector<uint8_t>> read_lane(const std::string& path, JournalScan* tallies = nullptr) {
  std::vector<uint64_t> segments;
  list_segments(system_disk(), path, segments);
  std::vector<std::vector<uint8_t>> bodies;
  for (const uint64_t segment : segments) {
    const auto bytes = read_file(segment_path(path, segment));
    if (bytes.size() < 64) continue;
    JournalScan scan;
    SegmentHeader header;
    if (read_segment_header(bytes.data(), segment, header, scan.key) == HeaderOf::kOther) continue;
    scan_journal(bytes.data() + 64, bytes.size() - 64, 64, true, scan);
    for (const auto& b : scan.batches) {
      bodies.emplace_back(bytes.begin() + static_cast<ptrdiff_t>(b.body_offset),
                          bytes.begin() + static_cast<ptrdiff_t>(b.body_offset + b.body_bytes));
    }
    if (tallies) *tallies = scan;
  }
  return bodies;
}

}  // namespace penstock_test
