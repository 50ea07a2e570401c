// One seeded life of a journal lane on the model disk: groups are written, synced, read and trimmed while calls fail, the process
// dies and the power goes. After every death what was promised is read back. `problem` is empty when all promises were kept.
#pragma once

#include <optional>

#include "journal/lane_writer.h"
#include "journal/recovery.h"
#include "journal/scan.h"
#include "journal/segments.h"
#include "journal/walk.h"
#include "journal_fixture.h"
#include "model_disk.h"

namespace penstock_test {

class DiskRun {
 public:
  explicit DiskRun(uint64_t seed, bool tell = false) : tell_(tell), disk_(seed * 0x9e3779b97f4a7c15ULL + 1), bytes_(static_cast<uint32_t>(seed)) {
    fsync_ = disk_.one_in(2);
    options_.directory = "lane";
    options_.segment_bytes = 2048u << disk_.random() % 5;
    options_.node = 9;
    options_.boot = 1;
    options_.sync_on_rotate = fsync_;
    options_.reserve_bytes = disk_.one_in(2) ? 4096 : 0;
    options_.spares_max = disk_.random() % 4;
    options_.disk = &disk_;
    const int level = static_cast<int>(disk_.random() % 4);  // 0: a good disk; 3: one that hardly works
    const int chance[] = {0, 5, 30, 120};
    faults_ = {chance[level], chance[level] * 2, chance[level], chance[level] * 2, chance[level], chance[level], chance[level] / 4, chance[level] * 2, 10};
    flips_ = disk_.one_in(3);
  }

  /// '' or what went wrong.
  std::string run() {
    start();
    const size_t steps = 20 + disk_.random() % 60;
    for (size_t i = 0; i < steps && problem_.empty(); ++i) step();
    if (problem_.empty()) {
      heal();
      disk_.one_in(2) ? lose_power() : kill();
      heal();
      for (int i = 0; i < 3; ++i) commit();
      sync();
      read_back();
    }
    return problem_;
  }

 private:
  struct Batch {
    uint64_t id;
    std::vector<uint8_t> body;
    LanePlace place{};
    bool needed = false;   ///< stored, and nothing since allows it to be gone
    bool promised = false; ///< acknowledged at the level of this run
  };
  struct Flip {
    uint64_t segment;
    uint64_t at;
  };
  struct Found {
    std::vector<uint64_t> ids;
    LanePlace end{};
    std::vector<std::pair<uint64_t, ScannedDamage>> damage;
  };

  /// When one seed is replayed: what happened, step by step.
  template <class... Args>
  void say(const char* format, Args... args) const {
    if (tell_) std::fprintf(stderr, format, args...);
  }

  void fail(const std::string& text) {
    if (problem_.empty()) problem_ = text;
  }

  void step() {
    const uint64_t dice = disk_.random() % 100;
    if (dice < 52) commit();
    else if (dice < 68) sync();
    else if (dice < 76) deliver();
    else if (dice < 82) trim();
    else if (dice < 85) disk_.full = !disk_.full;
    else if (dice < 88) disk_.faults = disk_.one_in(2) ? faults_ : DiskFaults{};
    else if (dice < 92) succeed_worker();
    else if (dice < 96) kill();
    else lose_power();
    if (!disk_.dead()) return;
    check_dying();
    disk_.one_in(2) ? kill() : lose_power();
  }

  // ---- the writer's side

  /// Opens the lane. A disk that fails may refuse for a while; a healthy one never does, whatever is on it.
  void start() {
    writer_.emplace();
    for (int tries = 0; writer_->open(options_) != 0; ++tries) {
      if (disk_.dead()) return;
      if (tries > 20) heal();
      if (tries > 21) return fail("a healthy disk, and the lane does not open");
    }
  }

  void heal() {
    disk_.faults = {};
    disk_.full = false;
  }

  void commit() {
    if (disk_.one_in(8)) group_.clear();  // what could not be stored may be given up
    if (group_.empty()) {
      const size_t count = disk_.random() % 4;
      for (size_t i = 0; i < count; ++i) group_.push_back(make(next_id_++));
    }
    std::vector<LaneBatch> list;
    for (const Batch& b : group_) list.push_back({b.body.data(), static_cast<uint32_t>(b.body.size()), 0, -1, 1});
    std::vector<LanePlace> places(list.size());
    const LaneRingPosition ring{1, chunks_ + 1};
    const int error = writer_->commit_group(list.data(), list.size(), &ring, 1, places.data());
    say("commit %zu batches from %llu: %d at %llx:%llu\n", list.size(), group_.empty() ? 0ULL : (unsigned long long)group_[0].id,
        error, places.empty() ? 0ULL : (unsigned long long)places[0].segment, places.empty() ? 0ULL : (unsigned long long)places[0].offset);
    stored_last_before_ = stored_last_;
    stored_last_ = error == 0;
    if (error != 0) return;  // the same again, later
    ++chunks_;
    ++commits_of_boot_;
    for (size_t i = 0; i < group_.size(); ++i) {
      group_[i].place = places[i];
      group_[i].needed = true;
      group_[i].promised = !fsync_;
      written_.emplace(group_[i].id, std::move(group_[i]));
    }
    group_.clear();
  }

