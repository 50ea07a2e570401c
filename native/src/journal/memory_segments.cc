#include "journal/memory_segments.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace penstock {
namespace {

const std::string& own_descriptors() {
  static const std::string prefix = "/proc/" + std::to_string(getpid()) + "/fd/";
  return prefix;
}

}  // namespace

std::string memory_link(int fd) { return own_descriptors() + std::to_string(fd); }

int memory_descriptor(Disk& disk, const std::string& path) {
  std::string target;
  const std::string& prefix = own_descriptors();
  if (disk.link_target(path.c_str(), target) != 0 || target.compare(0, prefix.size(), prefix) != 0) return -1;
  return std::atoi(target.c_str() + prefix.size());
}

int create_memory_segment(Disk& disk, const std::string& path, int& fd) {
  fd = disk.memory_file("penstock-journal");
  if (fd < 0) return errno;
  int error = disk.symlink(memory_link(fd).c_str(), path.c_str()) == 0 ? 0 : errno;
  if (error == 0) {
    const int through = disk.open(path.c_str(), O_RDONLY | O_CLOEXEC, 0);  // as readers will
    if (through >= 0) {
      disk.close(through);
      return 0;
    }
    error = ENOSYS;
    disk.unlink(path.c_str());
  }
  disk.close(fd);
  fd = -1;
  return error;
}

int drop_memory_segment(Disk& disk, const std::string& path) {
  const int fd = disk.open(path.c_str(), O_RDWR | O_CLOEXEC, 0);
  if (fd >= 0) {
    (void)disk.ftruncate(fd, 0);
    disk.close(fd);
  }
  return disk.unlink(path.c_str()) == 0 || errno == ENOENT ? 0 : errno;
}

}  // namespace penstock
