// One entry header: is it one that the writer wrote at this place?
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "journal/format.h"

namespace penstock {

enum class HeaderState { kValid, kInvalid, kShort };

/// What a segment's entries repeat.
struct SegmentSalt {
  bool known = false;  ///< false (segment header damaged): any salt passes
  uint32_t salt = 0;
};

/// Reads the header at `offset` of the segment; `size` bytes of it are in `data`. kShort: more bytes are needed to tell, `h.header_bytes`
/// when size ≥ 64. A header that passes is, but for a chance of 2⁻³² per place and salt, one that the writer wrote here.
HeaderState read_entry_header(const uint8_t* data, size_t size, uint64_t offset, SegmentSalt salt, EntryHeader& h);

inline constexpr size_t kEntryHeaderBytesMax = journal_align(sizeof(EntryHeader) + kCommitRingsMax * sizeof(CommitRing));

/// Mends a header in which one byte is damaged: the checksum tells which, and what it was. `mended` receives the whole header as it was
/// written; false when that is not what happened here. `data` should hold kEntryHeaderBytesMax where the segment has them.
bool mend_entry_header(const uint8_t* data, size_t size, uint64_t offset, SegmentSalt salt, std::vector<uint8_t>& mended,
                       EntryHeader& h);

}  // namespace penstock
