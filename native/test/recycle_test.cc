// Segments made of used files: what another segment left in them never counts.
#include <cstring>
#include <filesystem>

#include "check.h"
#include "journal/walk.h"
#include "journal_fixture.h"

using namespace penstock_test;

namespace {

using Bodies = std::vector<std::vector<uint8_t>>;

constexpr uint64_t kFirst = uint64_t{7} << 20;

Group fill(LaneWriter& lane, std::mt19937& random, uint64_t chunks) {
  Group g = make_group(random, 3, 1500, chunks);
  CHECK_EQ(commit(lane, g), 0);
  return g;
}

/// A lane whose last segment is a used file with old bytes behind its end. `bodies`: what the last segment holds.
struct UsedLane {
  TempLane lane;
  std::mt19937 random{5};
  LaneWriter writer;
  Bodies bodies;
  uint64_t segment = 0;

  explicit UsedLane(int groups = 4) {
    LaneOptions options = lane.options(16 << 10);
    CHECK_EQ(writer.open(options), 0);
    uint64_t chunks = 0;
    while (last() < kFirst + 2) fill(writer, random, ++chunks);
    RetiredSegments retired;
    CHECK_EQ(retire_segments_below(system_disk(), lane.path, last(), {2, 1}, retired), 0);
    CHECK_EQ(retired.segments, 2u);
    CHECK_EQ(retired.spared, 2u);
    while (last() == kFirst + 2) {
      const Group g = fill(writer, random, ++chunks);
      if (g.places[0].segment == kFirst + 3) bodies = g.batches;
    }
    segment = last();
    for (int i = 1; i < groups; ++i) {
      const Group g = fill(writer, random, ++chunks);
      bodies.insert(bodies.end(), g.batches.begin(), g.batches.end());
    }
    CHECK_EQ(last(), segment);
    CHECK_EQ(writer.recovery().segments_recycled, 1u);
  }

