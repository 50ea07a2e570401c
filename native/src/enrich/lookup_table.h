// A list of keys (addresses, networks, domains, hashes, URLs, users, hosts) and what is told of each, as one block of bytes that all threads read.
// engine/enrich/table-writer.ts makes it, `index` fills in what only native code needs, once; then it is never written.
//
//   word 0 magic | 1 version | 2 pool offset (bytes) | 3 pool bytes | { offset (words), rows, words a row } × sections
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "enrich/ip_address.h"

namespace penstock::enrich {

inline constexpr uint32_t kNoEntry = 0xffffffff;

// SECTION(name in TypeScript, row)
#define PENSTOCK_TABLE_SECTIONS(SECTION) \
  SECTION(strings, TableString)          \
  SECTION(columns, TableColumn)          \
  SECTION(rows, TableRecord)             \
  SECTION(cells, TableCell)              \
  SECTION(entries, TableEntry)           \
  SECTION(v4, TableV4)                   \
  SECTION(v6, TableV6)                   \
  SECTION(slots, TableSlot)              \
  SECTION(bloom, TableBloom)

enum class KeyKind : uint32_t { kIp, kDomain, kHash, kUrl, kUser, kHost, kMac, kCount };
enum EntryFlags : uint32_t { kBelow = 1 };  ///< a domain: names below it, too

struct TableString { uint32_t offset, size; };
struct TableColumn { uint32_t name; };
struct TableRecord { uint32_t cell_first, cell_count; };
struct TableCell { uint32_t column, text; };
/// `next`: another entry of the same key, or kNoEntry.
struct TableEntry { uint32_t kind, flags, key_offset, key_size, row, next; };
/// From `start` to the next row's: the entry of the smallest network there, or kNoEntry. Sorted.
struct TableV4 { uint32_t start, entry; };
struct TableV6 { uint32_t start[4]; uint32_t entry; };  ///< most significant word first
struct TableSlot { uint32_t hash, entry; };             ///< a power of two; entry + 1, 0: free
struct TableBloom { uint32_t low, high; };              ///< a power of two

class LookupTable {
 public:
  /// Fills slots and Bloom filter of a table that is being made. False: damaged.
  static bool index(uint8_t* bytes, size_t size, std::string& error);
  /// Checks every row. `bytes` must outlive this.
  bool open(const uint8_t* bytes, size_t size, std::string& error);

  /// The entry of a key (in the form that keys have: lower case where that does not matter), or kNoEntry.
  uint32_t find(KeyKind kind, std::string_view key) const;
  /// A domain: itself, or the nearest above it that covers those below.
  uint32_t find_domain(std::string_view name) const;
  /// An address: itself, or the smallest network that has it.
  uint32_t find_ip(const IpAddress& ip) const;

#define SECTION(name, Row) \
  std::span<const Row> name() const { return name##_; }
  PENSTOCK_TABLE_SECTIONS(SECTION)
#undef SECTION
  std::string_view text(uint32_t string) const { return {pool_ + strings_[string].offset, strings_[string].size}; }
  std::string_view key(uint32_t entry) const { return {pool_ + entries_[entry].key_offset, entries_[entry].key_size}; }
  /// Whether some address or network may be one that is not public.
  bool has_private() const { return has_private_; }
  bool has(KeyKind kind) const { return kinds_ >> static_cast<uint32_t>(kind) & 1; }

 private:
  bool sections(const uint8_t* bytes, size_t size, std::string& error);
  bool check(std::string& error);

  const char* pool_ = nullptr;
  size_t pool_bytes_ = 0;
  uint32_t kinds_ = 0;
  bool any_below_ = false;
  bool has_private_ = false;
#define SECTION(name, Row) std::span<const Row> name##_;
  PENSTOCK_TABLE_SECTIONS(SECTION)
#undef SECTION
};

}  // namespace penstock::enrich
