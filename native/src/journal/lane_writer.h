// The writing side of one journal lane: groups of record batches with a commit record, appended to segment files.
// Format: docs/reference/journal.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "journal/disk.h"
#include "kernels/common.h"

namespace penstock {

struct LaneBatch {
  const uint8_t* data;      ///< a whole RecordBatch v2, unstamped
  uint32_t size;
  uint16_t route;
  int32_t partition;        ///< −1: any
  uint32_t count;           ///< events
  int64_t first_received_ns = 0;  ///< CLOCK_REALTIME of its first and last event's arrival
  int64_t last_received_ns = 0;
  uint8_t sample_count = 0;       ///< of `samples`
  int64_t samples[16] = {};       ///< @timestamp in ns of evenly spread events, for latency figures
  bool priority = false;          ///< its entry says so: readers take such batches first
};

/// Ring positions covered by a group: after a crash of the consumer, chunks below `chunks` are in the journal.
struct LaneRingPosition {
  uint16_t ring;
  uint64_t chunks;
};

struct LaneOptions {
  std::string directory;    ///< of this lane; exists
  uint16_t lane = 0;
  uint64_t segment_bytes = 128 << 20;
  uint32_t node = 0;
  uint32_t boot = 0;        ///< seconds since the epoch when the process started
  bool sync_on_rotate = true;  ///< fdatasync a full segment before it is closed; false: sync() never matters to the caller
  uint64_t reserve_bytes = 16 << 20;  ///< space reserved ahead at a time; 0: none
  size_t spares_max = 2;    ///< spare files that retiring leaves (see SparePolicy); 0: new segments are always new files
  uint64_t memory_bytes = 0;   ///< > 0: segments are in memory (memory_segments.h), up to so many bytes; further ones are on the disk
  uint32_t memory_high_percent = 80;  ///< of memory_bytes: from here on the disk is used …
  uint32_t memory_low_percent = 40;   ///< … until less than this is in memory
  Disk* disk = &system_disk();
};

struct LanePlace {
  uint64_t segment;
  uint64_t offset;
};

/// What `open` met, and what happened since.
struct LaneRecovery {
  uint64_t torn_bytes = 0;     ///< cut from the last segment's end: written, never committed
  uint64_t corrupt_bytes = 0;  ///< damaged places in the middle of the last segment (left in place; readers skip them)
  uint64_t corrupt_places = 0;
  uint64_t last_group = 0;
  uint64_t segments_deleted = 0;  ///< files that somebody deleted while they were written
  uint64_t segments_recycled = 0; ///< segments made of spare files
  uint64_t spilled_bytes = 0;     ///< committed to the disk because memory_bytes were taken
};

/// Owned and used by one worker thread, but for sync().
class LaneWriter {
 public:
  LaneWriter();
  ~LaneWriter();
  /// Recovers the lane (cuts an uncommitted or torn tail) and opens it for append. 0 or errno. The first segment file of this
  /// run is made by the first commit.
  int open(const LaneOptions& options);
  /// Appends the batches and their commit record; all or nothing after recovery. 0 or errno; on error the lane is as before
  /// (partial bytes are cut) and the caller may retry at any time. EINVAL: a batch is shorter than a RecordBatch header;
  /// E2BIG: the group is beyond kGroupBytesMax or kCommitRingsMax. `places` (may be null) receives where each batch went.
  /// A commit record repeats every ring position this boot has seen, so the last one tells all.
  int commit_group(const LaneBatch* batches, size_t count, const LaneRingPosition* rings, size_t ring_count,
                   LanePlace* places);
  /// The ring positions of the last group committed in this boot (for a successor), empty when there is none.
  const std::vector<LaneRingPosition>& recovered_rings() const;
  const LaneRecovery& recovery() const;
  uint64_t bytes_written() const;  ///< since open; any thread may ask
  /// Makes everything committed before the call durable (fdatasync). 0 or errno. Any thread may call it; it blocks neither
  /// commit_group nor is blocked by it, but at a segment's end. After a failure the bytes are written anew before the next try.
  int sync();
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
