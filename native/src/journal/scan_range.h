// Scans a stretch of an open segment in windows of bounded size.
#pragma once

#include <functional>

#include "journal/disk.h"
#include "journal/scan.h"

namespace penstock {

/// Decided bytes of a segment, and what was found in them.
struct ScannedWindow {
  const uint8_t* data;
  uint64_t offset;
  uint64_t size;
  const std::vector<ScannedBatch>& batches;
  bool clean;  ///< nothing in it is damaged
};

struct ScannedRange {
  uint64_t end;      ///< decided up to here; what follows belongs to no committed group
  bool read_failed;
  int error;         ///< what `each` answered
};

/// Scans the bytes from `from` (0: the segment's begin, else an entry's place) to `to`. `each` answers 0 to go on.
ScannedRange scan_range(Disk& disk, int fd, uint64_t from, uint64_t to, JournalScan& scan,
                        const std::function<int(const ScannedWindow&)>& each);

}  // namespace penstock
