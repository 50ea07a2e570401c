#include "journal/disk.h"

#include <dirent.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>

namespace penstock {
namespace {

class SystemDisk final : public Disk {
 public:
  int open(const char* path, int flags, mode_t mode) override { return ::open(path, flags, mode); }
  int close(int fd) override { return ::close(fd); }
  ssize_t pread(int fd, void* out, size_t size, off_t offset) override { return ::pread(fd, out, size, offset); }
  ssize_t pwritev(int fd, const iovec* iov, int count, off_t offset) override { return ::pwritev(fd, iov, count, offset); }
  int ftruncate(int fd, off_t size) override { return ::ftruncate(fd, size); }
  int fallocate(int fd, int mode, off_t offset, off_t size) override { return ::fallocate(fd, mode, offset, size); }
  int fdatasync(int fd) override { return ::fdatasync(fd); }
  int stat(int fd, uint64_t& size, uint64_t& names) override {
    struct stat info;
    if (::fstat(fd, &info) != 0) return -1;
    size = static_cast<uint64_t>(info.st_size);
    names = static_cast<uint64_t>(info.st_nlink);
    return 0;
  }
  int unlink(const char* path) override { return ::unlink(path); }
  int rename(const char* from, const char* to) override {
    if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return -1;
    // A file system without the flag. The journal's lock leaves nobody to take the name in between.
    if (::access(to, F_OK) == 0) {
      errno = EEXIST;
      return -1;
    }
    return ::rename(from, to);
  }
  int make_directory(const char* path) override { return ::mkdir(path, 0750); }
  int sync_directory(const char* path) override {
    const int fd = ::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return -1;
    const int result = ::fsync(fd);
    const int error = errno;
    ::close(fd);
    errno = error;
    return result;
  }
  int memory_file(const char* label) override { return ::memfd_create(label, MFD_CLOEXEC); }
  int symlink(const char* target, const char* path) override { return ::symlink(target, path); }
  int link_target(const char* path, std::string& target) override {
    char text[64];
    const ssize_t size = ::readlink(path, text, sizeof text);
    if (size < 0) return -1;
    target.assign(text, static_cast<size_t>(size));
    return 0;
  }
  int list(const char* path, std::vector<std::string>& names) override {
    names.clear();
    DIR* dir = opendir(path);
    if (!dir) return errno;
    errno = 0;
    while (const dirent* entry = readdir(dir)) names.emplace_back(entry->d_name);
    const int error = errno;
    closedir(dir);
    return error;
  }
};

}  // namespace

Disk& system_disk() {
  static SystemDisk disk;
  return disk;
}

size_t read_fully(Disk& disk, int fd, uint8_t* out, size_t size, uint64_t offset, bool& failed) {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = disk.pread(fd, out + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) failed = true;
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  return done;
}

int write_fully(Disk& disk, int fd, std::vector<iovec>& iov, uint64_t offset) {
  size_t next = 0;
  while (next < iov.size()) {
    const int part = static_cast<int>(std::min<size_t>(iov.size() - next, IOV_MAX));
    const ssize_t written = disk.pwritev(fd, iov.data() + next, part, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return ENOSPC;
    offset += static_cast<uint64_t>(written);
    auto left = static_cast<size_t>(written);
    while (next < iov.size() && left >= iov[next].iov_len) left -= iov[next++].iov_len;
    if (left > 0) {
      iov[next].iov_base = static_cast<uint8_t*>(iov[next].iov_base) + left;
      iov[next].iov_len -= left;
    }
  }
  return 0;
}

}  // namespace penstock
