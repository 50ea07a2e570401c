#include "io/event_fd.h"

#include <cerrno>
#include <mutex>
#include <sys/eventfd.h>
#include <vector>

namespace penstock {
namespace {

std::mutex mutex;
std::vector<int>& spare() {
  static auto* fds = new std::vector<int>;
  return *fds;
}

}  // namespace

int take_event_fd() {
  std::lock_guard lock(mutex);
  if (!spare().empty()) {
    const int fd = spare().back();
    spare().pop_back();
    return fd;
  }
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

void give_back_event_fd(int fd) {
  std::lock_guard lock(mutex);
  spare().push_back(fd);
}

}  // namespace penstock
