#include "journal/scan.h"

#include <cstring>

#include "kernels/crc32c.h"

namespace penstock {
namespace {

uint32_t load_be32(const uint8_t* p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | p[3];
}

enum class HeaderState { kValid, kInvalid, kShort };

/// A header that passes is, but for a chance of 2⁻³² per place and salt, one that the writer wrote here.
HeaderState read_header(const uint8_t* data, size_t size, uint64_t offset, const JournalScan& scan, EntryHeader& h) {
  if (size < sizeof h) return HeaderState::kShort;
  std::memcpy(&h, data, sizeof h);
  if (h.magic != kEntryMagic || h.header_bytes < sizeof h || h.header_bytes % kJournalAlign != 0) {
    return HeaderState::kInvalid;
  }
  if (uint64_t{h.place} * kJournalAlign != offset || (scan.salt_known && h.salt != scan.salt)) return HeaderState::kInvalid;
  size_t extra;
  if (h.type == EntryType::kBatch) {
    if (h.sample_count > kBatchSamplesMax || h.body_bytes < kRecordBatchHeaderBytes || h.body_bytes > kGroupBytesMax ||
        uint64_t{h.distance} * kJournalAlign > kGroupBytesMax) {
      return HeaderState::kInvalid;
    }
    extra = h.sample_count * sizeof(int64_t);
  } else if (h.type == EntryType::kCommit) {
    if (h.body_bytes != 0 || h.route > kCommitRingsMax) return HeaderState::kInvalid;
    extra = h.route * sizeof(CommitRing);
  } else {
    return HeaderState::kInvalid;
  }
  if (h.header_bytes != journal_align(sizeof h + extra)) return HeaderState::kInvalid;
  if (h.header_bytes > size) return HeaderState::kShort;
  return crc32c(0, data + 8, h.header_bytes - 8u) == h.crc ? HeaderState::kValid : HeaderState::kInvalid;
}

bool body_valid(const EntryHeader& h, const uint8_t* body) {
  return crc32c(0, body, 21) == h.check && record_batch_valid(body, h.body_bytes);
}

/// The group being collected: not yet known to be committed.
struct OpenGroup {
  bool open = false;
  bool holed = false;        ///< damage inside, or begun in its middle: the chain cannot be checked
  uint64_t number = 0;
  uint64_t first_offset = 0;
  uint32_t chain = 0;
  size_t first_batch = 0;    ///< index into scan.batches
  uint64_t corrupt_bytes = 0;
  uint64_t corrupt_places = 0;
};

class Scanner {
 public:
  Scanner(const uint8_t* data, size_t size, uint64_t offset, bool at_end, JournalScan& scan)
      : data_(data), size_(size), offset_(offset), at_end_(at_end), scan_(scan) {}

  void run() {
    scan_.committed_end = offset_;
    scan_.need = 0;
    group_.first_batch = scan_.batches.size();
    size_t at = 0;
    while (at < size_ && step(at)) {}
    if (at >= size_ && !at_end_) want(size_ + kJournalAlign);
    scan_.batches.resize(group_.first_batch);  // what is left belongs to no committed group
  }

 private:
  /// Handles the entry at `at` and moves on; false: stop here.
  bool step(size_t& at) {
    EntryHeader h{};
    const HeaderState state = read_header(data_ + at, size_ - at, offset_ + at, scan_, h);
    if (state == HeaderState::kShort && !at_end_) return want(at + (size_ - at < sizeof h ? sizeof h : h.header_bytes));
    const bool stale = h.group <= scan_.last_group || (group_.open && h.group < group_.number);
    if (state != HeaderState::kValid || stale) return resync(at);
    if (!scan_.salt_known) {
      scan_.salt_known = true;
      scan_.salt = h.salt;
    }
    return h.type == EntryType::kBatch ? batch(at, h) : commit(at, h);
  }

