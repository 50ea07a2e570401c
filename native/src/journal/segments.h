// Segment files of a lane directory: in use, spare, and gone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "journal/disk.h"

namespace penstock {

/// Path of a segment: 16 hexadecimal digits and ".seg".
std::string segment_path(const std::string& directory, uint64_t segment);
/// The number in a segment's path; 0: it has not that form.
uint64_t segment_number(const std::string& path);
/// Numbers of the segments in `directory`, ascending. 0 or errno.
int list_segments(Disk& disk, const std::string& directory, std::vector<uint64_t>& segments);

/// A file that was the segment of this number and waits to become another one.
std::string spare_path(const std::string& directory, uint64_t segment);
int list_spares(Disk& disk, const std::string& directory, std::vector<uint64_t>& segments);
/// Whether an open file is the whole segment `number` in this version of the format, so that its entries are bound to that number and
/// can pass for nothing else.
bool fit_for_spare(Disk& disk, int fd, uint64_t number);

/// What is kept of segments that nobody needs.
struct SparePolicy {
  size_t spares_max = 0;
  uint64_t bytes_min = 0;  ///< smaller ones are not worth it
};
struct RetiredSegments {
  uint64_t segments = 0;  ///< taken out of the lane
  uint64_t spared = 0;    ///< of these, kept as spares; the others are named ".gone" now, to be deleted when there is time
};
/// Takes the segments below `keep_from` out of the lane, but never the last: it carries the numbering on. 0 or errno.
int retire_segments_below(Disk& disk, const std::string& directory, uint64_t keep_from, const SparePolicy& policy,
                          RetiredSegments& retired);
std::string gone_path(const std::string& directory, uint64_t segment);
int list_gone(Disk& disk, const std::string& directory, std::vector<uint64_t>& segments);

/// Makes a directory and what is missing above it. 0 or errno.
int make_directories(Disk& disk, const std::string& directory);
/// Random bits for a salt (getrandom; the clock when there is none).
uint32_t random_salt();

}  // namespace penstock
