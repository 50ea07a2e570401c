// What the journal asks of the file system. The product has one implementation, which is the system calls; tests have another,
// in memory, whose writes tear, whose syncs fail and whose power goes.
#pragma once

#include <fcntl.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <vector>

namespace penstock {

/// Answers as the system calls of these names do: −1 and errno on failure. Any thread may call.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual int open(const char* path, int flags, mode_t mode) = 0;
  virtual int close(int fd) = 0;
  virtual ssize_t pread(int fd, void* out, size_t size, off_t offset) = 0;
  virtual ssize_t pwritev(int fd, const iovec* iov, int count, off_t offset) = 0;
  virtual int ftruncate(int fd, off_t size) = 0;
  virtual int fallocate(int fd, int mode, off_t offset, off_t size) = 0;
  virtual int fdatasync(int fd) = 0;
  /// Size of an open file, and the number of names it has (0: it was deleted).
  virtual int stat(int fd, uint64_t& size, uint64_t& names) = 0;
  virtual int unlink(const char* path) = 0;
  /// EEXIST where `to` is taken.
  virtual int rename(const char* from, const char* to) = 0;
  virtual int make_directory(const char* path) = 0;
  /// fsync of a directory: names made and removed in it are durable.
  virtual int sync_directory(const char* path) = 0;
  /// A new file that is only in memory and has no name. −1 and errno, also where there is none such.
  virtual int memory_file(const char* label) {
    (void)label;
    errno = ENOSYS;
    return -1;
  }
  /// EEXIST where `path` is taken.
  virtual int symlink(const char* target, const char* path) {
    (void)target, (void)path;
    errno = ENOSYS;
    return -1;
  }
  /// What a symbolic link says; −1 and errno when `path` is none.
  virtual int link_target(const char* path, std::string& target) {
    (void)path, (void)target;
    errno = EINVAL;
    return -1;
  }
  /// Names in a directory, in no order. 0 or errno.
  virtual int list(const char* path, std::vector<std::string>& names) = 0;
};

Disk& system_disk();

/// Reads up to `size` bytes; fewer at the end of the file or where the device fails (`failed` is then set).
size_t read_fully(Disk& disk, int fd, uint8_t* out, size_t size, uint64_t offset, bool& failed);
/// Writes all of `iov` (which it changes) from `offset` on. 0 or errno; a write that takes nothing counts as ENOSPC.
int write_fully(Disk& disk, int fd, std::vector<iovec>& iov, uint64_t offset);

}  // namespace penstock
