#include "journal/group_layout.h"

#include <algorithm>
#include <cstring>
#include <ctime>

#include "journal/canary.h"
#include "journal/entry_header.h"
#include "kernels/crc32c.h"

namespace penstock {
namespace {

constexpr size_t kPageBytes = 4096;
constexpr uint8_t kZeros[kPageBytes] = {};
constexpr size_t kBatchHeaderBytesMax = journal_align(sizeof(EntryHeader) + kBatchSamplesMax * sizeof(int64_t));

uint32_t span_us(int64_t first_ns, int64_t last_ns) {
  const int64_t us = (last_ns - first_ns) / 1000;
  return us < 0 ? 0 : us > INT64_C(0xffffffff) ? 0xffffffff : static_cast<uint32_t>(us);
}

uint64_t header_bytes(const LaneBatch& b) { return journal_align(sizeof(EntryHeader) + b.sample_count * sizeof(int64_t)); }
uint64_t commit_bytes(size_t rings) { return journal_align(sizeof(EntryHeader) + rings * sizeof(CommitRing)); }

void seal(EntryHeader& h, uint8_t* out, uint64_t segment) {
  h.crc = crc32c(entry_seed(segment), out + 8, h.header_bytes - 8u);
  std::memcpy(out + offsetof(EntryHeader, crc), &h.crc, sizeof h.crc);
}

}  // namespace

int64_t journal_now_ns() {
  timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

uint64_t entry_bytes(const LaneBatch& batch) { return header_bytes(batch) + journal_align(batch.size); }

uint64_t group_bytes(const LaneBatch* batches, size_t count, size_t rings) {
  uint64_t bytes = commit_bytes(rings);
  for (size_t i = 0; i < count; ++i) bytes += entry_bytes(batches[i]);
  return bytes;
}

uint64_t GroupLayout::lay_out(const LaneBatch* batches, size_t count, const std::vector<LaneRingPosition>& rings,
                              const GroupPlace& place, const SegmentHeader& header) {
  headers_.assign(sizeof(SegmentHeader) + count * kBatchHeaderBytesMax + commit_bytes(rings.size()) + sizeof(EntryHeader), 0);
  iov.clear();
  uint8_t* out = headers_.data();
  const uint64_t first_at = place.start == 0 ? sizeof(SegmentHeader) : place.start;
  if (place.start == 0) {
    SegmentHeader s = header;
    s.crc = crc32c(0, &s, sizeof s - sizeof s.crc);
    std::memcpy(out, &s, sizeof s);
    iov.push_back({out, sizeof s});
  }
  out += sizeof(SegmentHeader);

  uint64_t commit_at = first_at;
  for (size_t i = 0; i < count; ++i) commit_at += entry_bytes(batches[i]);
  EntryHeader commit{};
  uint64_t at = first_at;
  for (size_t i = 0; i < count; ++i, out += kBatchHeaderBytesMax) {
    batch_entry(batches[i], out, at, commit_at, place);
    commit.check = crc32c(commit.check, out + offsetof(EntryHeader, crc), 4);
    at += entry_bytes(batches[i]);
  }
  commit.magic = kEntryMagic;
  commit.header_bytes = static_cast<uint16_t>(commit_bytes(rings.size()));
  commit.type = EntryType::kCommit;
  commit.salt = place.salt;
  commit.count = static_cast<uint32_t>(count);
  commit.place = static_cast<uint32_t>(commit_at / kJournalAlign);
  commit.group = place.group;
  commit.time_ns = journal_now_ns();
  commit.distance = static_cast<uint32_t>((commit_at - first_at) / kJournalAlign);
  commit.route = static_cast<uint16_t>(rings.size());
  std::memcpy(out, &commit, sizeof commit);
  for (size_t i = 0; i < rings.size(); ++i) {
    const CommitRing ring{rings[i].ring, {}, rings[i].chunks};
    std::memcpy(out + sizeof commit + i * sizeof ring, &ring, sizeof ring);
  }
  seal(commit, out, place.segment);
  iov.push_back({out, commit.header_bytes});
  const uint64_t end = commit_at + commit.header_bytes;
  if (end < place.stale_end && !defect(Defect::kNoEndMark)) end_mark(out + commit.header_bytes, end, place);
  return end - place.start;
}

/// With zeros to the end of the page: a page written whole need not be read from the disk first.
void GroupLayout::end_mark(uint8_t* out, uint64_t at, const GroupPlace& place) {
  EntryHeader h{};
  h.magic = kEntryMagic;
  h.header_bytes = sizeof h;
  h.type = EntryType::kEnd;
  h.salt = place.salt;
  h.place = static_cast<uint32_t>(at / kJournalAlign);
  h.group = place.group + 1;
  std::memcpy(out, &h, sizeof h);
  seal(h, out, place.segment);
  iov.push_back({out, sizeof h});
  const uint64_t behind = at + sizeof h;
  const uint64_t page_end = (behind + kPageBytes - 1) / kPageBytes * kPageBytes;
  const uint64_t zeros = std::min(page_end, place.stale_end) - behind;
  if (zeros > 0) iov.push_back({const_cast<uint8_t*>(kZeros), zeros});
}

void GroupLayout::batch_entry(const LaneBatch& b, uint8_t* out, uint64_t at, uint64_t commit_at, const GroupPlace& place) {
  EntryHeader h{};
  h.magic = kEntryMagic;
  h.header_bytes = static_cast<uint16_t>(header_bytes(b));
  h.type = EntryType::kBatch;
  h.sample_count = b.sample_count;
  h.body_bytes = b.size;
  h.salt = place.salt;
  h.count = b.count;
  h.place = static_cast<uint32_t>(at / kJournalAlign);
  h.check = crc32c(0, b.data, 21);
  h.group = place.group;
  h.time_ns = b.first_received_ns;
  h.received_span_us = span_us(b.first_received_ns, b.last_received_ns);
  h.distance = static_cast<uint32_t>((commit_at - at) / kJournalAlign);
  h.partition = b.partition;
  h.route = b.route;
  h.flags = b.priority ? kEntryPriority : 0;
  std::memcpy(out, &h, sizeof h);
  std::memcpy(out + sizeof h, b.samples, b.sample_count * sizeof(int64_t));
  seal(h, out, place.segment);
  iov.push_back({out, h.header_bytes});
  iov.push_back({const_cast<uint8_t*>(b.data), b.size});
  if (const uint64_t pad = journal_align(b.size) - b.size) iov.push_back({const_cast<uint8_t*>(kZeros), pad});
}

}  // namespace penstock
