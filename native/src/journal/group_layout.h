// The bytes of one group: entry headers, bodies and commit record, as one list of buffers to write.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <vector>

#include "journal/format.h"
#include "journal/lane_writer.h"

namespace penstock {

/// Bytes that a batch takes in a segment.
uint64_t entry_bytes(const LaneBatch& batch);
/// Bytes that a group takes with its commit record.
uint64_t group_bytes(const LaneBatch* batches, size_t count, size_t rings);

/// Where a group goes.
struct GroupPlace {
  uint64_t start;  ///< 0: the segment's header is written with it
  uint64_t segment;
  uint32_t salt;
  uint64_t group;
  uint64_t stale_end;  ///< up to here the file holds bytes of an earlier life; 0: none
};

/// Keeps its memory from group to group.
class GroupLayout {
 public:
  /// Lays the group out; `header` is used when it is the segment's first. Answers its bytes; they are in `iov`, and behind them an end
  /// mark where old bytes follow.
  uint64_t lay_out(const LaneBatch* batches, size_t count, const std::vector<LaneRingPosition>& rings, const GroupPlace& place,
                   const SegmentHeader& header);
  std::vector<iovec> iov;

 private:
  void end_mark(uint8_t* out, uint64_t at, const GroupPlace& place);
  void batch_entry(const LaneBatch& batch, uint8_t* out, uint64_t at, uint64_t commit_at, const GroupPlace& place);
  std::vector<uint8_t> headers_;
};

/// CLOCK_REALTIME.
int64_t journal_now_ns();

}  // namespace penstock