  void sync() {
    const int error = writer_->sync();
    say("sync: %d\n", error);
    if (error == 0 && fsync_) promise();
  }
  /// All that this boot stored is acknowledged; who sent what an earlier one left unsynced was never answered.
  void promise() {
    const uint64_t first_of_boot = uint64_t{options_.boot} << 20;
    for (auto& [id, batch] : written_) batch.promised |= batch.needed && batch.place.segment >= first_of_boot;
  }

  /// The worker thread dies, the process lives: a successor goes on in the same boot.
  void succeed_worker() {
    say("the worker dies\n");
    writer_.reset();
    group_.clear();
    start();
    if (!problem_.empty() || disk_.dead()) return;
    const auto& rings = writer_->recovered_rings();
    const uint64_t chunks = rings.empty() ? 0 : rings[0].chunks;
    if (commits_of_boot_ > 0 && chunks != chunks_) fail("the successor would take chunks twice, or leave some out");
    // What the successor frees is acknowledged.
    if (commits_of_boot_ > 0 && fsync_) promise();
  }

  // ---- the end of the process, and of the machine

  void kill() {
    say("kill\n");
    died();
    disk_.kill();
    cursor_durable_ = disk_.one_in(3) ? cursor_ : cursor_durable_;
    restart(cursor_, false);
  }

  void lose_power() {
    say("power lost\n");
    died();
    disk_.lose_power();
    cursor_ = cursor_durable_;
    // Only promises at the level of the disk hold now.
    for (auto& [id, batch] : written_) batch.needed = batch.needed && fsync_ && batch.promised;
    restart(cursor_, true);
  }

  void died() {
    // Killed in the middle of a write: it may be whole but for what is the same as before.
    if (disk_.dead())
      for (Batch& b : group_) untold_.emplace(b.id, std::move(b));
    disk_.kill();
    writer_.reset();
    stored_last_ = false;
    group_.clear();
    ++options_.boot;
    commits_of_boot_ = 0;
  }

  void restart(LanePlace from, bool on_disk) {
    if (flips_ && disk_.one_in(3)) flip();
    heal();
    start();
    if (!problem_.empty()) return;
    const Found found = read(from);
    check(found, from);
    const std::set<uint64_t> there(found.ids.begin(), found.ids.end());
    // What survived a power failure unpromised is there to stay; what did not is gone for good.
    for (auto& [id, batch] : written_) {
      if (before(batch.place, from)) continue;
      batch.needed = there.contains(id);
      batch.promised = batch.needed && (batch.promised || on_disk);
    }
  }

  /// Damages one byte of a segment that is whole: against one damage a promise holds, not against two in one group.
  void flip() {
    auto& files = disk_.files();
    if (files.empty()) return;
    auto file = files.begin();
    std::advance(file, static_cast<ptrdiff_t>(disk_.random() % files.size()));
    if (file->second->now.empty()) return;
    const uint64_t segment = segment_number(file->first);
    for (const Flip& old : flipped_)
      if (old.segment == segment) return;
    if (segment == 0 || !scan(segment, file->second->now, 64).damage.empty()) return;
    const size_t at = disk_.random() % file->second->now.size();
    disk_.flip(*file->second, at);
    flipped_.push_back({segment, at});
    say("flip in %llx at %zu of %zu\n", (unsigned long long)segment, at, file->second->now.size());
  }

  // ---- the reader's side

  /// Reads on from the cursor as a delivery does, and remembers how far it came.
  void deliver() {
    const Found found = read(cursor_);
    check(found, cursor_);
    cursor_ = found.end;
    say("read up to %llx:%llu\n", (unsigned long long)cursor_.segment, (unsigned long long)cursor_.offset);
    if (disk_.one_in(2)) cursor_durable_ = cursor_;
  }

