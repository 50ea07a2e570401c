#include "journal/segments.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "kernels/common.h"

namespace penstock {
namespace {

constexpr size_t kDigits = 16;

bool parse_name(const char* name, uint64_t& segment) {
  if (std::strlen(name) != kDigits + 4 || std::strcmp(name + kDigits, ".seg") != 0) return false;
  segment = 0;
  for (size_t i = 0; i < kDigits; ++i) {
    const char c = name[i];
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return false;
    segment = segment << 4 | static_cast<uint64_t>(digit);
  }
  return true;
}

}  // namespace

std::string segment_path(const std::string& directory, uint64_t segment) {
  char name[kDigits + 5];
  std::snprintf(name, sizeof name, "%016llx.seg", static_cast<unsigned long long>(segment));
  return directory + "/" + name;
}

int list_segments(const std::string& directory, std::vector<uint64_t>& segments) {
  segments.clear();
  DIR* dir = opendir(directory.c_str());
  if (!dir) return errno;
  errno = 0;
  while (const dirent* entry = readdir(dir)) {
    uint64_t segment;
    if (parse_name(entry->d_name, segment)) segments.push_back(segment);
  }
  const int error = errno;
  closedir(dir);
  std::sort(segments.begin(), segments.end());
  return error;
}

int sync_directory(const std::string& directory) {
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno;
  const int error = fsync(fd) == 0 ? 0 : errno;
  close(fd);
  return error;
}

uint32_t random_salt() {
  uint32_t salt;
  if (getrandom(&salt, sizeof salt, GRND_NONBLOCK) == sizeof salt) return salt;
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint32_t>(mix64(static_cast<uint64_t>(now.tv_nsec) ^ static_cast<uint64_t>(getpid()) << 32));
}

}  // namespace penstock
