#include "journal/segments.h"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "journal/entry_header.h"
#include "journal/memory_segments.h"
#include "kernels/common.h"

namespace penstock {
namespace {

constexpr size_t kDigits = 16;

constexpr const char* kSegment = ".seg";
constexpr const char* kSpare = ".spare";
constexpr const char* kGone = ".gone";

bool parse_name(const char* name, const char* ending, uint64_t& segment) {
  if (std::strlen(name) <= kDigits || std::strcmp(name + kDigits, ending) != 0) return false;
  segment = 0;
  for (size_t i = 0; i < kDigits; ++i) {
    const char c = name[i];
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return false;
    segment = segment << 4 | static_cast<uint64_t>(digit);
  }
  return true;
}

std::string make_path(const std::string& directory, uint64_t segment, const char* ending) {
  char name[kDigits + 1];
  std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(segment));
  return directory + "/" + name + ending;
}

int list_names(Disk& disk, const std::string& directory, const char* ending, std::vector<uint64_t>& segments) {
  segments.clear();
  std::vector<std::string> names;
  const int error = disk.list(directory.c_str(), names);
  for (const std::string& name : names) {
    uint64_t segment;
    if (parse_name(name.c_str(), ending, segment)) segments.push_back(segment);
  }
  std::sort(segments.begin(), segments.end());
  return error;
}

bool worth_sparing(Disk& disk, const std::string& path, uint64_t number, uint64_t bytes_min) {
  const int fd = disk.open(path.c_str(), O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return false;
  uint64_t size;
  uint64_t names;
  const bool worth = disk.stat(fd, size, names) == 0 && names == 1 && size >= bytes_min && fit_for_spare(disk, fd, number);
  disk.close(fd);
  return worth;
}

}  // namespace

std::string segment_path(const std::string& directory, uint64_t segment) { return make_path(directory, segment, kSegment); }
std::string spare_path(const std::string& directory, uint64_t segment) { return make_path(directory, segment, kSpare); }
std::string gone_path(const std::string& directory, uint64_t segment) { return make_path(directory, segment, kGone); }

uint64_t segment_number(const std::string& path) {
  uint64_t segment;
  return parse_name(path.c_str() + path.find_last_of('/') + 1, kSegment, segment) ? segment : 0;
}

int list_segments(Disk& disk, const std::string& directory, std::vector<uint64_t>& segments) {
  return list_names(disk, directory, kSegment, segments);
}
int list_spares(Disk& disk, const std::string& directory, std::vector<uint64_t>& segments) {
  return list_names(disk, directory, kSpare, segments);
}
int list_gone(Disk& disk, const std::string& directory, std::vector<uint64_t>& segments) {
  return list_names(disk, directory, kGone, segments);
}

bool fit_for_spare(Disk& disk, int fd, uint64_t number) {
  uint64_t size;
  uint64_t names;
  if (disk.stat(fd, size, names) != 0 || size % kJournalAlign != 0) return false;
  uint8_t bytes[sizeof(SegmentHeader)];
  bool failed = false;
  if (read_fully(disk, fd, bytes, sizeof bytes, 0, failed) != sizeof bytes) return false;
  SegmentHeader header;
  SegmentKey key;
  return read_segment_header(bytes, number, header, key) == HeaderOf::kThis && key.segment == number && key.version == kSegmentVersion;
}

int retire_segments_below(Disk& disk, const std::string& directory, uint64_t keep_from, const SparePolicy& policy,
                          RetiredSegments& retired) {
  retired = {};
  std::vector<uint64_t> segments;
  std::vector<uint64_t> spares;
  if (const int error = list_segments(disk, directory, segments)) return error;
  if (const int error = list_spares(disk, directory, spares)) return error;
  size_t spare_count = spares.size();
  for (size_t i = 0; i + 1 < segments.size() && segments[i] < keep_from; ++i) {
    const std::string path = segment_path(directory, segments[i]);
    if (memory_descriptor(disk, path) >= 0) {
      if (const int error = drop_memory_segment(disk, path)) return error;
      ++retired.segments;
      continue;
    }
    const bool spare = spare_count < policy.spares_max && worth_sparing(disk, path, segments[i], policy.bytes_min);
    const std::string to = spare ? spare_path(directory, segments[i]) : gone_path(directory, segments[i]);
    if (disk.rename(path.c_str(), to.c_str()) != 0) {
      // Somebody else deleted it; or an earlier life's file of that name waits to be deleted still.
      if (errno == EEXIST && disk.unlink(path.c_str()) != 0 && errno != ENOENT) return errno;
      if (errno != ENOENT && errno != EEXIST) return errno;
    } else if (spare) {
      ++spare_count;
      ++retired.spared;
    }
    ++retired.segments;
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
