#include "journal/segments.h"

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

int list_segments(Disk& disk, const std::string& directory, std::vector<uint64_t>& segments) {
  segments.clear();
  std::vector<std::string> names;
  const int error = disk.list(directory.c_str(), names);
  for (const std::string& name : names) {
    uint64_t segment;
    if (parse_name(name.c_str(), segment)) segments.push_back(segment);
  }
  std::sort(segments.begin(), segments.end());
  return error;
}

int remove_segments_below(Disk& disk, const std::string& directory, uint64_t keep_from, uint64_t& removed) {
  removed = 0;
  std::vector<uint64_t> segments;
  if (const int error = list_segments(disk, directory, segments)) return error;
  for (size_t i = 0; i + 1 < segments.size() && segments[i] < keep_from; ++i) {
    if (disk.unlink(segment_path(directory, segments[i]).c_str()) != 0 && errno != ENOENT) return errno;
    ++removed;
  }
  return 0;
}

int make_directories(Disk& disk, const std::string& directory) {
  if (disk.make_directory(directory.c_str()) == 0 || errno == EEXIST) return 0;
  const size_t slash = directory.find_last_of('/');
  if (errno != ENOENT || slash == std::string::npos || slash == 0) return errno;
  if (const int error = make_directories(disk, directory.substr(0, slash))) return error;
  return disk.make_directory(directory.c_str()) == 0 || errno == EEXIST ? 0 : errno;
}

uint32_t random_salt() {
  uint32_t salt;
  if (getrandom(&salt, sizeof salt, GRND_NONBLOCK) == sizeof salt) return salt;
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint32_t>(mix64(static_cast<uint64_t>(now.tv_nsec) ^ static_cast<uint64_t>(getpid()) << 32));
}

}  // namespace penstock
