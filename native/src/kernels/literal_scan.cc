#include "kernels/literal_scan.h"

#include <algorithm>
#include <bit>

#include "kernels/cpu.h"
#include "kernels/literal_confirm.h"

namespace penstock {
namespace {

/// How often a byte is met in logs, roughly.
constexpr float share_of(uint8_t byte) {
  constexpr std::string_view kMostCommon = " etaoinsr0123";
  constexpr std::string_view kCommonSigns = "=\":.-/,_";
  const char c = static_cast<char>(byte);
  if (kMostCommon.find(c) != kMostCommon.npos) return 0.045f;
  if (byte - '0' < 10u) return 0.03f;
  if (byte - 'a' < 26u || kCommonSigns.find(c) != kCommonSigns.npos) return 0.02f;
  if (byte - 'A' < 26u) return 0.006f;
  return byte > ' ' && byte < 0x7f ? 0.003f : 0.0005f;
}

struct Shares {
  float by_nibbles[16][16];  ///< [high][low]
  constexpr Shares() : by_nibbles{} {
    for (unsigned byte = 0; byte < 256; ++byte) by_nibbles[byte >> 4][byte & 15] = share_of(static_cast<uint8_t>(byte));
  }
};
constexpr Shares kShares;

/// Where the rarest kAnchorBytes of a literal begin; a shorter one is its own anchor.
size_t anchor_of(std::string_view literal) {
  size_t best = 0;
  float least = 2;
  for (size_t at = 0; at + kAnchorBytes <= literal.size(); ++at) {
    float share = 1;
    for (size_t i = 0; i < kAnchorBytes; ++i) share *= share_of(static_cast<uint8_t>(literal[at + i]));
    if (share < least) least = share, best = at;
  }
  return best;
}

LiteralTables::Entry entry_of(std::string_view literal, uint32_t index) {
  const size_t offset = anchor_of(literal);
  const size_t size = std::min(literal.size() - offset, kAnchorBytes);
  LiteralTables::Entry entry{0, 0, static_cast<uint32_t>(offset), index};
  std::memcpy(&entry.bytes, literal.data() + offset, size);
  std::memset(&entry.mask, 0xff, size);
  return entry;
}

/// Anchors that share a bit of the tables: the nibbles that their bytes have, and in what share of places such bytes stand.
struct Bucket {
  uint16_t low[kAnchorBytes] = {}, high[kAnchorBytes] = {};
  float share = 0;
  std::vector<LiteralTables::Entry> entries;

  explicit Bucket(const LiteralTables::Entry& entry) : entries{entry} {
    for (size_t k = 0; k < kAnchorBytes; ++k) {
      const auto byte = static_cast<uint8_t>(entry.bytes >> 8 * k);
      const bool given = static_cast<uint8_t>(entry.mask >> 8 * k) != 0;  // else any byte will do
      low[k] = given ? static_cast<uint16_t>(1u << (byte & 15u)) : 0xffff;
      high[k] = given ? static_cast<uint16_t>(1u << (byte >> 4u)) : 0xffff;
    }
    share = share_with(*this);
  }
  /// In what share of places one bucket of both would remain.
  float share_with(const Bucket& other) const {
    float all = 1;
    for (size_t k = 0; k < kAnchorBytes; ++k) {
      const uint32_t lows = low[k] | other.low[k];
      float sum = 0;
      for (uint32_t highs = high[k] | other.high[k]; highs != 0; highs &= highs - 1)
        for (uint32_t left = lows; left != 0; left &= left - 1)
          sum += kShares.by_nibbles[std::countr_zero(highs)][std::countr_zero(left)];
      all *= sum;
    }
    return all;
  }
  void take_in(const Bucket& other) {
    share = share_with(other);
    for (size_t k = 0; k < kAnchorBytes; ++k) low[k] |= other.low[k], high[k] |= other.high[k];
    entries.insert(entries.end(), other.entries.begin(), other.entries.end());
  }
};

/// Two and two together, those first that lose least by it, until kLiteralBuckets are left.
std::vector<Bucket> deal(std::span<const LiteralTables::Entry> entries) {
  std::vector<Bucket> buckets;
  for (const auto& entry : entries) {
    const auto alike = std::find_if(buckets.begin(), buckets.end(), [&](const Bucket& bucket) {
      return bucket.entries[0].bytes == entry.bytes && bucket.entries[0].mask == entry.mask;
    });
    if (alike == buckets.end()) buckets.emplace_back(entry);
    else alike->entries.push_back(entry);
  }
  size_t count = buckets.size();
  std::vector<float> loss(count * count);
  const auto loss_of = [&](size_t a, size_t b) { return buckets[a].share_with(buckets[b]) - buckets[a].share - buckets[b].share; };
  const size_t row = count;
  for (size_t a = 0; a < count; ++a)
    for (size_t b = 0; b < a; ++b) loss[a * row + b] = loss_of(a, b);
  while (count > kLiteralBuckets) {
    size_t to = 1, from = 0;
    for (size_t a = 0; a < count; ++a)
      for (size_t b = 0; b < a; ++b)
        if (loss[a * row + b] < loss[to * row + from]) to = a, from = b;
    buckets[from].take_in(buckets[to]);
    --count;
    if (to != count) {
      buckets[to] = std::move(buckets[count]);
      for (size_t other = 0; other < count; ++other)
        if (other != to) loss[std::max(to, other) * row + std::min(to, other)] = loss[count * row + other];
    }
    for (size_t other = 0; other < count; ++other)
      if (other != from) loss[std::max(from, other) * row + std::min(from, other)] = loss_of(from, other);
    buckets.erase(buckets.begin() + static_cast<std::ptrdiff_t>(count), buckets.end());
  }
  return buckets;
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
  std::vector<LiteralTables::Entry> entries;
  for (uint32_t i = 0; i < literals.size(); ++i) entries.push_back(entry_of(literals[i], i));
  uint32_t bucket = 0;
  for (const Bucket& dealt : deal(entries)) {
    const auto bit = static_cast<uint8_t>(1u << bucket);
    for (size_t k = 0; k < kAnchorBytes; ++k) {
      for (unsigned nibble = 0; nibble < 16; ++nibble) {
        if (dealt.low[k] >> nibble & 1) tables_.low[k][nibble] |= bit;
        if (dealt.high[k] >> nibble & 1) tables_.high[k][nibble] |= bit;
      }
    }
    tables_.entries.insert(tables_.entries.end(), dealt.entries.begin(), dealt.entries.end());
    tables_.bucket_first[++bucket] = static_cast<uint32_t>(tables_.entries.size());
  }
  while (bucket < kLiteralBuckets) tables_.bucket_first[++bucket] = static_cast<uint32_t>(tables_.entries.size());
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
