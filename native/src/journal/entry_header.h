// One entry header: is it one that the writer wrote at this place?
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "journal/format.h"

namespace penstock {

enum class HeaderState { kValid, kInvalid, kShort };

/// Binds entries to their segment, so that nothing else passes for one: not the bytes of an event, not what the file held when it
/// was another segment.
struct SegmentKey {
  uint64_t segment = 0;  ///< number by the file's name
  bool known = false;    ///< false (segment header damaged): any salt passes, and either version
  uint32_t salt = 0;
  uint16_t version = 0;
};

/// What entry checksums begin with.
uint32_t entry_seed(uint64_t segment, uint16_t version = kSegmentVersion);
/// `entry` is valid under a key that was not known: learns it. `header`: all of the entry's header.
void learn_key(SegmentKey& key, const EntryHeader& entry, const uint8_t* header);

/// Whose header a segment file begins with.
enum class HeaderOf {
  kThis,
  kOther,    ///< of another segment: the file was used again (or back), and nothing of this one counts
  kNewer,    ///< a version not known here: the file is to be left alone
  kNobody,   ///< damaged or not there
};

/// `data`: the first 64 bytes; `segment`: number by the file's name, 0 when that has none. `key` is known afterwards when kThis.
HeaderOf read_segment_header(const uint8_t* data, uint64_t segment, SegmentHeader& header, SegmentKey& key);

/// Reads the header at `offset` of the segment; `size` bytes of it are in `data`. kShort: more bytes are needed to tell, `h.header_bytes`
/// when size ≥ 64. A header that passes is, but for a chance of 2⁻³² per place and key, one that the writer wrote here.
HeaderState read_entry_header(const uint8_t* data, size_t size, uint64_t offset, const SegmentKey& key, EntryHeader& h);

inline constexpr size_t kEntryHeaderBytesMax = journal_align(sizeof(EntryHeader) + kCommitRingsMax * sizeof(CommitRing));

/// Mends a header in which one byte is damaged: the checksum tells which, and what it was. `mended` receives the whole header as it was
/// written; false when that is not what happened here. `data` should hold kEntryHeaderBytesMax where the segment has them.
bool mend_entry_header(const uint8_t* data, size_t size, uint64_t offset, const SegmentKey& key, std::vector<uint8_t>& mended,
                       EntryHeader& h);

}  // namespace penstock
