// Segment files of a lane directory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "journal/disk.h"

namespace penstock {

/// Path of a segment: 16 hexadecimal digits and ".seg".
std::string segment_path(const std::string& directory, uint64_t segment);
/// Numbers of the segments in `directory`, ascending. 0 or errno.
int list_segments(Disk& disk, const std::string& directory, std::vector<uint64_t>& segments);
/// Deletes the segments below `keep_from`, but never the last: it carries the numbering on. 0 or errno; `removed` counts.
int remove_segments_below(Disk& disk, const std::string& directory, uint64_t keep_from, uint64_t& removed);
/// Makes a directory and what is missing above it. 0 or errno.
int make_directories(Disk& disk, const std::string& directory);
/// Random bits for a salt (getrandom; the clock when there is none).
uint32_t random_salt();

}  // namespace penstock
