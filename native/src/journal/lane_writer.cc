#include "journal/lane_writer.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <ctime>
#include <mutex>

#include "journal/recovery.h"
#include "journal/segments.h"
#include "kernels/crc32c.h"

namespace penstock {
namespace {

// Room is reserved ahead in steps: few extents, no space found missing in the middle of a group, little held by an idle lane.
constexpr uint64_t kReserveBytes = 16 << 20;
constexpr uint8_t kZeros[kJournalAlign] = {};
constexpr size_t kBatchHeaderBytesMax = journal_align(sizeof(EntryHeader) + kBatchSamplesMax * sizeof(int64_t));

int64_t now_ns() {
  timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

uint32_t span_us(int64_t first_ns, int64_t last_ns) {
  const int64_t us = (last_ns - first_ns) / 1000;
  return us < 0 ? 0 : us > INT64_C(0xffffffff) ? 0xffffffff : static_cast<uint32_t>(us);
}

uint64_t header_bytes(const LaneBatch& b) { return journal_align(sizeof(EntryHeader) + b.sample_count * sizeof(int64_t)); }

}  // namespace

struct LaneWriter::Impl {
  LaneOptions options;
  std::atomic<int> fd{-1};
  std::mutex fd_mutex;          ///< orders a change of `fd` against the dup in sync(): else sync could meet a reused number
  uint64_t segment = 0;         ///< current, or the last one of the lane while fd is −1
  uint64_t end = 0;             ///< committed end of the current segment
  uint64_t reserved_end = 0;
  uint64_t last_group = 0;
  uint32_t salt = 0;
  bool dirty_tail = false;      ///< bytes beyond `end` could not be cut: nothing may be written before they are
  std::atomic<uint64_t> bytes_written{0};
  LaneRecovery recovery;
  std::vector<LaneRingPosition> recovered;
  std::vector<LaneRingPosition> rings;  ///< every position of this boot, merged

  // Scratch of commit_group, kept for the next.
  std::vector<uint8_t> headers;
  std::vector<iovec> iov;
  std::vector<LaneRingPosition> merged;

