#include "journal/recovery.h"

#include <algorithm>
#include <cerrno>

#include "journal/scan_range.h"
#include "journal/segments.h"
#include "journal/walk.h"

namespace penstock {
namespace {

using Batches = std::vector<IndexedBatch>;

/// What a file held before is not torn. Of it the header tells; what goes beyond it, and whatever bears the segment's key, was written.
uint64_t torn_bytes(const SegmentState& state, const JournalScan& scan) {
  const uint64_t former = state.header_valid ? state.header.former_bytes : 0;
  const uint64_t known_from = std::max(former, state.committed_end);
  const uint64_t grown = state.size > known_from ? state.size - known_from : 0;
  const uint64_t seen = scan.seen_end > state.committed_end ? scan.seen_end - state.committed_end : 0;
  return std::max(grown, seen);
}

/// Walks and, where that ends before the file does, scans. `batches` may be null.
void read_segment(Disk& disk, int fd, uint64_t number, SegmentState& state, Batches* batches) {
  uint8_t header[sizeof(SegmentHeader)];
  if (read_fully(disk, fd, header, sizeof header, 0, state.unreadable) != sizeof header) return;
  JournalScan scan;
  const HeaderOf whose = read_segment_header(header, number, state.header, scan.key);
  state.unreadable |= whose == HeaderOf::kNewer;
  state.foreign = whose == HeaderOf::kOther;
  if (state.unreadable || state.foreign) return;
  state.header_valid = whose == HeaderOf::kThis;
  uint64_t end = sizeof(SegmentHeader);
  if (state.header_valid) {
    end = walk_segment(disk, fd, state.size, scan, [batches](uint64_t offset, const EntryHeader& h) {
      if (batches) batches->push_back({offset, h.count, (h.flags & kEntryPriority) != 0});
    });
  }
  if (end < state.size && !scan.ended) {
    const ScannedRange range = scan_range(disk, fd, end, state.size, scan, [batches](const ScannedWindow& window) {
      if (batches)
        for (const ScannedBatch& b : window.batches) batches->push_back({b.offset, b.count, b.priority});
      return 0;
    });
    end = range.end;
    state.unreadable |= range.read_failed;
  }
  state.committed_end = scan.last_group == 0 ? 0 : end;
  state.torn_bytes = torn_bytes(state, scan);
  state.witnessed = scan.witnessed;
  state.last_group = scan.last_group;
  state.corrupt_bytes = scan.corrupt_bytes;
  state.corrupt_places = scan.corrupt_places;
  state.rings = std::move(scan.rings);
}

int open_and_read(Disk& disk, const std::string& path, SegmentState& state, Batches* batches) {
  const int fd = disk.open(path.c_str(), O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return errno;
  uint64_t names;
  const int error = disk.stat(fd, state.size, names) == 0 ? 0 : errno;
  if (error == 0) read_segment(disk, fd, segment_number(path), state, batches);
  disk.close(fd);
  return error;
}

}  // namespace

int recover_segment(Disk& disk, const std::string& path, SegmentState& state) {
  state = SegmentState{};
  return open_and_read(disk, path, state, nullptr);
}

int index_segment(Disk& disk, const std::string& path, Batches& batches) {
  batches.clear();
  SegmentState state;
  return open_and_read(disk, path, state, &batches);
}

}  // namespace penstock
