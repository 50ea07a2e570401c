// One seeded life of a journal lane on the model disk: groups are written, synced, read and trimmed while calls fail, the process
// dies and the power goes. After every death what was promised is read back. `problem` is empty when all promises were kept.
#pragma once

#include <optional>

#include "journal/lane_writer.h"
#include "journal/recovery.h"
#include "journal/scan.h"
#include "journal/segments.h"
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
    options_.disk = &disk_;
    const int level = static_cast<int>(disk_.random() % 4);  // 0: a good disk; 3: one that hardly works
    const int chance[] = {0, 5, 30, 120};
    faults_ = {chance[level], chance[level] * 2, chance[level], chance[level] * 2, chance[level], chance[level], chance[level] / 4, chance[level] * 2};
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
    else if (dice < 80) trim();
    else if (dice < 84) disk_.full = !disk_.full;
    else if (dice < 88) disk_.faults = disk_.one_in(2) ? faults_ : DiskFaults{};
    else if (dice < 92) succeed_worker();
    else if (dice < 96) kill();
    else lose_power();
  }

  // ---- the writer's side

  /// Opens the lane. A disk that fails may refuse for a while; a healthy one never does, whatever is on it.
  void start() {
    writer_.emplace();
    for (int tries = 0; writer_->open(options_) != 0; ++tries) {
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
    if (!problem_.empty()) return;
    const auto& rings = writer_->recovered_rings();
    const uint64_t chunks = rings.empty() ? 0 : rings[0].chunks;
    if (commits_of_boot_ > 0 && chunks != chunks_) fail("the successor would take chunks twice, or leave some out");
    // What the successor frees is acknowledged.
    if (commits_of_boot_ > 0 && fsync_) promise();
  }

  // ---- the end of the process, and of the machine

  void kill() {
    say("kill\n");
    disk_.kill();
    died();
    cursor_durable_ = disk_.one_in(3) ? cursor_ : cursor_durable_;
    restart(cursor_, false);
  }

  void lose_power() {
    say("power lost\n");
    disk_.kill();
    died();
    disk_.lose_power();
    cursor_ = cursor_durable_;
    // Only promises at the level of the disk hold now.
    for (auto& [id, batch] : written_) batch.needed = batch.needed && fsync_ && batch.promised;
    restart(cursor_, true);
  }

  void died() {
    writer_.reset();
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
    const uint64_t segment = std::stoull(file->first.substr(5, 16), nullptr, 16);
    for (const Flip& old : flipped_)
      if (old.segment == segment) return;
    if (!scan(file->second->now, 64).damage.empty()) return;
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
    uint64_t removed;
    if (remove_segments_below(disk_, options_.directory, cursor_durable_.segment, removed) != 0) fail("segments cannot be removed");
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
      const JournalScan scan = this->scan(bytes, start);
      for (const ScannedBatch& b : scan.batches) take(found, {segment, b.offset}, bytes.data() + b.body_offset, b.body_bytes);
      for (const ScannedDamage& d : scan.damage) found.damage.emplace_back(segment, d);
      found.end = {segment, scan.committed_end};
      check_index(segment, bytes, scan, start);
    }
    return found;
  }

  static JournalScan scan(const std::vector<uint8_t>& bytes, uint64_t start) {
    JournalScan scan;
    if (bytes.size() <= start) return scan;
    SegmentHeader header;
    scan.salt_known = segment_header_valid(bytes.data(), header);
    scan.salt = header.salt;
    scan_journal(bytes.data() + start, bytes.size() - start, start, true, scan);
    return scan;
  }

  void take(Found& found, LanePlace place, const uint8_t* body, uint32_t size) {
    uint64_t id;
    std::memcpy(&id, body + 61, sizeof id);
    const auto known = written_.find(id);
    if (known == written_.end()) {
      // A write that failed, or whose process died before it was told, may be there whole.
      return fail("a batch that was never stored: " + std::to_string(id));
    }
    const Batch& batch = known->second;
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
  std::map<uint64_t, Batch> written_;
  std::map<std::pair<uint64_t, uint64_t>, uint64_t> meanings_;
  std::vector<Flip> flipped_;
  LanePlace cursor_{0, 0};
  LanePlace cursor_durable_{0, 0};
  std::string problem_;
};

}  // namespace penstock_test
