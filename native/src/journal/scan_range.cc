#include "journal/scan_range.h"

#include <algorithm>
#include <cerrno>
#include <memory>

namespace penstock {
namespace {

constexpr uint64_t kWindowBytes = 4 << 20;

}  // namespace

ScannedRange scan_range(Disk& disk, int fd, uint64_t from, uint64_t to, JournalScan& scan,
                        const std::function<int(const ScannedWindow&)>& each) {
  std::unique_ptr<uint8_t[]> buffer;
  uint64_t capacity = 0;
  ScannedRange range{from, false, 0};
  uint64_t wanted = kWindowBytes;
  while (range.end < to && range.error == 0) {
    const uint64_t at = range.end;
    const uint64_t window = std::min(wanted, to - at);
    if (window > capacity) {
      buffer.reset(new uint8_t[window]);
      capacity = window;
    }
    const size_t got = read_fully(disk, fd, buffer.get(), window, at, range.read_failed);
    const uint64_t head = at == 0 ? sizeof(SegmentHeader) : 0;  // no entry: goes with the first window
    if (got <= head) break;
    const uint64_t corrupt_before = scan.corrupt_bytes;
    const bool file_ends = got < window || at + got >= to;
    scan.batches.clear();
    scan.damage.clear();
    scan_journal(buffer.get() + head, got - head, at + head, file_ends, scan);
    if (scan.committed_end > at + head) {
      range.end = scan.committed_end;
      range.error = each({buffer.get(), at, range.end - at, scan.batches, scan.corrupt_bytes == corrupt_before});
    }
    if (file_ends || scan.ended) break;
    wanted = std::max(kWindowBytes, scan.need + head);
  }
  return range;
}

}  // namespace penstock
