#include "enrich/lookup_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "kernels/common.h"

namespace penstock::enrich {
namespace {

constexpr uint32_t kMagic = 0x314b4c50;  // "PLK1"
constexpr uint32_t kVersion = 1;
constexpr size_t kHeaderWords = 4;
#define SECTION(name, Row) +1
constexpr size_t kSections = 0 PENSTOCK_TABLE_SECTIONS(SECTION);
#undef SECTION

uint64_t hash_of(KeyKind kind, std::string_view key) {
  uint64_t h = 0x9e3779b97f4a7c15ULL * (static_cast<uint64_t>(kind) + 1) + key.size();
  const char* p = key.data();
  size_t left = key.size();
  for (; left >= 8; p += 8, left -= 8) {
    uint64_t part;
    std::memcpy(&part, p, 8);
    h = std::rotl((h ^ part) * 0xc2b2ae3d27d4eb4fULL, 31);
  }
  uint64_t part = 0;
  if (left > 0) std::memcpy(&part, p, left);
  return mix64((h ^ part) * 0xc2b2ae3d27d4eb4fULL);
}

/// Four bits of one word.
uint64_t bloom_bits(uint64_t hash) {
  return uint64_t{1} << (hash >> 58) | uint64_t{1} << (hash >> 52 & 63) | uint64_t{1} << (hash >> 46 & 63) | uint64_t{1} << (hash >> 40 & 63);
}

std::string_view bytes_of(const IpAddress& ip, char (&out)[16]) {
  const uint64_t words[2] = {__builtin_bswap64(ip.high), __builtin_bswap64(ip.low)};
  std::memcpy(out, words, 16);
  return {out, 16};
}

/// `key`: 16 bytes.
IpAddress address_of(std::string_view key) {
  uint64_t words[2];
  std::memcpy(words, key.data(), sizeof words);
  return {__builtin_bswap64(words[0]), __builtin_bswap64(words[1])};
}

int compare(const IpAddress& ip, const TableV6& row) {
  const uint64_t high = uint64_t{row.start[0]} << 32 | row.start[1], low = uint64_t{row.start[2]} << 32 | row.start[3];
  if (ip.high != high) return ip.high < high ? -1 : 1;
  return ip.low == low ? 0 : ip.low < low ? -1 : 1;
}

}  // namespace

bool LookupTable::sections(const uint8_t* bytes, size_t size, std::string& error) {
  error = "the table is damaged";
  const size_t words = size / 4;
  if (words < kHeaderWords + 3 * kSections || reinterpret_cast<uintptr_t>(bytes) % 8 != 0) return false;
  const auto* header = reinterpret_cast<const uint32_t*>(bytes);
  if (header[0] != kMagic || header[1] != kVersion || header[2] > size || header[3] > size - header[2]) return false;
  pool_ = reinterpret_cast<const char*>(bytes) + header[2];
  pool_bytes_ = header[3];
  const uint32_t* all = header;
  header += kHeaderWords;
  size_t end = kHeaderWords + 3 * kSections;  // sections follow each other: filling one in leaves the others as they were checked
#define SECTION(name, Row)                                                                                \
  if (header[2] != sizeof(Row) / 4 || header[0] < end || header[0] > words || header[1] > (words - header[0]) / header[2]) \
    return error += ": section " #name, false;                                                            \
  name##_ = {reinterpret_cast<const Row*>(all + header[0]), header[1]};                                   \
  end = header[0] + size_t{header[1]} * header[2];                                                        \
  header += 3;
  PENSTOCK_TABLE_SECTIONS(SECTION)
#undef SECTION
  if (reinterpret_cast<const uint8_t*>(all + end) > reinterpret_cast<const uint8_t*>(pool_)) return error += ": pool", false;
  if (!std::has_single_bit(slots_.size()) || !std::has_single_bit(bloom_.size()) || slots_.size() <= entries_.size())
    return error += ": sizes", false;
  error.clear();
  return true;
}

bool LookupTable::check(std::string& error) {
  error = "the table is damaged: an index is outside its section";
  const auto inside = [this](uint32_t offset, uint32_t size) { return offset <= pool_bytes_ && size <= pool_bytes_ - offset; };
  const auto entry = [this](uint32_t e) { return e == kNoEntry || e < entries_.size(); };
  for (const TableString& row : strings_) if (!inside(row.offset, row.size)) return false;
  for (const TableColumn& row : columns_) if (row.name >= strings_.size()) return false;
  for (const TableRecord& row : rows_) if (row.cell_first > cells_.size() || row.cell_count > cells_.size() - row.cell_first) return false;
  for (const TableCell& row : cells_) if (row.column >= columns_.size() || row.text >= strings_.size()) return false;
  for (size_t i = 0; i < entries_.size(); ++i) {
    const TableEntry& row = entries_[i];
    if (row.kind >= static_cast<uint32_t>(KeyKind::kCount) || !inside(row.key_offset, row.key_size) || row.row >= rows_.size()) return false;
    // Forward, so that a chain ends.
    if (row.next != kNoEntry && (row.next <= i || row.next >= entries_.size())) return false;
    kinds_ |= 1u << row.kind;
    any_below_ |= row.flags & kBelow;
    if (row.kind == static_cast<uint32_t>(KeyKind::kIp)) has_private_ |= row.key_size != 16 || !is_public(address_of(key(static_cast<uint32_t>(i))));
  }
  for (const TableV4& row : v4_) if (!entry(row.entry)) return false;
  for (const TableV6& row : v6_) if (!entry(row.entry)) return false;
  has_private_ |= !v4_.empty() || !v6_.empty();
  if (!v4_.empty() || !v6_.empty()) kinds_ |= 1u << static_cast<uint32_t>(KeyKind::kIp);
  for (const TableSlot& row : slots_) if (row.entry > entries_.size()) return false;
  error.clear();
  return true;
}

bool LookupTable::open(const uint8_t* bytes, size_t size, std::string& error) {
  kinds_ = 0;
  any_below_ = has_private_ = false;
  return sections(bytes, size, error) && check(error);
}

bool LookupTable::index(uint8_t* bytes, size_t size, std::string& error) {
  LookupTable table;
  if (!table.open(bytes, size, error)) return false;
  auto* const slots = const_cast<TableSlot*>(table.slots_.data());
  auto* const bloom = const_cast<TableBloom*>(table.bloom_.data());
  std::memset(slots, 0, table.slots_.size_bytes());
  std::memset(bloom, 0, table.bloom_.size_bytes());
  auto* const entries = const_cast<TableEntry*>(table.entries_.data());
  // From the last to the first: the first of equal keys is found, and leads to the others.
  for (size_t i = table.entries_.size(); i-- > 0;) {
    const auto kind = static_cast<KeyKind>(entries[i].kind);
    const std::string_view key = table.key(static_cast<uint32_t>(i));
    if (key.empty()) continue;  // a network: in the lists of ranges
    const uint64_t hash = hash_of(kind, key);
    for (size_t at = hash;; ++at) {
      TableSlot& slot = slots[at & (table.slots_.size() - 1)];
      if (slot.entry != 0) {
        const uint32_t other = slot.entry - 1;
        if (slot.hash != static_cast<uint32_t>(hash >> 32) || entries[other].kind != entries[i].kind || table.key(other) != key) continue;
        entries[i].next = other;
      }
      slot = {static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(i) + 1};
      break;
    }
    TableBloom& word = bloom[hash & (table.bloom_.size() - 1)];
    const uint64_t bits = bloom_bits(hash);
    word.low |= static_cast<uint32_t>(bits);
    word.high |= static_cast<uint32_t>(bits >> 32);
  }
  return true;
}

uint32_t LookupTable::find(KeyKind kind, std::string_view key) const {
  if (!has(kind) || key.empty()) return kNoEntry;
  const uint64_t hash = hash_of(kind, key);
  const TableBloom& word = bloom_[hash & (bloom_.size() - 1)];
  const uint64_t bits = bloom_bits(hash);
  if (((uint64_t{word.high} << 32 | word.low) & bits) != bits) return kNoEntry;
  for (size_t at = hash;; ++at) {
    const TableSlot& slot = slots_[at & (slots_.size() - 1)];
    if (slot.entry == 0) return kNoEntry;
    if (slot.hash != static_cast<uint32_t>(hash >> 32)) continue;
    const uint32_t entry = slot.entry - 1;
    if (entries_[entry].kind == static_cast<uint32_t>(kind) && this->key(entry) == key) return entry;
  }
}

uint32_t LookupTable::find_domain(std::string_view name) const {
  constexpr int kLabelsMax = 16;
  if (!has(KeyKind::kDomain)) return kNoEntry;
  const uint32_t exact = find(KeyKind::kDomain, name);
  if (exact != kNoEntry || !any_below_) return exact;
  for (int i = 0; i < kLabelsMax; ++i) {
    const size_t dot = name.find('.');
    if (dot == name.npos) break;
    name.remove_prefix(dot + 1);
    for (uint32_t entry = find(KeyKind::kDomain, name); entry != kNoEntry; entry = entries_[entry].next)
      if (entries_[entry].flags & kBelow) return entry;
  }
  return kNoEntry;
}

uint32_t LookupTable::find_ip(const IpAddress& ip) const {
  if (!has(KeyKind::kIp)) return kNoEntry;
  char bytes[16];
  const uint32_t exact = find(KeyKind::kIp, bytes_of(ip, bytes));
  if (exact != kNoEntry) return exact;
  if (ip.is_v4()) {
    const auto at = std::upper_bound(v4_.begin(), v4_.end(), ip.v4(), [](uint32_t a, const TableV4& row) { return a < row.start; });
    return at == v4_.begin() ? kNoEntry : at[-1].entry;
  }
  const auto at = std::upper_bound(v6_.begin(), v6_.end(), ip, [](const IpAddress& a, const TableV6& row) { return compare(a, row) < 0; });
  return at == v6_.begin() ? kNoEntry : at[-1].entry;
}

}  // namespace penstock::enrich
