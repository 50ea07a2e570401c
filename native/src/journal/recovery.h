// What a lane's last segments say at start.
#pragma once

#include "journal/disk.h"
#include "journal/lane_writer.h"
#include "journal/scan.h"

namespace penstock {

struct SegmentState {
  bool header_valid = false;
  SegmentHeader header{};
  bool foreign = false;        ///< the header is of another segment: the file was used again, nothing in it is of this one
  uint64_t size = 0;           ///< of the file
  uint64_t committed_end = 0;  ///< 0 when nothing is committed in it
  bool witnessed = false;      ///< what follows committed_end is what commits the last group: it must stay
  bool unreadable = false;     ///< a read failed (EIO), or the version is a newer one: the file must stay as it is
  uint64_t torn_bytes = 0;     ///< behind committed_end, and of this segment: written, never committed
  uint64_t last_group = 0;
  uint64_t corrupt_bytes = 0;  ///< met on the way to the end; bodies are left to the readers
  uint64_t corrupt_places = 0;
  std::vector<LaneRingPosition> rings;  ///< of its last commit record
};

/// Finds where a segment's last committed group ends: by its entry headers, and only from the first doubt on by reading it all.
/// `path` names the segment: what is left of an earlier life of the file does not count. 0 or errno (it could not be opened).
int recover_segment(Disk& disk, const std::string& path, SegmentState& state);

struct IndexedBatch {
  uint64_t offset;  ///< of its entry
  uint32_t count;   ///< records
  bool priority;
};

/// Each committed batch with its place, in order. 0 or errno.
int index_segment(Disk& disk, const std::string& path, std::vector<IndexedBatch>& batches);

}  // namespace penstock
