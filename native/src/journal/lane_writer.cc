#include "journal/lane_writer.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>

#include "journal/canary.h"
#include "journal/group_layout.h"
#include "journal/memory_segments.h"
#include "journal/recovery.h"
#include "journal/segment_file.h"
#include "journal/segments.h"

namespace penstock {

struct LaneWriter::Impl {
  LaneOptions options;
  std::mutex file_mutex;              ///< orders a change of `file` and `name_synced` against sync()
  std::shared_ptr<SegmentFile> file;  ///< null until the first commit
  bool name_synced = true;            ///< the directory holds the file's name durably
  uint64_t segment = 0;               ///< number of the last segment
  uint64_t last_group = 0;
  std::atomic<uint64_t> bytes_written{0};
  LaneRecovery recovery;
  std::vector<LaneRingPosition> recovered;
  std::vector<LaneRingPosition> rings;  ///< every position of this boot, merged

  MemoryQuota memory;
  struct InMemory {
    std::string path;
    int fd;
  };
  std::vector<InMemory> in_memory;  ///< segments whose memory this lane holds; it closes them when their names are gone
  uint64_t look_at = 0;             ///< while spilling: size of the segment at which memory is looked at again

  // Scratch of commit_group, kept for the next.
  GroupLayout layout;
  std::vector<LaneRingPosition> merged;

