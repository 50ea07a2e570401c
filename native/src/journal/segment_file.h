// The segment file that a lane writes: appended to by one thread, made durable by any.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "journal/disk.h"

namespace penstock {

class SegmentFile {
 public:
  SegmentFile(Disk& disk, uint64_t number, uint32_t salt) : disk_(disk), number_(number), salt_(salt) {}
  ~SegmentFile() { close(); }
  SegmentFile(const SegmentFile&) = delete;
  SegmentFile& operator=(const SegmentFile&) = delete;

  /// Makes the file, or goes on at `end` in one that is there. 0 or errno.
  int create(const std::string& path);
  /// The same in memory: see memory_segments.h.
  int create_in_memory(const std::string& path);
  /// Makes it of a spare one, which it renames: its pages and blocks are used again. `bytes_max`: what is beyond is cut off. 0 or errno;
  /// ENOENT: there is no such spare; EINVAL: it is not fit to be one; EEXIST: `path` is taken.
  int create_from(const std::string& spare, uint64_t spare_number, const std::string& path, uint64_t bytes_max);
  int reopen(const std::string& path, uint64_t end);

  uint64_t number() const { return number_; }
  bool in_memory() const { return !memory_path_.empty(); }
  uint32_t salt() const { return salt_; }
  /// Committed bytes. Any thread.
  uint64_t end() const { return end_.load(std::memory_order_acquire); }
  /// The writing thread: up to here the file holds bytes of an earlier life behind end(); 0: none.
  uint64_t stale_end() const { return stale_end_ > end() ? stale_end_ : 0; }
  /// Size of the spare it was made of; 0: it was made anew.
  uint64_t former_bytes() const { return former_bytes_; }
  /// The file's name is gone: somebody deleted it, and what is written is lost with it.
  bool deleted() const;

  /// Reserves space ahead in steps of `step` bytes, up to `limit`; a file system that cannot shows in the write itself.
  void reserve(uint64_t until, uint64_t step, uint64_t limit);
  /// Appends `iov`, whose first `bytes` are the group and the rest an end mark, all or nothing: on error the file is cut back, if not at
  /// once then before the next write.
  int append(std::vector<iovec>& iov, uint64_t bytes);
  /// Makes all of end() durable. 0 or errno. Any thread; one at a time, the others wait.
  int sync();
  /// Cuts what is beyond end() and gives reserved space back.
  int trim();
  /// Cuts nothing: it may be called late, when the file has become another segment.
  void close();

 private:
  int overwrite(const std::vector<iovec>& iov);
  int open_spare(const std::string& spare, uint64_t spare_number, uint64_t bytes_max);
  int rewrite(uint64_t from, uint64_t to, bool whatever_it_is);

  Disk& disk_;
  const uint64_t number_;
  const uint32_t salt_;
  int fd_ = -1;
  std::string memory_path_;  ///< of a segment in memory, which keeps `fd_` open when it is closed here; empty: it is on the disk
  // Published after the bytes are in the kernel: sync() on another thread makes durable at least what it reads here.
  std::atomic<uint64_t> end_{0};
  uint64_t reserved_end_ = 0;
  uint64_t former_bytes_ = 0;
  uint64_t stale_end_ = 0;
  bool dirty_tail_ = false;  ///< bytes beyond `end_` could not be cut: nothing may be written before they are

  std::mutex sync_mutex_;
  uint64_t synced_ = 0;      ///< bytes known to be on the disk
  bool sync_failed_ = false; ///< since then: the system may have dropped the pages and call them clean
  bool inherited_ = false;   ///< from a writer that died: what its syncs were told is not known
};

}  // namespace penstock
