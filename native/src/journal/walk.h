// Goes through a segment by its entry headers alone: a few hundred small reads for a full segment, whatever its size.
#pragma once

#include <functional>

#include "journal/disk.h"
#include "journal/scan.h"

namespace penstock {

/// Gets each committed batch: where its entry begins, and its header.
using WalkedBatch = std::function<void(uint64_t offset, const EntryHeader& header)>;

/// Walks from the segment's first entry to `size`; `scan.key` is known. Answers the end of the last group that is whole; `scan` takes
/// its number and ring positions. Stops at the end mark (`scan.ended`), and at the first thing that is not as it should be: from there on a scan has to look. Bodies
/// are not read.
uint64_t walk_segment(Disk& disk, int fd, uint64_t size, JournalScan& scan, const WalkedBatch& each);

enum class Skim : uint8_t {
  kEnd,       ///< nothing more is committed now
  kPriority,  ///< the group at `at` has a priority batch
  kUnclear,   ///< what is at `at` is damaged, or not whole yet: a scan has to look
  kMore,      ///< it looked at as much as it was asked to
};

/// Where a skim is. `scan` takes the segment's salt and the number of the last group it passed.
struct SkimState {
  uint64_t at;
  JournalScan scan;
};

/// Passes over committed groups without a priority batch, by their headers alone, from `state.at` (a group's beginning, or a
/// batch within a committed group) on. Looks at about `entries_max` entries.
Skim skim_segment(Disk& disk, int fd, SkimState& state, size_t entries_max);

struct WrittenEnd {
  uint64_t end;  ///< behind the last whole group found
  bool doubt;    ///< what follows is neither an entry, nor the end mark, nor the end of the file
};

/// Where a segment that is being written ends now; or the end of an earlier group, so that it is at most `most` bytes from `from`, but at
/// least one group. Goes by entry headers from the entry at `from` on. For segments in used files: a new file ends where it ends.
WrittenEnd find_written_end(Disk& disk, int fd, uint64_t from, uint64_t most, const SegmentKey& key);

}  // namespace penstock
