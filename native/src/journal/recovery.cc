#include "journal/recovery.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace penstock {
namespace {

constexpr uint64_t kWindowBytes = 4 << 20;

/// Reads up to `size` bytes; fewer at the end of the file or where the device fails (`failed` is then set).
size_t read_at(int fd, uint8_t* out, size_t size, uint64_t offset, bool& failed) {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = pread(fd, out + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) failed = true;
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  return done;
}

void scan_file(int fd, SegmentState& state) {
  JournalScan scan;
  scan.salt_known = state.header_valid;
  scan.salt = state.header.salt;
  uint64_t at = sizeof(SegmentHeader);
  uint64_t window = kWindowBytes;
  std::unique_ptr<uint8_t[]> buffer;
  uint64_t capacity = 0;
  while (at < state.size) {
    window = std::min(window, state.size - at);
    if (window > capacity) {
      buffer.reset(new uint8_t[window]);
      capacity = window;
    }
    const size_t got = read_at(fd, buffer.get(), window, at, state.unreadable);
    const bool at_end = got < window || at + got >= state.size;
    scan_journal(buffer.get(), got, at, at_end, scan);
    scan.batches.clear();
    if (scan.committed_end > at) state.committed_end = at = scan.committed_end;
    if (at_end) break;
    window = std::max(kWindowBytes, scan.need);
  }
  state.last_group = scan.last_group;
  state.corrupt_bytes = scan.corrupt_bytes;
  state.corrupt_places = scan.corrupt_places;
  state.rings = std::move(scan.rings);
}

}  // namespace

int recover_segment(const std::string& path, SegmentState& state) {
  state = SegmentState{};
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  struct stat info;
  if (fstat(fd, &info) != 0) {
    const int error = errno;
    close(fd);
    return error;
  }
  state.size = static_cast<uint64_t>(info.st_size);
  uint8_t header[sizeof(SegmentHeader)];
  if (read_at(fd, header, sizeof header, 0, state.unreadable) == sizeof header) {
    state.header_valid = segment_header_valid(header, state.header);
    scan_file(fd, state);
  }
  close(fd);
  return 0;
}

}  // namespace penstock
