// Segments in memory: a lane in their middle reads and recovers as any other, and takes no more memory than it may.
#include <unistd.h>

#include "check.h"
#include "journal/memory_segments.h"
#include "journal_fixture.h"

using namespace penstock_test;

namespace {

using Bodies = std::vector<std::vector<uint8_t>>;

constexpr uint64_t kMemory = 200 << 10;

struct MemoryLane {
  TempLane lane;
  std::mt19937 random{3};
  LaneWriter writer;
  Bodies bodies;
  uint64_t chunks = 0;

  LaneOptions options() const {
    LaneOptions o = lane.options(64 << 10);
    o.memory_bytes = kMemory;
    o.sync_on_rotate = false;
    return o;
  }
  MemoryLane() { CHECK_EQ(writer.open(options()), 0); }
  void fill(LaneWriter& to) {
    Group g = make_group(random, 2, 1500, ++chunks);
    CHECK_EQ(commit(to, g), 0);
    bodies.insert(bodies.end(), g.batches.begin(), g.batches.end());
  }
  std::vector<uint64_t> segments() const {
    std::vector<uint64_t> all;
    list_segments(system_disk(), lane.path, all);
    return all;
  }
  bool in_memory(uint64_t segment) const { return memory_descriptor(system_disk(), segment_path(lane.path, segment)) >= 0; }
  uint64_t used() const {
    uint64_t bytes = 0;
    for (const uint64_t segment : segments())
      if (in_memory(segment)) bytes += read_file(segment_path(lane.path, segment)).size();
    return bytes;
  }
};

void the_disk_is_used_between_the_marks_only() {
  MemoryLane m;
  while (m.segments().empty() || m.in_memory(m.segments().back())) {
    m.fill(m.writer);
    CHECK(m.used() <= kMemory);
  }
  CHECK(m.used() >= kMemory * 7 / 10);  // all but what was kept for one more segment
  CHECK(m.writer.recovery().spilled_bytes > 0);
  const uint64_t spilled = m.segments().back();
  for (int i = 0; i < 100; ++i) m.fill(m.writer);
  CHECK(!m.in_memory(m.segments().back()));
  CHECK(read_lane(m.lane.path) == m.bodies);
  // Some of it is delivered: still above the low mark, and the disk goes on being used.
  RetiredSegments retired;
  const std::vector<uint64_t> before = m.segments();
  CHECK_EQ(retire_segments_below(system_disk(), m.lane.path, before[3], {}, retired), 0);
  CHECK_EQ(retired.segments, 3u);
  CHECK_EQ(m.segments().size(), before.size() - 3);
  for (int i = 0; i < 100; ++i) m.fill(m.writer);
  CHECK(!m.in_memory(m.segments().back()));
  // All of it: memory is used again, and given back before.
  CHECK_EQ(retire_segments_below(system_disk(), m.lane.path, spilled, {}, retired), 0);
  CHECK_EQ(m.used(), 0u);
  const uint64_t bytes = m.writer.recovery().spilled_bytes;
  while (!m.in_memory(m.segments().back())) m.fill(m.writer);
  CHECK(m.writer.recovery().spilled_bytes - bytes < 64 << 10);
}

void a_successor_goes_on_in_memory() {
  MemoryLane m;
  for (int i = 0; i < 30; ++i) m.fill(m.writer);
  CHECK(m.segments().size() > 2);
  const std::vector<uint64_t> before = m.segments();
  m.writer.close();  // as when a worker dies
  LaneWriter successor;
  CHECK_EQ(successor.open(m.options()), 0);
  CHECK_EQ(successor.recovered_rings().size(), 1u);
  CHECK_EQ(successor.recovered_rings()[0].chunks, 30u);
  m.fill(successor);
  CHECK_EQ(m.segments().size(), before.size());
  CHECK(read_lane(m.lane.path) == m.bodies);
  // What it inherited counts for it: it goes to the disk no later.
  while (m.in_memory(m.segments().back())) m.fill(successor);
  CHECK(m.used() <= kMemory);
  CHECK(read_lane(m.lane.path) == m.bodies);
}

int open_files() {
  int count = 0;
  for (int fd = 0; fd < 256; ++fd) count += fcntl(fd, F_GETFD) >= 0;
  return count;
}

void nothing_stays_open() {
  MemoryLane m;
  for (int i = 0; i < 10; ++i) m.fill(m.writer);
  const int files = open_files();
  for (int i = 0; i < 300; ++i) {
    m.fill(m.writer);
    RetiredSegments retired;
    CHECK_EQ(retire_segments_below(system_disk(), m.lane.path, m.segments().back(), {}, retired), 0);
  }
  CHECK(open_files() <= files + 1);
  CHECK_EQ(m.writer.recovery().spilled_bytes, 0u);
}

void names_deleted_by_somebody() {
  MemoryLane m;
  for (int i = 0; i < 10; ++i) m.fill(m.writer);
  m.lane.clear();
  m.bodies.clear();
  m.fill(m.writer);
  CHECK_EQ(m.writer.recovery().segments_deleted, 1u);
  CHECK(read_lane(m.lane.path) == m.bodies);
}

/// A file system without symbolic links, or a system without memory files.
struct PlainDisk final : Disk {
  Disk& real = system_disk();
  int open(const char* path, int flags, mode_t mode) override { return real.open(path, flags, mode); }
  int close(int fd) override { return real.close(fd); }
  ssize_t pread(int fd, void* out, size_t size, off_t offset) override { return real.pread(fd, out, size, offset); }
  ssize_t pwritev(int fd, const iovec* iov, int count, off_t offset) override { return real.pwritev(fd, iov, count, offset); }
  int ftruncate(int fd, off_t size) override { return real.ftruncate(fd, size); }
  int fallocate(int fd, int mode, off_t offset, off_t size) override { return real.fallocate(fd, mode, offset, size); }
  int fdatasync(int fd) override { return real.fdatasync(fd); }
  int stat(int fd, uint64_t& size, uint64_t& names) override { return real.stat(fd, size, names); }
  int unlink(const char* path) override { return real.unlink(path); }
  int rename(const char* from, const char* to) override { return real.rename(from, to); }
  int make_directory(const char* path) override { return real.make_directory(path); }
  int sync_directory(const char* path) override { return real.sync_directory(path); }
  int list(const char* path, std::vector<std::string>& names) override { return real.list(path, names); }
};

void without_memory_files_the_disk_serves() {
  PlainDisk disk;
  MemoryLane m;
  LaneOptions options = m.options();
  options.disk = &disk;
  CHECK_EQ(m.writer.open(options), 0);
  for (int i = 0; i < 30; ++i) m.fill(m.writer);
  CHECK_EQ(m.used(), 0u);
  CHECK(read_lane(m.lane.path) == m.bodies);
}

}  // namespace

int main() {
  the_disk_is_used_between_the_marks_only();
  a_successor_goes_on_in_memory();
  nothing_stays_open();
  names_deleted_by_somebody();
  without_memory_files_the_disk_serves();
  return check::done();
}
