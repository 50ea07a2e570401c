#include "journal/scan.h"

#include <algorithm>
#include <cstring>

#include "journal/canary.h"
#include "journal/entry_header.h"
#include "kernels/crc32c.h"

namespace penstock {
namespace {

uint32_t load_be32(const uint8_t* p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | p[3];
}

bool body_valid(const EntryHeader& h, const uint8_t* body) {
  if (defect(Defect::kSkipBodyCheck)) return true;
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
  size_t first_damage = 0;   ///< index into scan.damage
};

class Scanner {
 public:
  Scanner(const uint8_t* data, size_t size, uint64_t offset, bool at_end, JournalScan& scan)
      : data_(data), size_(size), offset_(offset), at_end_(at_end), scan_(scan) {}

  void run() {
    scan_.committed_end = offset_;
    scan_.need = 0;
    scan_.ended = false;
    begin_group();
    size_t at = 0;
    while (at < size_ && step(at)) {}
    if (at >= size_ && !at_end_) want(size_ + kJournalAlign);
    if (group_.open && defect(Defect::kAcceptUncommitted)) close_group(at);
    scan_.batches.resize(group_.first_batch);  // what is left belongs to no committed group
    scan_.damage.resize(group_.first_damage);
  }

 private:
  /// Handles the entry at `at` and moves on; false: stop here.
  bool step(size_t& at) {
    EntryHeader h{};
    const HeaderState state = read(at, h);
    if (state == HeaderState::kShort && !at_end_) return want(at + (size_ - at < sizeof h ? sizeof h : h.header_bytes));
    if (state != HeaderState::kValid) {
      // One damaged byte is mended: else one in the last commit record would take its whole group along.
      if (!at_end_ && size_ - at < kEntryHeaderBytesMax) return want(at + kEntryHeaderBytesMax);
      if (!scan_.key.known || !mend_entry_header(data_ + at, size_ - at, offset_ + at, scan_.key, mended_, h)) return resync(at);
    }
    const bool mended = state != HeaderState::kValid;
    const uint8_t* header = mended ? mended_.data() : data_ + at;
    const bool stale = h.group <= scan_.last_group || (group_.open && h.group < group_.number);
    if (stale) return resync(at);
    if (!scan_.key.known) learn_key(scan_.key, h, header);
    if (h.type == EntryType::kEnd) return finish();
    see(at, h);
    return h.type == EntryType::kBatch ? batch(at, h, mended) : commit(at, h, header, mended);
  }

  bool batch(size_t& at, const EntryHeader& h, bool mended) {
    const size_t end = at + h.header_bytes + journal_align(h.body_bytes);
    if (end > size_) return at_end_ ? false : want(at + uint64_t{h.distance} * kJournalAlign + kJournalAlign, end);
    if (group_.open && h.group > group_.number) close_group(at, true);  // its commit record is damaged
    if (!group_.open) open_group(at, h.group);
    group_.chain = crc32c(group_.chain, &h.crc, sizeof h.crc);
    if (mended) note_damage(at, h.header_bytes);
    if (body_valid(h, data_ + at + h.header_bytes)) {
      scan_.batches.push_back({offset_ + at, offset_ + at + h.header_bytes, offset_ + end, h.body_bytes, h.count, h.partition,
                               h.route, h.sample_count, h.group, h.time_ns, h.time_ns + int64_t{h.received_span_us} * 1000,
                               (h.flags & kEntryPriority) != 0});
    } else {
      note_damage(at, end - at);
    }
    at = end;
    return true;
  }

  bool commit(size_t& at, const EntryHeader& h, const uint8_t* header, bool mended) {
    if (group_.open && h.group > group_.number) close_group(at, true);
    if (!group_.open) open_group(at, h.group);
    const bool whole = !group_.holed && group_.first_offset + uint64_t{h.distance} * kJournalAlign == offset_ + at;
    if (whole && group_.chain != h.check) return resync(at);
    if (mended) note_damage(at, h.header_bytes);
    scan_.rings.clear();
    for (size_t i = 0; i < h.route; ++i) {
      CommitRing ring;
      std::memcpy(&ring, header + sizeof h + i * sizeof ring, sizeof ring);
      scan_.rings.push_back({ring.ring, ring.chunks});
    }
    at += h.header_bytes;
    close_group(at);
    return true;
  }

  HeaderState read(size_t at, EntryHeader& h) const {
    return read_entry_header(data_ + at, size_ - at, offset_ + at, scan_.key, h);
  }

  bool finish() {
    scan_.ended = true;
    return false;
  }
  void see(size_t at, const EntryHeader& h) {
    scan_.seen_end = offset_ + std::min<uint64_t>(size_, at + h.header_bytes + journal_align(h.body_bytes));
  }

  void open_group(size_t at, uint64_t number) {
    group_.open = true;
    group_.number = number;
    group_.first_offset = offset_ + at;
    group_.chain = 0;
  }

  void begin_group() {
    group_ = OpenGroup{};
    group_.first_batch = scan_.batches.size();
    group_.first_damage = scan_.damage.size();
  }

  void close_group(size_t end, bool witnessed = false) {
    scan_.witnessed = witnessed;
    scan_.last_group = group_.number;
    scan_.committed_end = offset_ + end;
    for (size_t i = group_.first_damage; i < scan_.damage.size(); ++i) scan_.corrupt_bytes += scan_.damage[i].bytes;
    scan_.corrupt_places += scan_.damage.size() - group_.first_damage;
    begin_group();
  }

  void note_damage(size_t at, uint64_t bytes) { scan_.damage.push_back({offset_ + at, bytes}); }

  /// Moves `at` to the next valid entry; false when the window has none.
  bool resync(size_t& at) {
    for (size_t next = at + kJournalAlign; next < size_; next += kJournalAlign) {
      EntryHeader h{};
      const HeaderState state = read(next, h);
      if (state == HeaderState::kShort && !at_end_) break;
      if (state != HeaderState::kValid || h.group <= scan_.last_group) continue;
      if (h.type == EntryType::kEnd) return finish();
      note_damage(at, next - at);
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
  std::vector<uint8_t> mended_;
};

}  // namespace

void scan_journal(const uint8_t* data, size_t size, uint64_t offset, bool at_end, JournalScan& scan) {
  Scanner(data, size, offset, at_end, scan).run();
}

bool record_batch_valid(const uint8_t* body, size_t size) {
  if (size < kRecordBatchHeaderBytes || load_be32(body + 8) != size - 12 || body[16] != 2) return false;
  return crc32c(0, body + 21, size - 21) == load_be32(body + 17);
}

}  // namespace penstock
