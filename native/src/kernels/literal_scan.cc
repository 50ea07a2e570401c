#include "kernels/literal_scan.h"

#include <algorithm>

#include "kernels/cpu.h"
#include "kernels/literal_confirm.h"

namespace penstock {
namespace {

/// How often a byte is met in logs, roughly: a scale of logarithms.
unsigned commonness(uint8_t byte) {
  constexpr std::string_view kMostCommon = " etaoinsr0123";
  constexpr std::string_view kCommonSigns = "=\":.-/,_";
  const char c = static_cast<char>(byte);
  if (kMostCommon.find(c) != kMostCommon.npos) return 9;
  if (byte - '0' < 10u) return 8;
  if (byte - 'a' < 26u) return 7;
  if (kCommonSigns.find(c) != kCommonSigns.npos) return 7;
  if (byte - 'A' < 26u) return 4;
  return byte > ' ' && byte < 0x7f ? 3 : 1;
}

/// Where the rarest kAnchorBytes of a literal begin; a shorter one is its own anchor.
size_t anchor_of(std::string_view literal) {
  size_t best = 0;
  unsigned least = ~0u;
  for (size_t at = 0; at + kAnchorBytes <= literal.size(); ++at) {
    unsigned sum = 0;
    for (size_t i = 0; i < kAnchorBytes; ++i) sum += commonness(static_cast<uint8_t>(literal[at + i]));
    if (sum < least) least = sum, best = at;
  }
  return best;
}

LiteralTables::Entry entry_of(std::string_view literal, uint32_t index) {
  const size_t offset = anchor_of(literal);
  const size_t size = std::min<size_t>(literal.size() - offset, 4);
  LiteralTables::Entry entry{0, 0, static_cast<uint32_t>(offset), index};
  std::memcpy(&entry.bytes, literal.data() + offset, size);
  std::memset(&entry.mask, 0xff, size);
  return entry;
}

using Find = bool (*)(const LiteralTables&, std::string_view, uint64_t*);
#if defined(__x86_64__)
const Find kFind = cpu_has_avx2() ? find_literals_avx2 : find_literals_scalar;
#else
const Find kFind = find_literals_scalar;
#endif

}  // namespace

void LiteralScan::build(std::span<const std::string_view> literals) {
  tables_ = LiteralTables{};
  tables_.literals.assign(literals.begin(), literals.end());
  for (uint32_t i = 0; i < literals.size(); ++i) tables_.entries.push_back(entry_of(literals[i], i));
  // Alike anchors share a bucket: the fewer bytes a bucket has, the less is found that is none of its anchors.
  std::stable_sort(tables_.entries.begin(), tables_.entries.end(), [](const auto& a, const auto& b) { return a.bytes < b.bytes; });
  const size_t count = tables_.entries.size();
  for (size_t bucket = 0; bucket < kLiteralBuckets; ++bucket) {
    const size_t first = count * bucket / kLiteralBuckets, last = count * (bucket + 1) / kLiteralBuckets;
    tables_.bucket_first[bucket] = static_cast<uint32_t>(first);
    tables_.bucket_first[bucket + 1] = static_cast<uint32_t>(last);
    const auto bit = static_cast<uint8_t>(1u << bucket);
    for (size_t i = first; i < last; ++i) {
      for (size_t k = 0; k < kAnchorBytes; ++k) {
        const auto byte = static_cast<uint8_t>(tables_.entries[i].bytes >> 8 * k);
        const bool given = static_cast<uint8_t>(tables_.entries[i].mask >> 8 * k) != 0;  // else any byte will do
        for (unsigned nibble = 0; nibble < 16; ++nibble) {
          if (!given || (byte & 15u) == nibble) tables_.low[k][nibble] |= bit;
          if (!given || byte >> 4u == nibble) tables_.high[k][nibble] |= bit;
        }
      }
    }
  }
}

bool LiteralScan::find(std::string_view text, uint64_t* found) const { return kFind(tables_, text, found); }

bool find_literals_scalar(const LiteralTables& tables, std::string_view text, uint64_t* found) {
  bool any = false;
  for (size_t at = 0; at < text.size(); ++at) {
    uint32_t buckets = 0xff;
    for (size_t k = 0; k < kAnchorBytes; ++k) {
      const auto byte = static_cast<uint8_t>(text.data()[at + k]);
      buckets &= tables.low[k][byte & 15u] & tables.high[k][byte >> 4u];
    }
    if (buckets != 0) any |= confirm_literals(tables, text, at, buckets, found);
  }
  return any;
}

}  // namespace penstock
