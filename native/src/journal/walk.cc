#include "journal/walk.h"

#include <cstring>
#include <utility>

#include "journal/entry_header.h"
#include "kernels/crc32c.h"

namespace penstock {
namespace {

constexpr size_t kFirstReadBytes = 256;  // a batch entry's header with all its samples, or a commit record of some rings
constexpr size_t kHeaderBytesMax = journal_align(sizeof(EntryHeader) + kCommitRingsMax * sizeof(CommitRing));

HeaderState read_at(Disk& disk, int fd, uint64_t at, uint64_t size, std::vector<uint8_t>& buffer,
                    const SegmentKey& key, EntryHeader& h) {
  bool failed = false;
  size_t want = kFirstReadBytes;
  for (;;) {
    if (want > size - at) want = size - at;
    const size_t got = read_fully(disk, fd, buffer.data(), want, at, failed);
    const HeaderState state = read_entry_header(buffer.data(), got, at, key, h);
    if (state != HeaderState::kShort || got < sizeof h || got < want || h.header_bytes > size - at) return state;
    if (h.header_bytes <= want || h.header_bytes > buffer.size()) return HeaderState::kInvalid;
    want = h.header_bytes;
  }
}

}  // namespace

uint64_t walk_segment(Disk& disk, int fd, uint64_t size, JournalScan& scan, const WalkedBatch& each) {
  std::vector<uint8_t> buffer(kHeaderBytesMax);
  std::vector<std::pair<uint64_t, EntryHeader>> group;
  uint64_t committed_end = sizeof(SegmentHeader);
  uint32_t chain = 0;
  uint64_t number = 0;
  for (uint64_t at = committed_end; at < size;) {
    EntryHeader h{};
    if (read_at(disk, fd, at, size, buffer, scan.key, h) != HeaderState::kValid) break;
    if (h.group <= scan.last_group || (number != 0 && h.group != number)) break;
    if (h.type == EntryType::kEnd) {
      scan.ended = number == 0;
      break;
    }
    if (h.type == EntryType::kBatch) {
      const uint64_t next = at + h.header_bytes + journal_align(h.body_bytes);
      if (next > size) break;
      number = h.group;
      chain = crc32c(chain, &h.crc, sizeof h.crc);
      group.emplace_back(at, h);
      at = next;
      continue;
    }
    if (h.check != chain || committed_end + uint64_t{h.distance} * kJournalAlign != at) break;
    at += h.header_bytes;
    committed_end = at;
    scan.last_group = h.group;
    scan.rings.clear();
    for (size_t i = 0; i < h.route; ++i) {
      CommitRing ring;
      std::memcpy(&ring, buffer.data() + sizeof h + i * sizeof ring, sizeof ring);
      scan.rings.push_back({ring.ring, ring.chunks});
    }
    for (const auto& [offset, header] : group) each(offset, header);
    group.clear();
    chain = 0;
    number = 0;
  }
  return committed_end;
}

Skim skim_segment(Disk& disk, int fd, SkimState& state, size_t entries_max) {
  std::vector<uint8_t> buffer(kHeaderBytesMax);
  JournalScan& scan = state.scan;
  uint64_t size;
  uint64_t names;
  if (disk.stat(fd, size, names) != 0) return Skim::kUnclear;
  uint64_t number = 0;
  bool priority = false;
  for (uint64_t at = state.at; at < size;) {
    EntryHeader h{};
    if (read_at(disk, fd, at, size, buffer, scan.key, h) != HeaderState::kValid) return Skim::kUnclear;
    if (h.group <= scan.last_group || (number != 0 && h.group != number)) return Skim::kUnclear;
    if (h.type == EntryType::kEnd) return number == 0 ? Skim::kEnd : Skim::kUnclear;
    number = h.group;
    if (h.type == EntryType::kBatch) {
      priority |= (h.flags & kEntryPriority) != 0;
      at += h.header_bytes + journal_align(h.body_bytes);
      if (entries_max > 0) --entries_max;
      continue;
    }
    if (priority) return Skim::kPriority;
    at += h.header_bytes;
    state.at = at;
    scan.last_group = h.group;
    number = 0;
    if (entries_max == 0) return Skim::kMore;
  }
  return number == 0 ? Skim::kEnd : Skim::kUnclear;
}

WrittenEnd find_written_end(Disk& disk, int fd, uint64_t from, uint64_t most, const SegmentKey& key) {
  uint8_t header[kFirstReadBytes];
  uint64_t end = from;
  for (uint64_t at = from;;) {
    bool failed = false;
    const size_t got = read_fully(disk, fd, header, sizeof header, at, failed);
    if (got == 0 && !failed) return {end, at != end};
    EntryHeader h{};
    HeaderState state = read_entry_header(header, got, at, key, h);
    if (state == HeaderState::kShort && got == sizeof header) {
      std::vector<uint8_t> all(kHeaderBytesMax);
      state = read_entry_header(all.data(), read_fully(disk, fd, all.data(), all.size(), at, failed), at, key, h);
    }
    if (state != HeaderState::kValid) return {end, true};
    if (h.type == EntryType::kEnd) return {end, at != end};
    at += h.header_bytes + journal_align(h.body_bytes);
    if (at - from > most && end != from) return {end, false};
    if (h.type == EntryType::kCommit) end = at;
  }
}

}  // namespace penstock
