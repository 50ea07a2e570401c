#include "journal/entry_header.h"

#include <cstring>

#include "journal/canary.h"
#include "kernels/crc32c.h"

namespace penstock {

uint32_t entry_seed(uint64_t segment, uint16_t version) {
  if (defect(Defect::kUnboundEntries)) return 0;
  return version == kSegmentVersionUnbound ? 0 : crc32c(0, &segment, sizeof segment);
}

namespace {

uint32_t header_crc(uint32_t seed, const EntryHeader& h, const uint8_t* data) { return crc32c(seed, data + 8, h.header_bytes - 8u); }

bool crc_right(const SegmentKey& key, const EntryHeader& h, const uint8_t* data) {
  if (key.known) return header_crc(entry_seed(key.segment, key.version), h, data) == h.crc;
  return header_crc(entry_seed(key.segment), h, data) == h.crc || header_crc(0, h, data) == h.crc;
}

}  // namespace

void learn_key(SegmentKey& key, const EntryHeader& entry, const uint8_t* header) {
  key.known = true;
  key.salt = entry.salt;
  const bool bound = header_crc(entry_seed(key.segment), entry, header) == entry.crc;
  key.version = bound ? kSegmentVersion : kSegmentVersionUnbound;
}

HeaderOf read_segment_header(const uint8_t* data, uint64_t segment, SegmentHeader& header, SegmentKey& key) {
  std::memcpy(&header, data, sizeof header);
  key = SegmentKey{};
  key.segment = segment;
  if (header.magic != kSegmentMagic || crc32c(0, data, sizeof header - sizeof header.crc) != header.crc) return HeaderOf::kNobody;
  if (header.version > kSegmentVersion) return HeaderOf::kNewer;
  const bool bound = header.version != kSegmentVersionUnbound;
  if (bound && segment != 0 && header.segment != segment && !defect(Defect::kBelieveOldHeader)) return HeaderOf::kOther;
  key.segment = header.segment;
  key.known = true;
  key.salt = header.salt;
  key.version = header.version;
  return HeaderOf::kThis;
}

HeaderState read_entry_header(const uint8_t* data, size_t size, uint64_t offset, const SegmentKey& key, EntryHeader& h) {
  if (size < sizeof h) return HeaderState::kShort;
  std::memcpy(&h, data, sizeof h);
  if (h.magic != kEntryMagic || h.header_bytes < sizeof h || h.header_bytes % kJournalAlign != 0) {
    return HeaderState::kInvalid;
  }
  if (uint64_t{h.place} * kJournalAlign != offset || (key.known && h.salt != key.salt && !defect(Defect::kUnboundEntries))) return HeaderState::kInvalid;
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
  } else if (h.type == EntryType::kEnd) {
    if (h.body_bytes != 0) return HeaderState::kInvalid;
    extra = 0;
  } else {
    return HeaderState::kInvalid;
  }
  if (h.header_bytes != journal_align(sizeof h + extra)) return HeaderState::kInvalid;
  if (h.header_bytes > size) return HeaderState::kShort;
  return crc_right(key, h, data) ? HeaderState::kValid : HeaderState::kInvalid;
}

namespace {

constexpr size_t kCrcFrom = 8;  // the checksum covers the header from here on

/// Which byte of `size` covered bytes, exclusive-ored with what, changes their checksum by `difference`? CRCs are linear: the change
/// depends on the byte's distance from the end alone. False when no single byte does.
bool find_byte(uint32_t difference, size_t size, size_t& at, uint8_t& change) {
  uint32_t bits[8];  // what each bit of the byte at `at` does
  for (int bit = 0; bit < 8; ++bit) {
    const auto byte = static_cast<uint8_t>(1 << bit);
    bits[bit] = crc32c(0, &byte, 1) ^ crc32c(0, "", 1);
  }
  for (at = size; at-- > 0;) {
    uint32_t sum = 0;
    for (uint32_t gray = 1; gray < 256; ++gray) {  // each step flips one bit of the byte
      sum ^= bits[__builtin_ctz(gray)];
      if (sum == difference) {
        change = static_cast<uint8_t>(gray ^ gray >> 1);
        return true;
      }
    }
    // One byte further from the end: a zero byte is appended. On differences this is the CRC without its constants.
    for (uint32_t& b : bits) b = crc32c(b, "", 1) ^ crc32c(0, "", 1);
  }
  return false;
}

}  // namespace

bool mend_entry_header(const uint8_t* data, size_t size, uint64_t offset, const SegmentKey& key, std::vector<uint8_t>& mended,
                       EntryHeader& h) {
  if (size < sizeof h) return false;
  std::memcpy(&h, data, sizeof h);
  // Any of these may be the damaged one.
  const size_t lengths[] = {h.header_bytes, journal_align(sizeof h + h.sample_count * sizeof(int64_t)),
                            journal_align(sizeof h + h.route * sizeof(CommitRing))};
  for (const size_t length : lengths) {
    if (length < sizeof h || length % kJournalAlign != 0 || length > kEntryHeaderBytesMax || length > size) continue;
    mended.assign(data, data + length);
    const uint32_t actual = crc32c(entry_seed(key.segment, key.version), mended.data() + kCrcFrom, length - kCrcFrom);
    const uint32_t difference = h.crc ^ actual;
    size_t at;
    uint8_t change;
    if (difference == 0) {
      std::memcpy(mended.data(), &kEntryMagic, sizeof kEntryMagic);
    } else if (find_byte(difference, length - kCrcFrom, at, change)) {
      mended[kCrcFrom + at] ^= change;
    } else {
      std::memcpy(mended.data() + offsetof(EntryHeader, crc), &actual, sizeof actual);
    }
    size_t changed = 0;
    for (size_t i = 0; i < length; ++i) changed += mended[i] != data[i];
    if (changed != 1) continue;
    if (read_entry_header(mended.data(), length, offset, key, h) == HeaderState::kValid) return true;
  }
  return false;
}

}  // namespace penstock
