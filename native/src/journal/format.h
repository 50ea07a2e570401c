// The bytes of a journal segment. docs/reference/journal.md describes them for readers in other languages.
//
//   segment:  | SegmentHeader (64) | group | group | … | end mark, and behind it what the file held before, if it was used again
//   group:    | batch entry | batch entry | … | commit record |
//   entry:    | EntryHeader (64) | samples or ring positions | zeros to 64 | body | zeros to 64 |
//
// All integers are little-endian, except inside a body, which is a Kafka RecordBatch v2.
#pragma once

#include <cstddef>
#include <cstdint>

namespace penstock {

inline constexpr size_t kJournalAlign = 64;
inline constexpr uint64_t kSegmentMagic = 0x0a314745534e5089ULL;  // "\x89PNSEG1\n"
inline constexpr uint16_t kSegmentVersion = 2;
inline constexpr uint16_t kSegmentVersionUnbound = 1;  ///< its entries' checksums do not cover the segment number; read, never written
inline constexpr uint32_t kEntryMagic = 0x0145e489;               // 89 E4 45 01: neither ASCII nor UTF-8
inline constexpr size_t kRecordBatchHeaderBytes = 61;
inline constexpr size_t kBatchSamplesMax = 16;
inline constexpr size_t kCommitRingsMax = 1024;
inline constexpr uint64_t kGroupBytesMax = 256u << 20;

constexpr uint64_t journal_align(uint64_t bytes) { return (bytes + kJournalAlign - 1) & ~uint64_t{kJournalAlign - 1}; }

struct SegmentHeader {
  uint64_t magic;
  uint16_t version;
  uint16_t lane;
  uint32_t node;
  uint32_t boot;
  uint32_t salt;         ///< random; every entry of the segment repeats it, so that event bytes cannot pose as an entry
  uint64_t segment;
  int64_t created_ns;
  uint64_t first_group;
  uint64_t former_bytes; ///< size that the file had from an earlier life; 0: a new file
  uint8_t reserved[4];   ///< zero
  uint32_t crc;          ///< CRC-32C of the 60 bytes before
};
static_assert(sizeof(SegmentHeader) == 64);

/// kEnd: nothing after it is of this segment yet. Written behind a group where the file goes on with bytes of an earlier life; the next
/// group's first bytes replace it.
enum class EntryType : uint8_t { kBatch = 1, kCommit = 2, kEnd = 3 };

inline constexpr uint16_t kEntryPriority = 1;  ///< its events pass the others when there is a backlog

struct EntryHeader {
  uint32_t magic;
  uint32_t crc;              ///< CRC-32C of the segment's number (8 bytes) and header bytes 8 … header_bytes − 1
  uint16_t header_bytes;     ///< multiple of 64, samples or ring positions included
  EntryType type;
  uint8_t sample_count;      ///< batch: event times after this header (≤ 16)
  uint32_t body_bytes;       ///< batch: size of the RecordBatch; commit: 0
  uint32_t salt;             ///< of the segment
  uint32_t count;            ///< batch: events; commit: batches in the group
  uint32_t place;            ///< offset of this header in the segment, in units of 64 bytes
  uint32_t check;            ///< batch: CRC-32C of the body's first 21 bytes (the body's own CRC covers the rest);
                             ///< commit: CRC-32C of the `crc` fields of the group's batch entries, in order
  uint64_t group;            ///< 1, 2, 3 … per lane; end mark: of the group that comes next
  int64_t time_ns;           ///< batch: first event received; commit: when it was written
  uint32_t received_span_us; ///< batch: last event received − first; commit: 0
  uint32_t distance;         ///< batch: units of 64 bytes ahead to the commit record; commit: back to the group's first entry
  int32_t partition;         ///< batch: −1 any; commit: 0
  uint16_t route;            ///< batch; commit: number of ring positions after this header
  uint16_t flags;            ///< batch: kEntryPriority; commit: 0
};
static_assert(sizeof(EntryHeader) == 64);

struct CommitRing {
  uint16_t ring;
  uint16_t reserved[3];
  uint64_t chunks;
};
static_assert(sizeof(CommitRing) == 16);

}  // namespace penstock
