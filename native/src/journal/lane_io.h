// The system calls of the lane writer, replaceable so that tests can have any of them fail.
#pragma once

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace penstock {

struct LaneIo {
  ssize_t (*pwritev)(int fd, const iovec* iov, int count, off_t offset);
  int (*ftruncate)(int fd, off_t size);
  int (*fallocate)(int fd, int mode, off_t offset, off_t size);
  int (*fdatasync)(int fd);
  int (*open)(const char* path, int flags, mode_t mode);
};

inline constexpr LaneIo kSystemLaneIo = {
    ::pwritev,
    ::ftruncate,
    ::fallocate,
    ::fdatasync,
    [](const char* path, int flags, mode_t mode) { return ::open(path, flags, mode); },
};

}  // namespace penstock
