// Goes through a segment by its entry headers alone: a few hundred small reads for a full segment, whatever its size.
#pragma once

#include <functional>

#include "journal/disk.h"
#include "journal/scan.h"

namespace penstock {

/// Gets each committed batch: where its entry begins, and its records.
using WalkedBatch = std::function<void(uint64_t offset, uint32_t count)>;

/// Walks from the segment's first entry to `size`. Answers the end of the last group that is whole; `scan` takes its number and ring
/// positions. Stops at the first thing that is not as it should be: from there on a scan has to look. Bodies are not read.
uint64_t walk_segment(Disk& disk, int fd, uint64_t size, JournalScan& scan, const WalkedBatch& each);

}  // namespace penstock
