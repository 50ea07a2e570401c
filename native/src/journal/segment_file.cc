#include "journal/segment_file.h"

#include <cerrno>

#include "journal/canary.h"
#include "journal/memory_segments.h"
#include "journal/scan_range.h"
#include "journal/segments.h"

namespace penstock {

int SegmentFile::create(const std::string& path) {
  fd_ = disk_.open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  return fd_ < 0 ? errno : 0;
}

int SegmentFile::create_in_memory(const std::string& path) {
  const int error = create_memory_segment(disk_, path, fd_);
  if (error == 0) memory_path_ = path;
  return error;
}

int SegmentFile::create_from(const std::string& spare, uint64_t spare_number, const std::string& path, uint64_t bytes_max) {
  int error = open_spare(spare, spare_number, bytes_max);
  if (error == 0 && disk_.rename(spare.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) close();
  return error;
}

/// A spare must be what its name says, with a header of this format: then none of the entries in it can pass for the new segment's.
int SegmentFile::open_spare(const std::string& spare, uint64_t spare_number, uint64_t bytes_max) {
  fd_ = disk_.open(spare.c_str(), O_RDWR | O_CLOEXEC, 0640);
  if (fd_ < 0) return errno;
  uint64_t size;
  uint64_t names;
  if (disk_.stat(fd_, size, names) != 0) return errno;
  if (!fit_for_spare(disk_, fd_, spare_number) || names != 1) return EINVAL;
  if (size > bytes_max) {
    size = bytes_max / kJournalAlign * kJournalAlign;
    if (disk_.ftruncate(fd_, static_cast<off_t>(size)) != 0) return EINVAL;
  }
  former_bytes_ = stale_end_ = reserved_end_ = size;
  return 0;
}

int SegmentFile::reopen(const std::string& path, uint64_t end) {
  fd_ = memory_descriptor(disk_, path);
  if (fd_ >= 0) memory_path_ = path;
  else fd_ = disk_.open(path.c_str(), O_RDWR | O_CLOEXEC, 0640);
  if (fd_ < 0) return errno;
  end_ = reserved_end_ = end;
  inherited_ = true;
  return 0;
}

bool SegmentFile::deleted() const {
  if (in_memory()) return memory_descriptor(disk_, memory_path_) != fd_;
  uint64_t size;
  uint64_t names = 1;
  return disk_.stat(fd_, size, names) == 0 && names == 0;
}

void SegmentFile::reserve(uint64_t until, uint64_t step, uint64_t limit) {
  if (step == 0 || until <= reserved_end_) return;
  const uint64_t step_end = std::max(until, std::min(reserved_end_ + step, limit));
  // KEEP_SIZE: the size stays the written end, which is all a reader needs.
  const bool done = disk_.fallocate(fd_, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(reserved_end_),
                                    static_cast<off_t>(step_end - reserved_end_)) == 0;
  reserved_end_ = done ? step_end : until;
}

int SegmentFile::append(std::vector<iovec>& iov, uint64_t bytes) {
  if (dirty_tail_) {
    if (const int error = trim()) return error;
  }
  if (const int error = stale_end() != 0 && !defect(Defect::kPublishFirst) ? overwrite(iov) : write_fully(disk_, fd_, iov, end())) {
    if (defect(Defect::kKeepFailedWrite)) return error;
    dirty_tail_ = true;
    trim();
    return error;
  }
  end_.store(end() + bytes, std::memory_order_release);
  return 0;
}

/// The first 64 bytes last: until then the end mark stands, and nothing after it counts, neither for readers nor after a crash.
int SegmentFile::overwrite(const std::vector<iovec>& iov) {
  std::vector<iovec> first{{iov[0].iov_base, kJournalAlign}};
  std::vector<iovec> rest(iov);
  rest[0].iov_base = static_cast<uint8_t*>(rest[0].iov_base) + kJournalAlign;
  rest[0].iov_len -= kJournalAlign;
  const uint64_t at = end();
  if (const int error = write_fully(disk_, fd_, rest, at + kJournalAlign)) return error;
  return write_fully(disk_, fd_, first, at);
}

int SegmentFile::trim() {
  const bool nothing_beyond = !dirty_tail_ && reserved_end_ <= end() && stale_end() == 0;
  if (nothing_beyond) return 0;
  if (disk_.ftruncate(fd_, static_cast<off_t>(end())) != 0) return errno;
  dirty_tail_ = false;
  reserved_end_ = end();  // cutting gives back what was reserved beyond
  stale_end_ = 0;
  return 0;
}

int SegmentFile::sync() {
  const std::lock_guard<std::mutex> lock(sync_mutex_);
  const uint64_t until = end();
  if (until == synced_ || defect(Defect::kAcknowledgeBeforeSync)) return 0;
  if ((sync_failed_ || inherited_) && !defect(Defect::kForgetFailedSync)) {
    if (const int error = rewrite(synced_, until, inherited_)) return error;
  }
  if (disk_.fdatasync(fd_) != 0) {
    sync_failed_ = true;
    return errno;
  }
  sync_failed_ = inherited_ = false;
  synced_ = until;
  return 0;
}

/// After a failed sync the kernel marks the pages clean and forgets the error: the next sync would say yes to bytes that never
/// reached the disk. The pages are still in memory as a rule: what they hold is checked and written once more. EIO when the
/// bytes are no longer what was written; nothing of them is then ever called durable. `whatever_it_is`: an inherited segment may
/// have old damage, which recovery has seen and the readers skip.
int SegmentFile::rewrite(uint64_t from, uint64_t to, bool whatever_it_is) {
  JournalScan scan;
  scan.key = {number_, true, salt_, kSegmentVersion};
  const ScannedRange range = scan_range(disk_, fd_, from, to, scan, [=, this](const ScannedWindow& window) {
    if (!window.clean && !whatever_it_is) return EIO;
    std::vector<iovec> iov{{const_cast<uint8_t*>(window.data), window.size}};
    return write_fully(disk_, fd_, iov, window.offset);
  });
  return range.error != 0 ? range.error : range.end == to ? 0 : EIO;
}

void SegmentFile::close() {
  if (fd_ < 0) return;
  if (!in_memory()) disk_.close(fd_);
  fd_ = -1;
}

}  // namespace penstock
