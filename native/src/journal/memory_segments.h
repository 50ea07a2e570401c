// Segments that are in memory (PENSTOCK_DURABILITY=memory): files without a place on a disk, whose names in the lane's directory are
// symbolic links to the descriptor that keeps them, /proc/<pid>/fd/<number>. Readers, cursors and retention see no difference.
//
// The lane's writer alone closes descriptors, when it makes the next segment and the name is gone; so a worker that dies leaves its segments to
// its successor. Who retires a segment gives its memory back at once by cutting it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "journal/disk.h"

namespace penstock {

/// What a link to this process's descriptor says.
std::string memory_link(int fd);
/// The descriptor that the segment at `path` is kept by; −1: it is on the disk, or of another process.
int memory_descriptor(Disk& disk, const std::string& path);
/// Makes one named `path`; `fd` stays open when the caller forgets it. 0 or errno: ENOENT (no such directory) and EEXIST as with a
/// file, any other means that there are none here.
int create_memory_segment(Disk& disk, const std::string& path, int& fd);
/// Takes the name of one away and gives its memory back. 0 or errno.
int drop_memory_segment(Disk& disk, const std::string& path);

/// How much of a lane may be in memory, and whether it is to grow there now.
class MemoryQuota {
 public:
  MemoryQuota() = default;
  /// `bytes` 0: nothing is kept in memory. Marks in percent of it: at the high one segments go to the disk until it is below the low one.
  MemoryQuota(uint64_t bytes, uint32_t high_percent, uint32_t low_percent)
      : bytes_(bytes), high_(bytes / 100 * high_percent), low_(bytes / 100 * low_percent) {}

  bool any() const { return bytes_ != 0; }
  /// Small, so that a lane has several of them and memory comes free piece by piece.
  uint64_t segment_bytes() const { return bytes_ / 10; }
  /// Whether the next segment, which begins with a group of `group_bytes`, is to be in memory, with `used` bytes there.
  bool takes(uint64_t used, uint64_t group_bytes) {
    spilling_ = spilling_ ? used >= low_ : used >= high_ || used + std::max(group_bytes, segment_bytes()) > bytes_;
    return !spilling_;
  }
  bool spilling() const { return spilling_; }

 private:
  uint64_t bytes_ = 0;
  uint64_t high_ = 0;
  uint64_t low_ = 0;
  bool spilling_ = false;
};

}  // namespace penstock