  bool batch(size_t& at, const EntryHeader& h) {
    const size_t end = at + h.header_bytes + journal_align(h.body_bytes);
    if (end > size_) return at_end_ ? false : want(at + uint64_t{h.distance} * kJournalAlign + kJournalAlign, end);
    if (group_.open && h.group > group_.number) close_group(at);  // its commit record is damaged
    if (!group_.open) open_group(at, h.group);
    group_.chain = crc32c(group_.chain, &h.crc, sizeof h.crc);
    if (body_valid(h, data_ + at + h.header_bytes)) {
      scan_.batches.push_back({offset_ + at, offset_ + at + h.header_bytes, offset_ + end, h.body_bytes, h.count, h.partition,
                               h.route, h.sample_count, h.group, h.time_ns, h.time_ns + int64_t{h.received_span_us} * 1000});
    } else {
      note_damage(end - at);
    }
    at = end;
    return true;
  }

  bool commit(size_t& at, const EntryHeader& h) {
    if (group_.open && h.group > group_.number) close_group(at);
    if (!group_.open) open_group(at, h.group);
    const bool whole = !group_.holed && group_.first_offset + uint64_t{h.distance} * kJournalAlign == offset_ + at;
    if (whole && group_.chain != h.check) return resync(at);
    scan_.rings.clear();
    for (size_t i = 0; i < h.route; ++i) {
      CommitRing ring;
      std::memcpy(&ring, data_ + at + sizeof h + i * sizeof ring, sizeof ring);
      scan_.rings.push_back({ring.ring, ring.chunks});
    }
    at += h.header_bytes;
    close_group(at);
    return true;
  }

  void open_group(size_t at, uint64_t number) {
    group_.open = true;
    group_.number = number;
    group_.first_offset = offset_ + at;
    group_.chain = 0;
  }

  void close_group(size_t end) {
    scan_.last_group = group_.number;
    scan_.committed_end = offset_ + end;
    scan_.corrupt_bytes += group_.corrupt_bytes;
    scan_.corrupt_places += group_.corrupt_places;
    group_ = OpenGroup{};
    group_.first_batch = scan_.batches.size();
  }

  void note_damage(uint64_t bytes) {
    group_.corrupt_bytes += bytes;
    group_.corrupt_places += 1;
  }

  /// Moves `at` to the next valid entry; false when the window has none.
  bool resync(size_t& at) {
    for (size_t next = at + kJournalAlign; next < size_; next += kJournalAlign) {
      EntryHeader h{};
      const HeaderState state = read_header(data_ + next, size_ - next, offset_ + next, scan_, h);
      if (state == HeaderState::kShort && !at_end_) break;
      if (state != HeaderState::kValid || h.group <= scan_.last_group) continue;
      note_damage(next - at);
      group_.holed = true;
      at = next;
      return true;
    }
    if (!at_end_) want(size_ * 2 + kJournalAlign);
    return false;
  }

  bool want(uint64_t from_window_start, uint64_t at_least = 0) {
    const uint64_t end = from_window_start > at_least ? from_window_start : at_least;
    scan_.need = offset_ + end - scan_.committed_end;
    return false;
  }

  const uint8_t* data_;
  size_t size_;
  uint64_t offset_;
  bool at_end_;
  JournalScan& scan_;
  OpenGroup group_;
};

}  // namespace

void scan_journal(const uint8_t* data, size_t size, uint64_t offset, bool at_end, JournalScan& scan) {
  Scanner(data, size, offset, at_end, scan).run();
}

bool segment_header_valid(const uint8_t* data, SegmentHeader& header) {
  std::memcpy(&header, data, sizeof header);
  return header.magic == kSegmentMagic && header.version == kSegmentVersion &&
         crc32c(0, data, sizeof header - sizeof header.crc) == header.crc;
}

bool record_batch_valid(const uint8_t* body, size_t size) {
  if (size < kRecordBatchHeaderBytes || load_be32(body + 8) != size - 12 || body[16] != 2) return false;
  return crc32c(0, body + 21, size - 21) == load_be32(body + 17);
}

}  // namespace penstock
