// The journal's scan over hostile segments. The first byte chooses:
//   even: edits and a cut of a real segment; what comes out must be a subsequence of what went in, however it is read;
//   odd:  any bytes, with checksums put right where a header could be, so that absurd but "valid" headers are met.
#include <algorithm>
#include <cstdlib>

#include "journal_fixture.h"

using namespace penstock_test;

namespace {

constexpr uint64_t kSegment = uint64_t{7} << 20;

struct Original {
  std::vector<uint8_t> bytes;
  std::vector<std::vector<uint8_t>> bodies;
};

const Original& original() {
  static const Original made = [] {
    Original o;
    std::mt19937 random(1);
    TempLane lane;
    LaneWriter writer;
    if (writer.open(lane.options()) != 0) std::abort();
    for (int i = 0; i < 6; ++i) {
      Group g = make_group(random, static_cast<size_t>(i % 4), 300, static_cast<uint64_t>(i));
      if (commit(writer, g) != 0) std::abort();
      o.bodies.insert(o.bodies.end(), g.batches.begin(), g.batches.end());
    }
    writer.close();
    o.bytes = read_file(segment_path(lane.path, kSegment));
    return o;
  }();
  return made;
}

JournalScan start(const std::vector<uint8_t>& bytes) {
  JournalScan scan;
  SegmentHeader header;
  scan.key.segment = kSegment;
  if (bytes.size() >= 64) read_segment_header(bytes.data(), kSegment, header, scan.key);
  return scan;
}

/// Reads in windows as the reader does; `window` bytes at first. The copy lets the sanitizer see any read beyond.
JournalScan in_windows(const std::vector<uint8_t>& bytes, size_t window_min) {
  JournalScan scan = start(bytes);
  size_t at = 64;
  size_t window = window_min;
  while (at < bytes.size()) {
    const size_t size = std::min(window, bytes.size() - at);
    const std::vector<uint8_t> copy(bytes.begin() + static_cast<ptrdiff_t>(at), bytes.begin() + static_cast<ptrdiff_t>(at + size));
    const bool at_end = at + size == bytes.size();
    scan_journal(copy.data(), size, at, at_end, scan);
    if (scan.committed_end < at || scan.committed_end > at + size || scan.committed_end % 64 != 0) std::abort();
    if (at_end || scan.ended) break;
    if (scan.committed_end == at && scan.need <= size) std::abort();  // no progress asked for
    at = scan.committed_end;
    window = std::max<size_t>(window_min, scan.need);
  }
  return scan;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4) return 0;
  const bool edits = data[0] % 2 == 0;
  const size_t window = 64 + size_t{data[1]} * 16;
  std::vector<uint8_t> bytes;
  if (edits) {
    bytes = original().bytes;
    const size_t cut = (size_t{data[2]} << 8 | data[3]) % (bytes.size() + 1);
    if (cut != 0) bytes.resize(cut);
    for (size_t i = 4; i + 3 <= size && !bytes.empty(); i += 3) bytes[(size_t{data[i]} << 8 | data[i + 1]) % bytes.size()] ^= data[i + 2];
  } else {
    bytes.assign(data + 2, data + size);
    bytes.insert(bytes.begin(), 64, 0);
    for (size_t at = 64; at + 64 <= bytes.size(); at += 64) {
      EntryHeader h;
      std::memcpy(&h, bytes.data() + at, sizeof h);
      h.magic = kEntryMagic;
      h.salt = 1;
      h.place = static_cast<uint32_t>(at / 64);
      if (h.type != EntryType::kCommit && h.type != EntryType::kEnd) h.type = EntryType::kBatch;
      if (h.type != EntryType::kBatch) h.body_bytes = 0;
      const size_t extra = h.type == EntryType::kCommit ? (h.route %= 8) * 16u : h.type == EntryType::kBatch ? (h.sample_count %= 17) * 8u : 0;
      h.header_bytes = static_cast<uint16_t>(journal_align(64 + extra));
      std::memcpy(bytes.data() + at, &h, sizeof h);
      if (at + h.header_bytes > bytes.size()) break;
      h.crc = crc32c(entry_seed(kSegment), bytes.data() + at + 8, h.header_bytes - 8u);
      std::memcpy(bytes.data() + at + 4, &h.crc, 4);
      at += h.header_bytes - 64u;
    }
  }
  const JournalScan whole = in_windows(bytes, bytes.size() + 64);
  const JournalScan parts = in_windows(bytes, window);
  if (whole.batches.size() != parts.batches.size() || whole.committed_end != parts.committed_end) std::abort();
  if (!edits) return 0;
  size_t next = 0;
  for (const ScannedBatch& b : whole.batches) {
    const auto begin = bytes.begin() + static_cast<ptrdiff_t>(b.body_offset);
    const std::vector<uint8_t> body(begin, begin + static_cast<ptrdiff_t>(b.body_bytes));
    while (next < original().bodies.size() && original().bodies[next] != body) ++next;
    if (next++ >= original().bodies.size()) std::abort();  // an event nobody wrote
  }
  return 0;
}