  void trim() {
    RetiredSegments retired;
    const SparePolicy policy{options_.spares_max, disk_.random() % options_.segment_bytes};
    if (retire_segments_below(disk_, options_.directory, cursor_durable_.segment, policy, retired) != 0) fail("segments cannot be retired");
    say("retired %llu, %llu of them spare\n", (unsigned long long)retired.segments, (unsigned long long)retired.spared);
    std::vector<uint64_t> left;
    list_gone(disk_, options_.directory, left);
    for (const uint64_t segment : left)
      if (disk_.one_in(2)) disk_.unlink(gone_path(options_.directory, segment).c_str());
    list_spares(disk_, options_.directory, left);
    for (const uint64_t segment : left)  // somebody deletes them, or they are too many now
      if (disk_.one_in(16)) disk_.unlink(spare_path(options_.directory, segment).c_str());
    for (auto& [id, batch] : written_) batch.needed = batch.needed && batch.place.segment >= cursor_durable_.segment;
  }

  void read_back() {
    check(read(cursor_durable_), cursor_durable_);
    if (!before(cursor_durable_, cursor_)) return;
    check(read(cursor_), cursor_);
  }

  Found read(LanePlace from) {
    Found found;
    found.end = from;
    std::vector<uint64_t> segments;
    list_segments(disk_, options_.directory, segments);
    for (const uint64_t segment : segments) {
      if (segment < from.segment) continue;
      const std::vector<uint8_t>& bytes = disk_.files().at(segment_path(options_.directory, segment))->now;
      const uint64_t start = segment == from.segment ? std::max<uint64_t>(64, from.offset) : 64;
      if (bytes.size() <= start) continue;
      const JournalScan scan = this->scan(segment, bytes, start);
      for (const ScannedBatch& b : scan.batches) take(found, {segment, b.offset}, bytes.data() + b.body_offset, b.body_bytes);
      for (const ScannedDamage& d : scan.damage) found.damage.emplace_back(segment, d);
      found.end = {segment, scan.committed_end};
      check_index(segment, bytes, scan, start);
      check_live_end(segment, bytes, scan, start, segment == segments.back());
    }
    return found;
  }

  static JournalScan scan(uint64_t segment, const std::vector<uint8_t>& bytes, uint64_t start) {
    JournalScan scan;
    scan.committed_end = start;
    if (bytes.size() <= start) return scan;
    SegmentHeader header;
    if (read_segment_header(bytes.data(), segment, header, scan.key) == HeaderOf::kOther) return scan;
    scan_journal(bytes.data() + start, bytes.size() - start, start, true, scan);
    return scan;
  }

  void take(Found& found, LanePlace place, const uint8_t* body, uint32_t size) {
    uint64_t id;
    std::memcpy(&id, body + 61, sizeof id);
    auto known = written_.find(id);
    if (known == written_.end()) {
      const auto untold = untold_.find(id);
      if (untold == untold_.end()) return fail("a batch that was never stored: " + std::to_string(id));
      untold->second.place = place;
      known = written_.emplace(id, std::move(untold->second)).first;
    }
    const Batch& batch = known->second;
    if (batch.place.segment != place.segment || batch.place.offset != place.offset) return fail("a batch came back in another place");
    if (batch.body.size() != size || std::memcmp(batch.body.data(), body, size) != 0) return fail("a batch came back changed");
    const auto [meaning, fresh] = meanings_.emplace(std::pair{place.segment, place.offset}, id);
    if (!fresh && meaning->second != id) return fail("a position means other bytes than it did");
    if (!found.ids.empty() && id <= found.ids.back()) return fail("out of order, or twice: " + std::to_string(id));
    found.ids.push_back(id);
  }

  /// The walk by headers alone sees what the scan sees, but for damaged bodies.
  void check_index(uint64_t segment, const std::vector<uint8_t>& bytes, const JournalScan& scan, uint64_t start) {
    if (start != 64 || !disk_.one_in(4)) return;
    SegmentState state;
    if (recover_segment(disk_, segment_path(options_.directory, segment), state) != 0) return;
    if (bytes.size() > 64 && scan.last_group != 0 && !state.unreadable && state.committed_end != scan.committed_end)
      fail("recovery and reader disagree about the end");
  }

