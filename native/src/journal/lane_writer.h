// The writing side of one journal lane: groups of record batches with a commit record, appended to segment files.
// Format: docs/reference/journal.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/common.h"

namespace penstock {

struct LaneBatch {
  const uint8_t* data;      ///< a whole RecordBatch v2, unstamped
  uint32_t size;
  uint16_t route;
  int32_t partition;        ///< −1: any
  uint32_t count;           ///< records
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
  uint32_t boot = 0;
};

struct LanePlace {
  uint64_t segment;
  uint64_t offset;
};

/// Owned and used by one worker thread.
class LaneWriter {
 public:
  LaneWriter();
  ~LaneWriter();
  /// Recovers the lane (cuts an uncommitted or torn tail) and opens it for append. 0 or errno.
  int open(const LaneOptions& options);
  /// Appends the batches and their commit record with one writev; all or nothing after recovery. 0 or errno; on error the
  /// lane is as before (partial bytes are cut). `places` receives where each batch went.
  int commit_group(const LaneBatch* batches, size_t count, const LaneRingPosition* rings, size_t ring_count,
                   LanePlace* places);
  /// The ring positions of the last group committed in this boot (for a successor), empty when there is none.
  const std::vector<LaneRingPosition>& recovered_rings() const;
  uint64_t bytes_written() const;
  int fd() const;  ///< of the current segment, for fsync by another thread; −1 when closed
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
