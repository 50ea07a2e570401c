// Segment files of a lane directory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace penstock {

/// Path of a segment: 16 hexadecimal digits and ".seg".
std::string segment_path(const std::string& directory, uint64_t segment);
/// Numbers of the segments in `directory`, ascending. 0 or errno.
int list_segments(const std::string& directory, std::vector<uint64_t>& segments);
/// fsync of a directory: makes created and removed names durable. 0 or errno.
int sync_directory(const std::string& directory);
/// Random bits for a salt (getrandom; the clock when there is none).
uint32_t random_salt();

}  // namespace penstock