  uint64_t first_of_boot() const { return uint64_t{options.boot} << 20; }
  int recover();
  int cut(const std::string& path, const SegmentState& state);
  int make_room(uint64_t bytes);
  int sync_name();
  int finish_segment();
  bool is_full(uint64_t group_bytes);
  uint64_t memory_used();
  int new_segment(uint64_t group_bytes);
  int create(uint64_t number, uint64_t group_bytes);
  int create_from_spare(SegmentFile& next, const std::string& path);
  void replace(std::shared_ptr<SegmentFile> next, bool next_name_synced = true);
  SegmentHeader header() const;
  void merge(const LaneRingPosition* positions, size_t count);
};

LaneWriter::LaneWriter() : impl_(new Impl) {}
LaneWriter::~LaneWriter() { close(); }

int LaneWriter::open(const LaneOptions& options) {
  close();
  impl_.reset(new Impl);
  impl_->options = options;
  impl_->memory = MemoryQuota(options.memory_bytes, options.memory_high_percent, options.memory_low_percent);
  return impl_->recover();
}

int LaneWriter::Impl::recover() {
  Disk& disk = *options.disk;
  std::vector<uint64_t> segments;
  if (const int error = list_segments(disk, options.directory, segments)) return error;
  std::vector<uint64_t> spares;
  if (list_spares(disk, options.directory, spares) == 0 && !spares.empty()) segment = spares.back();  // no number comes twice
  for (const uint64_t number : segments) {  // what a worker that died had in memory
    const std::string path = segment_path(options.directory, number);
    if (const int fd = memory_descriptor(disk, path); fd >= 0) in_memory.push_back({path, fd});
  }
  // A crash between making a segment and its first commit leaves one without groups: look further back.
  for (size_t back = 0; back < segments.size(); ++back) {
    const uint64_t number = segments[segments.size() - 1 - back];
    const std::string path = segment_path(options.directory, number);
    SegmentState state;
    if (const int error = recover_segment(disk, path, state)) return error;
    recovery.corrupt_bytes += state.corrupt_bytes;
    recovery.corrupt_places += state.corrupt_places;
    segment = std::max(segment, number);
    const bool same_boot = number >= first_of_boot();
    // Its last positions cannot be known now, and a successor that takes chunks again would store them twice.
    if (same_boot && state.unreadable) return EIO;
    if (const int error = cut(path, state)) return error;
    if (state.committed_end == 0) continue;
    last_group = state.last_group;
    if (!same_boot) break;
    auto inherited = std::make_shared<SegmentFile>(disk, number, state.header.salt);
    if (const int error = inherited->reopen(path, state.committed_end)) return error;
    // Its positions free chunks, and so acknowledge senders: only what is as durable as they were promised may count.
    if (options.sync_on_rotate) {
      if (const int error = inherited->sync()) return error;
      if (disk.sync_directory(options.directory.c_str()) != 0) return errno;
    }
    recovered = rings = state.rings;
    if (back == 0 && state.header_valid && !state.witnessed && state.committed_end < options.segment_bytes) replace(std::move(inherited));
    break;
  }
  recovery.last_group = last_group;
  return 0;
}

/// Cuts what follows the last committed group.
int LaneWriter::Impl::cut(const std::string& path, const SegmentState& state) {
  if (state.unreadable || state.foreign || state.witnessed || state.committed_end >= state.size) return 0;
  Disk& disk = *options.disk;
  const int fd = disk.open(path.c_str(), O_WRONLY | O_CLOEXEC, 0640);
  if (fd < 0) return errno;
  const int error = disk.ftruncate(fd, static_cast<off_t>(state.committed_end)) == 0 ? 0 : errno;
  disk.close(fd);
  if (error == 0) recovery.torn_bytes += state.torn_bytes;
  return error;
}

int LaneWriter::commit_group(const LaneBatch* batches, size_t count, const LaneRingPosition* rings, size_t ring_count,
                             LanePlace* places) {
  Impl& m = *impl_;
  for (size_t i = 0; i < count; ++i) {
    if (batches[i].size < kRecordBatchHeaderBytes || batches[i].sample_count > kBatchSamplesMax) return EINVAL;
  }
  m.merge(rings, ring_count);
  const uint64_t bytes = group_bytes(batches, count, m.merged.size());
  if (bytes > kGroupBytesMax || m.merged.size() > kCommitRingsMax) return E2BIG;
  if (const int error = m.make_room(bytes)) return error;

  SegmentFile& file = *m.file;
  const uint64_t start = file.end();
  const GroupPlace place{start, file.number(), file.salt(), m.last_group + 1, file.stale_end()};
  const uint64_t written = m.layout.lay_out(batches, count, m.merged, place, m.header());
  if (!file.in_memory()) file.reserve(start + written, m.options.reserve_bytes, m.options.segment_bytes);
  if (const int error = file.append(m.layout.iov, written)) return error;
  if (places) {
    uint64_t at = start == 0 ? sizeof(SegmentHeader) : start;
    for (size_t i = 0; i < count; ++i) {
      places[i] = {file.number(), at};
      at += entry_bytes(batches[i]);
    }
  }
  m.rings.swap(m.merged);
  ++m.last_group;
  m.bytes_written.fetch_add(written, std::memory_order_relaxed);
  if (m.memory.any() && !file.in_memory()) m.recovery.spilled_bytes += written;
  return 0;
}

/// `merged` becomes every position of this boot with these on top.
void LaneWriter::Impl::merge(const LaneRingPosition* positions, size_t count) {
  merged = rings;
  for (size_t i = 0; i < count; ++i) {
    auto same = [&](const LaneRingPosition& r) { return r.ring == positions[i].ring; };
    const auto found = std::find_if(merged.begin(), merged.end(), same);
    if (found == merged.end()) merged.push_back(positions[i]);
    else found->chunks = positions[i].chunks;
  }
}

/// Sees to it that `file` takes a group of `bytes`.
int LaneWriter::Impl::make_room(uint64_t bytes) {
  if (file && file->deleted()) {  // whatever is written to it nobody will find
    ++recovery.segments_deleted;
    replace(nullptr);
  }
  const bool full = file && is_full(bytes);
  if (full) {
    if (const int error = finish_segment()) return error;
  }
  if (!file || full) {
    if (const int error = new_segment(bytes)) return error;
  }
  return 0;
}

/// Makes the name of the file durable: before its groups are called so, and before anything is written to the next. Not when it is made, since
/// the writing thread would wait for the disk.
int LaneWriter::Impl::sync_name() {
  std::shared_ptr<SegmentFile> named;
  {
    const std::lock_guard<std::mutex> lock(file_mutex);
    if (name_synced || !options.sync_on_rotate || defect(Defect::kIgnoreDirectorySync)) return 0;
    named = file;
  }
  if (options.disk->sync_directory(options.directory.c_str()) != 0) return errno;
  const std::lock_guard<std::mutex> lock(file_mutex);
  if (file == named) name_synced = true;
  return 0;
}

/// Whether a group goes into the next segment.
bool LaneWriter::Impl::is_full(uint64_t group_bytes) {
  const uint64_t end = file->end();
  if (end <= sizeof(SegmentHeader)) return false;
  if (end + group_bytes > (file->in_memory() ? memory.segment_bytes() : options.segment_bytes)) return true;
  if (!memory.any() || file->in_memory() || end < look_at) return false;
  look_at = end + memory.segment_bytes();
  return memory.takes(memory_used(), group_bytes);
}

/// Closes what was retired, and answers what the rest takes.
uint64_t LaneWriter::Impl::memory_used() {
  Disk& disk = *options.disk;
  uint64_t used = 0;
  std::erase_if(in_memory, [&](const InMemory& segment) {
    uint64_t size = 0;
    uint64_t names;
    const bool there = memory_descriptor(disk, segment.path) == segment.fd;
    if (there && disk.stat(segment.fd, size, names) == 0) used += size;
    const bool in_use = file && file->in_memory() && segment.path == segment_path(options.directory, file->number());
    if (!there && !in_use) disk.close(segment.fd);
    return !there && !in_use;
  });
  return used;
}

int LaneWriter::Impl::finish_segment() {
  if (options.sync_on_rotate) {
    if (const int error = file->sync()) return error;
    if (const int error = sync_name()) return error;
  }
  return file->trim();
}

/// Makes the next segment. Its first bytes are its header, written with the first group.
int LaneWriter::Impl::new_segment(uint64_t group_bytes) {
  // Numbers start from the boot time at each start: a segment whose name a power failure took away must not lend its number, and
  // with it its positions, to other bytes.
  const uint64_t number = std::max({segment + 1, defect(Defect::kReuseNumbers) ? 1 : first_of_boot(), uint64_t{1}});
  int error = create(number, group_bytes);
  if (error == ENOENT) {  // the directory was deleted
    error = make_directories(*options.disk, options.directory);
    if (error == 0) error = create(number, group_bytes);
  }
  return error;
}

/// In memory where that is asked for and has room; or of a spare file where there is one: its pages are in memory and its blocks allocated.
int LaneWriter::Impl::create(uint64_t number, uint64_t group_bytes) {
  const std::string path = segment_path(options.directory, number);
  auto next = std::make_shared<SegmentFile>(*options.disk, number, random_salt());
  int error = ENOTSUP;
  if (memory.any() && memory.takes(memory_used(), group_bytes)) error = next->create_in_memory(path);
  const bool elsewhere = error != 0 && error != ENOENT && error != EEXIST;
  if (elsewhere) error = create_from_spare(*next, path);
  if (elsewhere && error == ENOENT) error = next->create(path);
  if (error == 0 || error == EEXIST) segment = number;  // a name that is taken is passed over
  if (error != 0) return error;
  if (next->in_memory()) in_memory.push_back({path, memory_descriptor(*options.disk, path)});
  look_at = memory.segment_bytes();
  recovery.segments_recycled += next->former_bytes() != 0;
  replace(std::move(next), false);
  return 0;
}

/// 0, EEXIST (the name is taken), or ENOENT: there is no spare that can be used.
int LaneWriter::Impl::create_from_spare(SegmentFile& next, const std::string& path) {
  Disk& disk = *options.disk;
  std::vector<uint64_t> spares;
  if (options.spares_max == 0 || list_spares(disk, options.directory, spares) != 0) return ENOENT;
  while (!spares.empty()) {  // the youngest first: its pages are the likeliest to be in memory
    const uint64_t spare = spares.back();
    spares.pop_back();
    const std::string from = spare_path(options.directory, spare);
    const int error = spare < next.number() ? next.create_from(from, spare, path, options.segment_bytes) : EINVAL;
    if (error == 0 || error == EEXIST) return error;
    if (error != ENOENT) disk.unlink(from.c_str());
  }
  return ENOENT;
}

SegmentHeader LaneWriter::Impl::header() const {
  SegmentHeader s{};
  s.magic = kSegmentMagic;
  s.version = kSegmentVersion;
  s.lane = options.lane;
  s.node = options.node;
  s.boot = options.boot;
  s.salt = file->salt();
  s.segment = file->number();
  s.created_ns = journal_now_ns();
  s.first_group = last_group + 1;
  s.former_bytes = file->former_bytes();
  return s;
}

void LaneWriter::Impl::replace(std::shared_ptr<SegmentFile> next, bool next_name_synced) {
  const std::lock_guard<std::mutex> lock(file_mutex);
  name_synced = next_name_synced;
  file.swap(next);
}

const std::vector<LaneRingPosition>& LaneWriter::recovered_rings() const { return impl_->recovered; }
const LaneRecovery& LaneWriter::recovery() const { return impl_->recovery; }
uint64_t LaneWriter::bytes_written() const { return impl_->bytes_written.load(std::memory_order_relaxed); }

int LaneWriter::sync() {
  std::shared_ptr<SegmentFile> current;
  {
    const std::lock_guard<std::mutex> lock(impl_->file_mutex);
    current = impl_->file;
  }
  if (!current) return 0;
  if (const int error = impl_->sync_name()) return error;
  return current->sync();
}

void LaneWriter::close() {
  if (!impl_ || !impl_->file) return;  // what is in memory stays, with its names
  impl_->file->trim();  // what it fails to give back, the next start does
  impl_->replace(nullptr);
}

}  // namespace penstock
