// MaxMind DB files, version 2.0 of their specification: a binary tree from addresses to records of data. Read where they lie, written
// by nobody; every step is bounded and checked, for files come from outside.
//
//   | search tree: node_count × 2 records | 16 zeros | data | "\xab\xcd\xefMaxMind.com" | metadata |
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/ip_address.h"

namespace penstock::enrich {

enum class MmdbType : uint8_t {
  kExtended, kPointer, kString, kDouble, kBytes, kUint16, kUint32, kMap, kInt32, kUint64, kUint128, kArray, kCache, kEnd, kBool, kFloat
};

/// A value in the data section; pointers are followed.
struct MmdbValue {
  MmdbType type = MmdbType::kEnd;
  uint32_t size = 0;  ///< bytes; of a map its pairs, of an array its elements, of a bool its value
  size_t at = 0;      ///< of its bytes, or of its first member
};

/// A section of data: values that may point to each other.
class MmdbSection {
 public:
  MmdbSection() = default;
  MmdbSection(const uint8_t* bytes, size_t size) : bytes_(bytes), size_(size) {}

  /// The value at `at`, and where the next one begins. False: the bytes are damaged.
  bool read(size_t at, MmdbValue& value, size_t& next) const;
  /// Where the value behind that at `at` begins, its members passed. `steps` is what is left of the caller's patience.
  bool skip(size_t at, size_t& next, uint32_t& steps) const;
  /// A member of a map. False: there is none of the name, or the bytes are damaged.
  bool member(const MmdbValue& map, std::string_view name, MmdbValue& value, uint32_t& steps) const;

  std::string_view text(const MmdbValue& value) const;  ///< of kString and kBytes
  uint64_t number(const MmdbValue& value) const;        ///< of unsigned integers up to 64 bits
  double real(const MmdbValue& value) const;            ///< of kDouble and kFloat
  size_t size() const { return size_; }

 private:
  bool control(size_t at, MmdbValue& value, size_t& next, bool& pointer) const;
  const uint8_t* bytes_ = nullptr;
  size_t size_ = 0;
};

class Mmdb {
 public:
  static constexpr uint32_t kNone = 0xffffffff;
  /// Values that one record may have.
  static constexpr uint32_t kSteps = 4096;

  /// `bytes` must outlive this. False: no database that can be read; why is in `error`.
  bool open(const uint8_t* bytes, size_t size, std::string& error);
  /// Place of the address's record in `data`, or kNone; `damaged` when the tree leads nowhere.
  uint32_t find(const IpAddress& ip, bool& damaged) const;

  /// Remembers where each upper half of an IPv4 address leads: 256 KiB, and half of every way down.
  void index_v4();

  const MmdbSection& data() const { return data_; }
  std::string_view type() const { return type_; }  ///< database_type
  uint64_t build_epoch() const { return build_epoch_; }
  uint32_t node_count() const { return node_count_; }
  uint32_t ip_version() const { return ip_version_; }

 private:
  bool metadata(std::string& error);
  uint32_t record(uint32_t node, unsigned side) const;
  void walk(uint64_t bits, unsigned count, uint32_t& node) const;

  const uint8_t* tree_ = nullptr;
  MmdbSection data_, metadata_;
  std::string_view type_;
  uint64_t build_epoch_ = 0;
  uint32_t node_count_ = 0, record_bits_ = 0, ip_version_ = 0;
  std::vector<uint32_t> v4_halves_;  ///< empty: not remembered
  uint32_t v4_root_ = 0;  ///< where IPv4 begins in a tree of IPv6 (::/96)
};

}  // namespace penstock::enrich