  uint64_t last() const {
    std::vector<uint64_t> segments;
    list_segments(system_disk(), lane.path, segments);
    return segments.empty() ? 0 : segments.back();
  }
  std::string path() const { return segment_path(lane.path, segment); }
};

Bodies bodies_of(const std::vector<uint8_t>& bytes, const JournalScan& scan) {
  Bodies found;
  for (const ScannedBatch& b : scan.batches) {
    const auto begin = bytes.begin() + static_cast<ptrdiff_t>(b.body_offset);
    found.emplace_back(begin, begin + static_cast<ptrdiff_t>(b.body_bytes));
  }
  return found;
}

JournalScan scan_all(const std::vector<uint8_t>& bytes, uint64_t segment) {
  JournalScan scan;
  SegmentHeader header;
  if (read_segment_header(bytes.data(), segment, header, scan.key) == HeaderOf::kOther) return scan;
  scan_journal(bytes.data() + 64, bytes.size() - 64, 64, true, scan);
  return scan;
}

bool subsequence(const Bodies& found, const Bodies& all) {
  size_t next = 0;
  for (const auto& body : found) {
    while (next < all.size() && all[next] != body) ++next;
    if (next++ >= all.size()) return false;
  }
  return true;
}

void the_end_mark_ends_it() {
  UsedLane used;
  const std::vector<uint8_t> bytes = read_file(used.path());
  const JournalScan scan = scan_all(bytes, used.segment);
  CHECK(bodies_of(bytes, scan) == used.bodies);
  CHECK(scan.ended);
  CHECK(scan.committed_end + 64 < bytes.size());  // old bytes follow
  const int fd = open(used.path().c_str(), O_RDONLY);
  const WrittenEnd written = find_written_end(system_disk(), fd, 64, UINT64_MAX, scan.key);
  CHECK_EQ(written.end, scan.committed_end);
  CHECK(!written.doubt);
  const WrittenEnd first = find_written_end(system_disk(), fd, 64, 1, scan.key);
  CHECK(first.end > 64 && first.end < written.end);  // one group
  close(fd);
  SegmentState state;
  CHECK_EQ(recover_segment(system_disk(), used.path(), state), 0);
  CHECK_EQ(state.committed_end, scan.committed_end);
  CHECK_EQ(state.torn_bytes, 0u);
  // Closed, it ends where it ends.
  used.writer.close();
  CHECK_EQ(read_file(used.path()).size(), scan.committed_end);
}

// Every place is damaged in turn, the segment's header too: nothing of an earlier life comes out, and little of this one is lost.
void old_entries_never_count() {
  UsedLane used;
  const std::vector<uint8_t> bytes = read_file(used.path());
  const uint64_t end = scan_all(bytes, used.segment).committed_end;
  for (uint64_t at = 0; at < bytes.size(); at += 64) {
    for (const size_t size : {64u, 512u, 4096u}) {
      std::vector<uint8_t> damaged = bytes;
      std::fill_n(damaged.begin() + static_cast<ptrdiff_t>(at), std::min<size_t>(size, bytes.size() - at), uint8_t{0x11});
      const JournalScan scan = scan_all(damaged, used.segment);
      CHECK(subsequence(bodies_of(damaged, scan), used.bodies));
      CHECK(scan.committed_end <= end);
    }
  }
}

// The header of the life before is still there, or all of the life before.
void an_old_header_does_not_count() {
  UsedLane used;
  std::vector<uint8_t> bytes = read_file(used.path());
  CHECK_EQ(scan_all(bytes, used.segment + 1).batches.size(), 0u);  // the file under another name
  CHECK_EQ(scan_all(bytes, used.segment - 1).batches.size(), 0u);
  // A power failure kept the name and took the header, or left some of it: entries tell by themselves.
  std::fill_n(bytes.begin() + 8, 40, uint8_t{0});
  CHECK(bodies_of(bytes, scan_all(bytes, used.segment)) == used.bodies);
  CHECK_EQ(scan_all(bytes, used.segment + 1).batches.size(), 0u);
}

void a_crash_before_the_header() {
  UsedLane used;
  used.writer.close();
  std::vector<uint64_t> spares;
  CHECK_EQ(list_spares(system_disk(), used.lane.path, spares), 0);
  CHECK_EQ(spares.size(), 1u);
  const std::string next = segment_path(used.lane.path, used.segment + 1);
  CHECK_EQ(system_disk().rename(spare_path(used.lane.path, spares[0]).c_str(), next.c_str()), 0);
  SegmentState state;
  CHECK_EQ(recover_segment(system_disk(), next, state), 0);
  CHECK(state.foreign);
  CHECK_EQ(state.committed_end, 0u);
  LaneWriter after;
  CHECK_EQ(after.open(used.lane.options(16 << 10)), 0);  // the same boot: a worker that follows a dead one
  CHECK_EQ(after.recovered_rings().size(), 1u);
  CHECK_EQ(after.recovery().torn_bytes, 0u);
  const Group g = fill(after, used.random, 99);
  CHECK_EQ(g.places[0].segment, used.segment + 2);
  const Bodies all = read_lane(used.lane.path);
  CHECK(Bodies(all.end() - static_cast<ptrdiff_t>(g.batches.size()), all.end()) == g.batches);
}

void rename_takes_no_name() {
  TempLane lane;
  write_file(segment_path(lane.path, 1), {1});
  write_file(segment_path(lane.path, 2), {2});
  CHECK_EQ(system_disk().rename(segment_path(lane.path, 1).c_str(), segment_path(lane.path, 2).c_str()), -1);
  CHECK_EQ(errno, EEXIST);
}

/// The first entry's checksums as version 1 had them.
std::vector<uint8_t> as_version_1(std::vector<uint8_t> bytes) {
  const uint16_t version = kSegmentVersionUnbound;
  std::memcpy(bytes.data() + 8, &version, sizeof version);
  const uint32_t crc = crc32c(0, bytes.data(), 60);
  std::memcpy(bytes.data() + 60, &crc, sizeof crc);
  uint32_t chain = 0;
  for (size_t at = 64; at < bytes.size();) {
    EntryHeader h;
    std::memcpy(&h, bytes.data() + at, sizeof h);
    if (h.type == EntryType::kCommit) std::memcpy(bytes.data() + at + offsetof(EntryHeader, check), &chain, sizeof chain);
    const uint32_t entry_crc = crc32c(0, bytes.data() + at + 8, h.header_bytes - 8u);
    std::memcpy(bytes.data() + at + offsetof(EntryHeader, crc), &entry_crc, sizeof entry_crc);
    chain = h.type == EntryType::kCommit ? 0 : crc32c(chain, &entry_crc, sizeof entry_crc);
    at += h.header_bytes + journal_align(h.body_bytes);
  }
  return bytes;
}

void version_1_is_read_and_never_used_again() {
  TempLane lane;
  std::mt19937 random(3);
  LaneWriter writer;
  CHECK_EQ(writer.open(lane.options(8 << 10)), 0);
  std::vector<uint64_t> segments;
  for (uint64_t chunks = 1; segments.size() < 3; ++chunks) {
    fill(writer, random, chunks);
    list_segments(system_disk(), lane.path, segments);
  }
  writer.close();
  const Bodies before = read_lane(lane.path);
  for (const uint64_t segment : segments) {
    const std::string path = segment_path(lane.path, segment);
    write_file(path, as_version_1(read_file(path)));
  }
  CHECK(read_lane(lane.path) == before);
  CHECK_EQ(writer.open(lane.options(8 << 10, 8)), 0);  // recovered and written on, in this version
  CHECK_EQ(writer.recovery().corrupt_bytes, 0u);
  CHECK_EQ(writer.recovery().torn_bytes, 0u);
  fill(writer, random, 1);
  CHECK_EQ(read_lane(lane.path).size(), before.size() + 3);
  // Its header damaged, the version is told from the entries.
  const std::string path = segment_path(lane.path, segments[0]);
  std::vector<uint8_t> bytes = read_file(path);
  bytes[20] ^= 1;
  CHECK_EQ(scan_all(bytes, segments[0]).key.version, 0u + kSegmentVersionUnbound);
  RetiredSegments retired;
  CHECK_EQ(retire_segments_below(system_disk(), lane.path, UINT64_MAX, {9, 1}, retired), 0);
  CHECK_EQ(retired.segments, 3u);
  CHECK_EQ(retired.spared, 0u);
}

void a_newer_version_is_left_alone() {
  UsedLane used;
  used.writer.close();
  std::vector<uint8_t> bytes = read_file(used.path());
  bytes[8] = 3;
  const uint32_t crc = crc32c(0, bytes.data(), 60);
  std::memcpy(bytes.data() + 60, &crc, sizeof crc);
  write_file(used.path(), bytes);
  LaneWriter writer;
  CHECK_EQ(writer.open(used.lane.options(16 << 10, 8)), 0);
  CHECK(read_file(used.path()) == bytes);
}

void unfit_spares_are_passed_over() {
  UsedLane used;
  std::vector<uint64_t> spares;
  list_spares(system_disk(), used.lane.path, spares);
  CHECK_EQ(spares.size(), 1u);
  const std::string spare = spare_path(used.lane.path, spares[0]);
  const std::vector<uint8_t> good = read_file(spare);
  std::vector<uint8_t> bad = good;
  bad[30] ^= 1;
  write_file(spare, bad);                                      // its header is damaged
  write_file(spare_path(used.lane.path, kFirst + 900), good);  // not the segment that its name says
  std::filesystem::create_hard_link(used.path(), spare_path(used.lane.path, used.segment));
  for (uint64_t chunks = 100; used.last() == used.segment; ++chunks) fill(used.writer, used.random, chunks);
  CHECK_EQ(used.writer.recovery().segments_recycled, 1u);
  list_spares(system_disk(), used.lane.path, spares);
  CHECK_EQ(spares.size(), 0u);
  CHECK(std::filesystem::exists(used.path()));
}

void a_larger_spare_is_cut() {
  UsedLane used;
  used.writer.close();
  LaneWriter writer;
  CHECK_EQ(writer.open(used.lane.options(4 << 10, 8)), 0);  // smaller segments from now on
  fill(writer, used.random, 1);
  CHECK_EQ(writer.recovery().segments_recycled, 1u);
  CHECK(read_file(segment_path(used.lane.path, used.last())).size() <= (8 << 10));
  const Bodies all = read_lane(used.lane.path);
  CHECK(all.size() > 3);
  writer.close();
}

// The last segment but one of its bytes: numbers go on beyond those of spare files too, which their bytes are bound to.
void numbers_do_not_come_twice() {
  UsedLane used;
  used.writer.close();
  std::vector<uint64_t> segments;
  list_segments(system_disk(), used.lane.path, segments);
  for (const uint64_t segment : segments) unlink(segment_path(used.lane.path, segment).c_str());
  write_file(spare_path(used.lane.path, kFirst + 50), {1, 2, 3});
  LaneWriter writer;
  CHECK_EQ(writer.open(used.lane.options(16 << 10)), 0);
  fill(writer, used.random, 1);
  CHECK_EQ(used.last(), kFirst + 51);
}

}  // namespace

int main() {
  the_end_mark_ends_it();
  old_entries_never_count();
  an_old_header_does_not_count();
  a_crash_before_the_header();
  rename_takes_no_name();
  version_1_is_read_and_never_used_again();
  a_newer_version_is_left_alone();
  unfit_spares_are_passed_over();
  a_larger_spare_is_cut();
  numbers_do_not_come_twice();
  return check::done();
}
