// What a lane's last segments say at start.
#pragma once

#include "journal/lane_writer.h"
#include "journal/scan.h"

namespace penstock {

struct SegmentState {
  bool header_valid = false;
  SegmentHeader header{};
  uint64_t size = 0;           ///< of the file
  uint64_t committed_end = 0;  ///< 0 when nothing is committed in it
  bool unreadable = false;     ///< a read failed (EIO): the file must stay as it is
  uint64_t last_group = 0;
  uint64_t corrupt_bytes = 0;
  uint64_t corrupt_places = 0;
  std::vector<LaneRingPosition> rings;  ///< of its last commit record
};

/// Reads a whole segment and finds where its last committed group ends. 0 or errno (it could not be opened).
int recover_segment(const std::string& path, SegmentState& state);

}  // namespace penstock
