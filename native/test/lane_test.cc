// The lane writer and its recovery: cuts at every byte, bit flips, rotation, failing system calls, random crashes.
#include "check.h"
#include "journal_fixture.h"

#include <sys/resource.h>
#include <csignal>

using namespace penstock_test;

namespace {

using Bodies = std::vector<std::vector<uint8_t>>;

void append(Bodies& all, const Group& g) { all.insert(all.end(), g.batches.begin(), g.batches.end()); }

void torn_at_every_byte() {
  std::mt19937 random(1);
  TempLane lane;
  Bodies before;
  LaneWriter writer;
  CHECK(writer.open(lane.options()) == 0);
  for (int i = 0; i < 3; ++i) {
    Group g = make_group(random, 3, 500, 10 + i);
    CHECK(commit(writer, g) == 0);
    append(before, g);
  }
  const std::string path = segment_path(lane.path, uint64_t{7} << 20);
  const size_t whole = read_file(path).size();
  Group last = make_group(random, 2, 300, 99);
  CHECK(commit(writer, last) == 0);
  writer.close();
  const auto bytes = read_file(path);
  CHECK(bytes.size() > whole && whole % 64 == 0);
  for (size_t cut = whole; cut < bytes.size(); ++cut) {
    write_file(path, {bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(cut)});
    LaneWriter again;
    CHECK(again.open(lane.options()) == 0);
    CHECK(again.recovery().torn_bytes == cut - whole);
    CHECK(again.recovery().last_group == 3);
    CHECK(again.recovered_rings().size() == 1 && again.recovered_rings()[0].chunks == 12);
    again.close();
    CHECK(read_file(path).size() == whole);
    CHECK(read_lane(lane.path) == before);
  }
}

/// Every byte of every header can be mended, whatever it became; two damaged ones are not taken for one.
void one_damaged_byte_of_a_header_costs_nothing() {
  std::mt19937 random(13);
  TempLane lane;
  LaneWriter writer;
  CHECK(writer.open(lane.options()) == 0);
  Group g = make_group(random, 2, 300, 70'000);
  g.rings = {{3, 70'000}, {4, 1}, {9, uint64_t{1} << 40}};
  CHECK(commit(writer, g) == 0);
  writer.close();
  const std::string path = segment_path(lane.path, uint64_t{7} << 20);
  const auto bytes = read_file(path);
  const size_t commit_at = bytes.size() - 128;
  for (size_t at = commit_at; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] ^= static_cast<uint8_t>(1 + random() % 255);
    write_file(path, damaged);
    CHECK(read_lane(lane.path) == g.batches);
    LaneWriter again;
    CHECK(again.open(lane.options()) == 0);
    CHECK(again.recovered_rings().size() == 3 && again.recovered_rings()[2].chunks == uint64_t{1} << 40);
    again.close();
    damaged[commit_at + (at + 1 + random() % 127 - commit_at) % 128] ^= 0x21;
    write_file(path, damaged);
    CHECK(read_lane(lane.path).empty());
  }
}

void bit_flips_lose_their_batch_alone() {
  std::mt19937 random(2);
  TempLane lane;
  LaneWriter writer;
  CHECK(writer.open(lane.options()) == 0);
  Bodies all;
  for (int i = 0; i < 8; ++i) {
    Group g = make_group(random, 1 + random() % 3, 200, i);
    CHECK(commit(writer, g) == 0);
    append(all, g);
  }
  writer.close();
  const std::string path = segment_path(lane.path, uint64_t{7} << 20);
  const auto bytes = read_file(path);
  for (size_t at = 0; at < bytes.size(); at += 1 + random() % 3) {
    auto damaged = bytes;
    damaged[at] ^= static_cast<uint8_t>(1u << random() % 8);
    write_file(path, damaged);
    const Bodies got = read_lane(lane.path);
    CHECK(got.size() + 1 >= all.size());
    size_t next = 0;  // what is left is all that was written, in order, but for one
    for (const auto& body : got) {
      while (next < all.size() && all[next] != body) ++next;
      CHECK(next < all.size());
      ++next;
    }
    LaneWriter again;
    CHECK(again.open(lane.options(1 << 20, 8)) == 0);
    CHECK(again.recovery().torn_bytes == 0);
    CHECK(again.recovery().last_group == 8);
  }
}

void a_damaged_stretch_is_skipped() {
  std::mt19937 random(3);
  TempLane lane;
  LaneWriter writer;
  CHECK(writer.open(lane.options()) == 0);
  std::vector<Group> groups;
  for (int i = 0; i < 6; ++i) {
    groups.push_back(make_group(random, 2, 3000, i));
    CHECK(commit(writer, groups.back()) == 0);
  }
  writer.close();
  const std::string path = segment_path(lane.path, uint64_t{7} << 20);
  auto bytes = read_file(path);
  const auto from = static_cast<ptrdiff_t>(groups[2].places[0].offset);
  const auto to = static_cast<ptrdiff_t>(groups[4].places[0].offset);
  std::fill(bytes.begin() + from, bytes.begin() + to, 0);
  write_file(path, bytes);
  JournalScan scan;
  Bodies expected;
  for (const int i : {0, 1, 4, 5}) append(expected, groups[i]);
  CHECK(read_lane(lane.path, &scan) == expected);
  CHECK(scan.corrupt_bytes == static_cast<uint64_t>(to - from));
  CHECK(scan.corrupt_places == 1);
}

void event_bytes_cannot_pose_as_entries() {
  std::mt19937 random(4);
  TempLane lane;
  LaneWriter writer;
  CHECK(writer.open(lane.options()) == 0);
  Group inner = make_group(random, 1, 500, 1);
  CHECK(commit(writer, inner) == 0);
  const std::string path = segment_path(lane.path, uint64_t{7} << 20);
  const auto copied = read_file(path);
  // A batch whose records are a copy of the segment, aligned so that the copied header lies on a multiple of 64.
  Group outer = make_group(random, 1, 1, 2);
  auto& body = outer.batches[0];
  body.resize(64);
  body.insert(body.end(), copied.begin(), copied.end());
  std::mt19937 fixed(5);
  auto whole = make_batch(fixed, body.size());
  std::copy(body.begin() + 64, body.end(), whole.begin() + 64);
  const uint32_t crc = crc32c(0, whole.data() + 21, whole.size() - 21);
  for (int i = 0; i < 4; ++i) whole[17 + i] = static_cast<uint8_t>(crc >> (24 - 8 * i));
  body = whole;
  CHECK(commit(writer, outer) == 0);
  Group last = make_group(random, 1, 500, 3);
  CHECK(commit(writer, last) == 0);
  writer.close();
  auto bytes = read_file(path);
  bytes[outer.places[0].offset] ^= 1;  // the outer header is lost: resynchronising walks through the copy
  bytes[outer.places[0].offset + 9] ^= 1;
  write_file(path, bytes);
  CHECK((read_lane(lane.path) == Bodies{inner.batches[0], last.batches[0]}));
}

void segments_rotate_and_go_on() {
  std::mt19937 random(6);
  TempLane lane;
  Bodies all;
  uint64_t last_group = 0;
  for (uint32_t boot = 1; boot <= 3; ++boot) {
    LaneWriter writer;
    CHECK(writer.open(lane.options(64 << 10, boot)) == 0);
    CHECK(writer.recovered_rings().empty());
    CHECK(writer.recovery().last_group == last_group);
    for (int i = 0; i < 40; ++i) {
      Group g = make_group(random, 2, 8000, i);
      CHECK(commit(writer, g) == 0);
      append(all, g);
      ++last_group;
    }
    CHECK(writer.sync() == 0);
  }
  CHECK(read_lane(lane.path) == all);
  std::vector<uint64_t> segments;
  list_segments(system_disk(), lane.path, segments);
  CHECK(segments.size() > 10);
  for (size_t i = 0; i < segments.size(); ++i) {
    // One after the other within a boot; each boot begins at its own number.
    const bool first = i == 0 || segments[i] >> 20 != segments[i - 1] >> 20;
    CHECK_EQ(segments[i] & 0xfffff, first ? 0 : (segments[i - 1] & 0xfffff) + 1);
    CHECK(read_file(segment_path(lane.path, segments[i])).size() <= 64 << 10);
  }
  // The same boot again: the ring positions come back, and the last segment is continued.
  LaneWriter successor;
  CHECK(successor.open(lane.options(64 << 10, 3)) == 0);
  CHECK(successor.recovered_rings().size() == 1 && successor.recovered_rings()[0].chunks == 39);
}

void ring_positions_are_merged() {
  std::mt19937 random(7);
  TempLane lane;
  LaneWriter writer;
  CHECK(writer.open(lane.options()) == 0);
  Group a = make_group(random, 1, 100, 5);
  CHECK(commit(writer, a) == 0);
  Group b = make_group(random, 0, 100, 0);
  b.rings = {{9, 77}};
  CHECK(commit(writer, b) == 0);
  writer.close();
  CHECK(writer.open(lane.options()) == 0);
  const auto& rings = writer.recovered_rings();
  CHECK(rings.size() == 2 && rings[0].chunks == 5 && rings[1].ring == 9 && rings[1].chunks == 77);
}

// Failing system calls: `fail_after` bytes are taken, then `fail_errno` is answered.
struct LimitedDisk final : Disk {
  Disk& real = system_disk();
  int64_t fail_after = -1;
  int fail_errno = 0;
  bool fail_truncate = false;

  int open(const char* path, int flags, mode_t mode) override { return real.open(path, flags, mode); }
  int close(int fd) override { return real.close(fd); }
  ssize_t pread(int fd, void* out, size_t size, off_t offset) override { return real.pread(fd, out, size, offset); }
  ssize_t pwritev(int fd, const iovec* iov, int count, off_t offset) override {
    if (fail_after < 0) return real.pwritev(fd, iov, count, offset);
    errno = fail_errno;
    if (fail_after == 0) return -1;
    const size_t take = std::min<size_t>(iov[0].iov_len, static_cast<size_t>(fail_after));
    fail_after -= static_cast<int64_t>(take);
    return pwrite(fd, iov[0].iov_base, take, offset);
  }
  int ftruncate(int fd, off_t size) override {
    if (!fail_truncate) return real.ftruncate(fd, size);
    errno = EIO;
    return -1;
  }
  int fallocate(int fd, int mode, off_t offset, off_t size) override { return real.fallocate(fd, mode, offset, size); }
  int fdatasync(int fd) override { return real.fdatasync(fd); }
  int stat(int fd, uint64_t& size, uint64_t& names) override { return real.stat(fd, size, names); }
  int unlink(const char* path) override { return real.unlink(path); }
  int rename(const char* from, const char* to) override { return real.rename(from, to); }
  int make_directory(const char* path) override { return real.make_directory(path); }
  int sync_directory(const char* path) override { return real.sync_directory(path); }
  int list(const char* path, std::vector<std::string>& names) override { return real.list(path, names); }
};

void failing_writes_leave_the_lane_as_before() {
  LimitedDisk disk;
  std::mt19937 random(8);
  for (const int error : {ENOSPC, EIO, EFBIG}) {
    for (int64_t after = 0; after < 1500; after += 61) {
      TempLane lane;
      LaneOptions options = lane.options();
      options.disk = &disk;
      LaneWriter writer;
      CHECK(writer.open(options) == 0);
      Bodies all;
      Group first = make_group(random, 2, 400, 1);
      if (after % 2 == 0) {  // sometimes the very first group of the segment fails
        CHECK(commit(writer, first) == 0);
        append(all, first);
      }
      Group g = make_group(random, 3, 700, 2);
      disk.fail_after = after;
      disk.fail_errno = error;
      disk.fail_truncate = after % 3 == 0;
      const int result = commit(writer, g);
      CHECK(result == 0 || result == error);
      if (result == 0) append(all, g);
      if (disk.fail_truncate && result != 0) CHECK(commit(writer, g) == EIO);  // nothing is written over what could not be cut
      disk.fail_after = -1;
      disk.fail_truncate = false;
      if (result != 0) {
        CHECK(commit(writer, g) == 0);  // the caller tries again
        append(all, g);
      }
      CHECK(read_lane(lane.path) == all);
      writer.close();
      CHECK(writer.open(options) == 0);
      CHECK(writer.recovery().torn_bytes == 0);
    }
  }
}

void a_full_file_system_is_met_and_left() {
  // RLIMIT_FSIZE is the honest stand-in: the kernel takes a part, then answers EFBIG.
  signal(SIGXFSZ, SIG_IGN);
  rlimit old;
  getrlimit(RLIMIT_FSIZE, &old);
  std::mt19937 random(9);
  TempLane lane;
  LaneWriter writer;
  CHECK(writer.open(lane.options()) == 0);
  Bodies all;
  rlimit small{100'000, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  int result = 0;
  Group g;
  while (result == 0) {
    g = make_group(random, 2, 9000, 1);
    result = commit(writer, g);
    if (result == 0) append(all, g);
  }
  CHECK(result == EFBIG);
  CHECK(all.size() > 4);
  CHECK(commit(writer, g) == EFBIG);
  setrlimit(RLIMIT_FSIZE, &old);
  CHECK(read_lane(lane.path) == all);
  CHECK(commit(writer, g) == 0);
  append(all, g);
  CHECK(read_lane(lane.path) == all);
}

void random_crashes_recover_the_committed_prefix() {
  std::mt19937 random(10);
  for (int round = 0; round < 150; ++round) {
    TempLane lane;
    std::vector<Group> groups;
    std::vector<size_t> ends;
    LaneWriter writer;
    CHECK(writer.open(lane.options(1 << 20)) == 0);
    const size_t count = 1 + random() % 12;
    const std::string path = segment_path(lane.path, uint64_t{7} << 20);
    for (size_t i = 0; i < count; ++i) {
      groups.push_back(make_group(random, random() % 4, 1 + random() % 4000, i));
      CHECK(commit(writer, groups.back()) == 0);
      struct stat info;
      CHECK(stat(path.c_str(), &info) == 0);
      ends.push_back(static_cast<size_t>(info.st_size));
    }
    writer.close();
    const auto whole = read_file(path);
    auto bytes = whole;
    bytes.resize(random() % (bytes.size() + 1));
    if (random() % 2) {  // a file system may leave zeros or rubbish beyond what was written
      const size_t extra = random() % 5000;
      for (size_t i = 0; i < extra; ++i) bytes.push_back(round % 2 ? 0 : static_cast<uint8_t>(random()));
    }
    write_file(path, bytes);
    // Zeros may happen to restore what was cut: what counts is how far the bytes agree.
    size_t intact = 0;
    while (intact < std::min(bytes.size(), whole.size()) && bytes[intact] == whole[intact]) ++intact;
    Bodies expected;
    for (size_t i = 0; i < count && ends[i] <= intact; ++i) append(expected, groups[i]);
    LaneWriter again;
    CHECK(again.open(lane.options()) == 0);
    CHECK(read_lane(lane.path) == expected);
    Group next = make_group(random, 2, 500, 1);
    CHECK(commit(again, next) == 0);
    append(expected, next);
    CHECK(read_lane(lane.path) == expected);
  }
}

void a_deleted_directory_is_made_anew() {
  std::mt19937 random(12);
  TempLane outer;
  LaneOptions options = outer.options();
  options.directory = outer.path + "/data/lane-000";
  CHECK(make_directories(system_disk(), options.directory) == 0);
  LaneWriter writer;
  CHECK(writer.open(options) == 0);
  Group lost = make_group(random, 2, 500, 1);
  CHECK(commit(writer, lost) == 0);
  CHECK(std::system(("rm -r " + outer.path + "/data").c_str()) == 0);
  Group kept = make_group(random, 2, 500, 2);
  CHECK(commit(writer, kept) == 0);
  CHECK(writer.recovery().segments_deleted == 1);
  CHECK(read_lane(options.directory) == kept.batches);
  CHECK(kept.places[0].segment == lost.places[0].segment + 1);
  writer.close();
  CHECK(std::system(("rm -r " + outer.path + "/data").c_str()) == 0);
}

void wrong_groups_are_refused() {
  std::mt19937 random(11);
  TempLane lane;
  LaneWriter writer;
  CHECK(writer.open(lane.options()) == 0);
  Group g = make_group(random, 1, 100, 1);
  g.batches[0].resize(60);
  CHECK(commit(writer, g) == EINVAL);
  LaneWriter nowhere;
  LaneOptions options = lane.options();
  options.directory = lane.path + "/missing";
  CHECK(nowhere.open(options) == ENOENT);
}

}  // namespace

int main() {
  torn_at_every_byte();
  one_damaged_byte_of_a_header_costs_nothing();
  bit_flips_lose_their_batch_alone();
  a_damaged_stretch_is_skipped();
  event_bytes_cannot_pose_as_entries();
  segments_rotate_and_go_on();
  ring_positions_are_merged();
  failing_writes_leave_the_lane_as_before();
  a_full_file_system_is_met_and_left();
  random_crashes_recover_the_committed_prefix();
  a_deleted_directory_is_made_anew();
  wrong_groups_are_refused();
  return check::done();
}