  /// Whoever looks at a used file in the middle of a write sees the end mark still.
  void check_dying() {
    std::vector<uint64_t> segments;
    list_segments(disk_, options_.directory, segments);
    if (!stored_last_before_ || disk_.died_writing() <= 64 || segments.empty()) return;
    const std::vector<uint8_t>& bytes = disk_.files().at(segment_path(options_.directory, segments.back()))->now;
    SegmentHeader header;
    SegmentKey key;
    if (bytes.size() < 64 || read_segment_header(bytes.data(), segments.back(), header, key) != HeaderOf::kThis) return;
    const int fd = disk_.open(segment_path(options_.directory, segments.back()).c_str(), O_RDONLY, 0);
    const WrittenEnd written = find_written_end(disk_, fd, 64, UINT64_MAX, key);
    disk_.close(fd);
    const bool uncut = written.end < header.former_bytes && bytes.size() >= header.former_bytes;
    if (!flips_ && uncut && written.doubt) fail("the end mark went before what replaces it was whole");
  }

  /// Who reads beside the writer finds the end by headers and the end mark alone, in a file that goes on with old bytes.
  void check_live_end(uint64_t segment, const std::vector<uint8_t>& bytes, const JournalScan& scan, uint64_t start, bool live) {
    SegmentHeader header;
    SegmentKey key;
    if (!live || bytes.size() <= start || !scan.damage.empty()) return;
    if (read_segment_header(bytes.data(), segment, header, key) != HeaderOf::kThis || start >= header.former_bytes) return;
    const DiskFaults faults = disk_.faults;
    disk_.faults = {};
    const int fd = disk_.open(segment_path(options_.directory, segment).c_str(), O_RDONLY, 0);
    const uint64_t most = disk_.one_in(2) ? UINT64_MAX : 1 + disk_.random() % 2000;
    uint64_t end = start;
    WrittenEnd written;
    do {
      written = find_written_end(disk_, fd, end, most, key);
    } while (written.end > end && (end = written.end) < scan.committed_end);
    if (end != scan.committed_end) fail("the end found by headers is not the end");
    written = find_written_end(disk_, fd, end, most, key);
    disk_.close(fd);
    disk_.faults = faults;
    if (written.doubt && scan.ended) fail("the end mark was not seen");
    // Whatever is stored through this writer is followed by the end of the file or by the mark.
    if (stored_last_ && !flips_ && written.doubt) fail("behind what is committed there is neither an end mark nor the end of the file");
  }

  void check(const Found& found, LanePlace from) {
    const std::set<uint64_t> there(found.ids.begin(), found.ids.end());
    for (const auto& [id, batch] : written_) {
      if (!batch.needed || before(batch.place, from) || there.contains(id)) continue;
      if (!excused(batch, found)) fail("lost: batch " + std::to_string(id));
    }
  }

  /// A damaged batch may be missing, alone, and only when the damage was reported where it is.
  bool excused(const Batch& batch, const Found& found) const {
    const uint64_t end = batch.place.offset + 64 + journal_align(batch.body.size());
    for (const Flip& flip : flipped_) {
      if (flip.segment != batch.place.segment || flip.at < batch.place.offset || flip.at >= end) continue;
      for (const auto& [segment, damage] : found.damage)
        if (segment == flip.segment && damage.offset <= flip.at && flip.at < damage.offset + damage.bytes) return true;
    }
    return false;
  }

  Batch make(uint64_t id) {
    Batch b{id, make_batch(bytes_, 70 + disk_.random() % (disk_.one_in(5) ? 3000 : 300))};
    std::memcpy(b.body.data() + 61, &id, sizeof id);
    const uint32_t crc = crc32c(0, b.body.data() + 21, b.body.size() - 21);
    for (int i = 0; i < 4; ++i) b.body[17 + static_cast<size_t>(i)] = static_cast<uint8_t>(crc >> (24 - 8 * i));
    return b;
  }

  static bool before(LanePlace a, LanePlace b) {
    return a.segment < b.segment || (a.segment == b.segment && a.offset < b.offset);
  }

  bool tell_;
  ModelDisk disk_;
  std::mt19937 bytes_;
  DiskFaults faults_;
  bool fsync_;
  bool flips_;
  LaneOptions options_;
  std::optional<LaneWriter> writer_;
  std::vector<Batch> group_;  ///< to be stored next
  uint64_t next_id_ = 1;
  uint64_t chunks_ = 0;
  uint64_t commits_of_boot_ = 0;
  bool stored_last_ = false;  ///< the last write did not fail
  bool stored_last_before_ = false;
  std::map<uint64_t, Batch> written_;
  std::map<uint64_t, Batch> untold_;  ///< perhaps written, when the process died in the middle
  std::map<std::pair<uint64_t, uint64_t>, uint64_t> meanings_;
  std::vector<Flip> flipped_;
  LanePlace cursor_{0, 0};
  LanePlace cursor_durable_{0, 0};
  std::string problem_;
};

}  // namespace penstock_test
