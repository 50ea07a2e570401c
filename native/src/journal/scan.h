// Finds the committed batches in a piece of a segment: used by recovery and, per large read, by the TypeScript reader.
#pragma once

#include <vector>

#include "journal/entry_header.h"
#include "journal/format.h"
#include "journal/lane_writer.h"

namespace penstock {

/// One committed, undamaged batch entry.
struct ScannedBatch {
  uint64_t offset;         ///< of its entry header in the segment
  uint64_t body_offset;    ///< of the RecordBatch in the segment
  uint64_t next_offset;    ///< where the entry after it begins
  uint32_t body_bytes;
  uint32_t count;
  int32_t partition;
  uint16_t route;
  uint8_t sample_count;
  uint64_t group;
  int64_t first_received_ns;
  int64_t last_received_ns;
  bool priority;
};

/// A damaged stretch that was skipped.
struct ScannedDamage {
  uint64_t offset;  ///< in the segment
  uint64_t bytes;
};

/// State carried from window to window of one segment; the scanner appends to `batches` and `damage`.
struct JournalScan {
  // in and out
  SegmentKey key;                  ///< not known (segment header damaged): the first valid entry's is taken
  uint64_t last_group = 0;         ///< entries of this group or an earlier one are refused
  // out
  std::vector<ScannedBatch> batches;
  std::vector<ScannedDamage> damage;   ///< each place that corrupt_places counts
  uint64_t committed_end = 0;      ///< offset in the segment up to which everything is decided
  bool ended = false;              ///< an end mark was met: nothing after it is of this segment
  bool witnessed = false;          ///< the last group counts only because of the entry at committed_end, which must stay
  uint64_t need = 0;               ///< ≠ 0: give a window from committed_end of at least this many bytes
  uint64_t corrupt_bytes = 0;      ///< damage skipped before committed_end
  uint64_t corrupt_places = 0;
  uint64_t seen_end = 0;           ///< up to here there are valid entries, committed or not
  std::vector<LaneRingPosition> rings;  ///< of the last commit record met
};

/// Scans `data`, which is the segment's bytes from `offset` (a multiple of 64, at an entry) on. `at_end`: the window ends
/// where the file ends, so that nothing more can be had now. A group counts as committed when its commit record is valid, or
/// when a valid entry of a later group follows: the writer begins a group only after the one before it is whole. One
/// damaged byte of a header is mended (and counted as damage).
/// A damaged place is skipped to the next valid entry; an end mark ends it all. Never fails.
void scan_journal(const uint8_t* data, size_t size, uint64_t offset, bool at_end, JournalScan& scan);

/// True when `body` is a structurally whole, undamaged RecordBatch v2.
bool record_batch_valid(const uint8_t* body, size_t size);

}  // namespace penstock