  int recover();
  int cut_tail();
  int new_segment();
  void reserve(uint64_t until);
  int write_all(uint64_t offset);
  void swap_fd(int next);
  uint64_t lay_out(const LaneBatch* batches, size_t count, uint64_t start);
};

LaneWriter::LaneWriter() : impl_(new Impl) {}
LaneWriter::~LaneWriter() { close(); }

int LaneWriter::open(const LaneOptions& options) {
  close();
  impl_.reset(new Impl);
  impl_->options = options;
  return impl_->recover();
}

int LaneWriter::Impl::recover() {
  std::vector<uint64_t> segments;
  if (const int error = list_segments(options.directory, segments)) return error;
  // A crash between making a segment and its first commit leaves one without groups: look one further back.
  for (size_t back = 0; back < 2 && back < segments.size(); ++back) {
    const uint64_t number = segments[segments.size() - 1 - back];
    const std::string path = segment_path(options.directory, number);
    SegmentState state;
    if (const int error = recover_segment(path, state)) return error;
    recovery.corrupt_bytes += state.corrupt_bytes;
    recovery.corrupt_places += state.corrupt_places;
    segment = std::max(segment, number);
    const bool same_boot = state.header_valid && state.header.boot == options.boot && state.header.node == options.node;
    if (!state.unreadable && state.committed_end < state.size) {
      recovery.torn_bytes += state.size - state.committed_end;
      if (const int error = truncate(path.c_str(), static_cast<off_t>(state.committed_end)) == 0 ? 0 : errno) return error;
    }
    if (state.committed_end == 0) continue;
    last_group = state.last_group;
    if (same_boot) recovered = rings = state.rings;
    if (back == 0 && same_boot && !state.unreadable && state.committed_end < options.segment_bytes) {
      const int opened = options.io->open(path.c_str(), O_WRONLY | O_CLOEXEC, 0640);
      if (opened < 0) return errno;
      swap_fd(opened);
      salt = state.header.salt;
      end = reserved_end = state.committed_end;
    }
    break;
  }
  recovery.last_group = last_group;
  return 0;
}

/// Writes the entry headers of the batches and the iovecs of the whole group but its commit record. Returns where that goes.
uint64_t LaneWriter::Impl::lay_out(const LaneBatch* batches, size_t count, uint64_t start) {
  uint64_t commit_at = start;
  for (size_t i = 0; i < count; ++i) commit_at += header_bytes(batches[i]) + journal_align(batches[i].size);
  headers.assign(count * kBatchHeaderBytesMax + sizeof(SegmentHeader) + journal_align(sizeof(EntryHeader) + rings.size() * 16),
                 0);
  iov.clear();
  uint64_t at = start;
  for (size_t i = 0; i < count; ++i) {
    const LaneBatch& b = batches[i];
    uint8_t* out = headers.data() + sizeof(SegmentHeader) + i * kBatchHeaderBytesMax;
    EntryHeader h{};
    h.magic = kEntryMagic;
    h.header_bytes = static_cast<uint16_t>(header_bytes(b));
    h.type = EntryType::kBatch;
    h.sample_count = b.sample_count;
    h.body_bytes = b.size;
    h.salt = salt;
    h.count = b.count;
    h.place = static_cast<uint32_t>(at / kJournalAlign);
    h.check = crc32c(0, b.data, 21);
    h.group = last_group + 1;
    h.time_ns = b.first_received_ns;
    h.received_span_us = span_us(b.first_received_ns, b.last_received_ns);
    h.distance = static_cast<uint32_t>((commit_at - at) / kJournalAlign);
    h.partition = b.partition;
    h.route = b.route;
    std::memcpy(out, &h, sizeof h);
    std::memcpy(out + sizeof h, b.samples, b.sample_count * sizeof(int64_t));
    h.crc = crc32c(0, out + 8, h.header_bytes - 8u);
    std::memcpy(out + offsetof(EntryHeader, crc), &h.crc, sizeof h.crc);
    iov.push_back({out, h.header_bytes});
    iov.push_back({const_cast<uint8_t*>(b.data), b.size});
    if (const uint64_t pad = journal_align(b.size) - b.size) iov.push_back({const_cast<uint8_t*>(kZeros), pad});
    at += h.header_bytes + journal_align(b.size);
  }
  return commit_at;
}

int LaneWriter::commit_group(const LaneBatch* batches, size_t count, const LaneRingPosition* rings, size_t ring_count,
                             LanePlace* places) {
  Impl& m = *impl_;
  uint64_t group_bytes = 0;
  for (size_t i = 0; i < count; ++i) {
    if (batches[i].size < kRecordBatchHeaderBytes || batches[i].sample_count > kBatchSamplesMax) return EINVAL;
    group_bytes += header_bytes(batches[i]) + journal_align(batches[i].size);
  }
  m.merged = m.rings;
  for (size_t i = 0; i < ring_count; ++i) {
    auto same = [&](const LaneRingPosition& r) { return r.ring == rings[i].ring; };
    const auto found = std::find_if(m.merged.begin(), m.merged.end(), same);
    if (found == m.merged.end()) m.merged.push_back(rings[i]);
    else found->chunks = rings[i].chunks;
  }
  group_bytes += journal_align(sizeof(EntryHeader) + m.merged.size() * sizeof(CommitRing));
  if (group_bytes > kGroupBytesMax || m.merged.size() > kCommitRingsMax) return E2BIG;

  if (m.dirty_tail) {
    if (const int error = m.cut_tail()) return error;
  }
  if (m.fd < 0 || (m.end + group_bytes > m.options.segment_bytes && m.end > sizeof(SegmentHeader))) {
    if (const int error = m.new_segment()) return error;
  }
  m.rings.swap(m.merged);  // lay_out and the commit record use `rings`; given back below when the write fails

  const bool first = m.end == 0;
  const uint64_t start = first ? sizeof(SegmentHeader) : m.end;
  const uint64_t commit_at = m.lay_out(batches, count, start);
  if (first) {
    SegmentHeader s{};
    s.magic = kSegmentMagic;
    s.version = kSegmentVersion;
    s.lane = m.options.lane;
    s.node = m.options.node;
    s.boot = m.options.boot;
    s.salt = m.salt;
    s.segment = m.segment;
    s.created_ns = now_ns();
    s.first_group = m.last_group + 1;
    s.crc = crc32c(0, &s, sizeof s - sizeof s.crc);
    std::memcpy(m.headers.data(), &s, sizeof s);
    m.iov.insert(m.iov.begin(), {m.headers.data(), sizeof s});
  }
  uint8_t* out = m.headers.data() + sizeof(SegmentHeader) + count * kBatchHeaderBytesMax;
  EntryHeader h{};
  h.magic = kEntryMagic;
  h.header_bytes = static_cast<uint16_t>(journal_align(sizeof h + m.rings.size() * sizeof(CommitRing)));
  h.type = EntryType::kCommit;
  h.salt = m.salt;
  h.count = static_cast<uint32_t>(count);
  h.place = static_cast<uint32_t>(commit_at / kJournalAlign);
  for (size_t i = 0; i < count; ++i) {
    h.check = crc32c(h.check, m.headers.data() + sizeof(SegmentHeader) + i * kBatchHeaderBytesMax + offsetof(EntryHeader, crc), 4);
  }
  h.group = m.last_group + 1;
  h.time_ns = now_ns();
  h.distance = static_cast<uint32_t>((commit_at - start) / kJournalAlign);
  h.route = static_cast<uint16_t>(m.rings.size());
  std::memcpy(out, &h, sizeof h);
  for (size_t i = 0; i < m.rings.size(); ++i) {
    const CommitRing ring{m.rings[i].ring, {}, m.rings[i].chunks};
    std::memcpy(out + sizeof h + i * sizeof ring, &ring, sizeof ring);
  }
  h.crc = crc32c(0, out + 8, h.header_bytes - 8u);
  std::memcpy(out + offsetof(EntryHeader, crc), &h.crc, sizeof h.crc);
  m.iov.push_back({out, h.header_bytes});

  const uint64_t new_end = commit_at + h.header_bytes;
  m.reserve(new_end);
  if (const int error = m.write_all(m.end)) {
    m.rings.swap(m.merged);
    m.dirty_tail = true;
    m.cut_tail();
    return error;
  }
  if (places) {
    uint64_t at = start;
    for (size_t i = 0; i < count; ++i) {
      places[i] = {m.segment, at};
      at += header_bytes(batches[i]) + journal_align(batches[i].size);
    }
  }
  m.bytes_written.fetch_add(new_end - m.end, std::memory_order_relaxed);
  m.end = new_end;
  ++m.last_group;
  return 0;
}

/// Writes all of `iov` from `offset` on. 0 or errno; a write that takes nothing counts as ENOSPC.
int LaneWriter::Impl::write_all(uint64_t offset) {
  size_t next = 0;
  while (next < iov.size()) {
    const int part = static_cast<int>(std::min<size_t>(iov.size() - next, IOV_MAX));
    const ssize_t written = options.io->pwritev(fd, iov.data() + next, part, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return ENOSPC;
    offset += static_cast<uint64_t>(written);
    auto left = static_cast<size_t>(written);
    while (next < iov.size() && left >= iov[next].iov_len) left -= iov[next++].iov_len;
    if (left > 0) {
      iov[next].iov_base = static_cast<uint8_t*>(iov[next].iov_base) + left;
      iov[next].iov_len -= left;
    }
  }
  return 0;
}

int LaneWriter::Impl::cut_tail() {
  if (options.io->ftruncate(fd, static_cast<off_t>(end)) != 0) return errno;
  dirty_tail = false;
  reserved_end = end;  // cutting gives back what was reserved beyond
  return 0;
}

/// Reserves space without changing the file's size: the size stays the written end, which is all a reader needs. A file system
/// that cannot, or is full, shows in the write itself.
void LaneWriter::Impl::reserve(uint64_t until) {
  if (until <= reserved_end) return;
  const uint64_t step_end = std::max(until, std::min(reserved_end + kReserveBytes, options.segment_bytes));
  if (options.io->fallocate(fd, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(reserved_end),
                            static_cast<off_t>(step_end - reserved_end)) == 0) {
    reserved_end = step_end;
  } else {
    reserved_end = until;
  }
}

/// Closes the current segment and makes the next. Its first bytes are its header, written with the first group.
int LaneWriter::Impl::new_segment() {
  if (fd >= 0) {
    if (options.sync_on_rotate && options.io->fdatasync(fd) != 0) return errno;
    if (reserved_end > end && options.io->ftruncate(fd, static_cast<off_t>(end)) != 0) return errno;
    reserved_end = end;
  }
  // In an empty lane numbers start from the boot time, so that a position never comes to mean other bytes.
  const uint64_t number = segment == 0 ? std::max<uint64_t>(1, uint64_t{options.boot} << 20) : segment + 1;
  const std::string path = segment_path(options.directory, number);
  const int opened = options.io->open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (opened < 0) return errno;
  if (options.sync_on_rotate) sync_directory(options.directory);
  swap_fd(opened);
  segment = number;
  end = reserved_end = 0;
  salt = random_salt();
  return 0;
}

void LaneWriter::Impl::swap_fd(int next) {
  const std::lock_guard<std::mutex> lock(fd_mutex);
  const int old = fd.exchange(next);
  if (old >= 0) ::close(old);
}

const std::vector<LaneRingPosition>& LaneWriter::recovered_rings() const { return impl_->recovered; }
const LaneRecovery& LaneWriter::recovery() const { return impl_->recovery; }
uint64_t LaneWriter::bytes_written() const { return impl_->bytes_written.load(std::memory_order_relaxed); }
int LaneWriter::fd() const { return impl_->fd; }

int LaneWriter::sync() {
  int copy = -1;
  {
    const std::lock_guard<std::mutex> lock(impl_->fd_mutex);
    if (impl_->fd < 0) return 0;
    copy = fcntl(impl_->fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return errno;
  }
  const int error = impl_->options.io->fdatasync(copy) == 0 ? 0 : errno;
  ::close(copy);
  return error;
}

void LaneWriter::close() {
  if (!impl_ || impl_->fd < 0) return;
  if (impl_->dirty_tail) impl_->cut_tail();
  if (impl_->reserved_end > impl_->end) {
    // Only gives back reserved space; what it fails to give back, the next start does.
    if (impl_->options.io->ftruncate(impl_->fd, static_cast<off_t>(impl_->end)) != 0) impl_->reserved_end = impl_->end;
  }
  impl_->swap_fd(-1);
}

}  // namespace penstock
