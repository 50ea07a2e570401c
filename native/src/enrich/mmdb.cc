#include "enrich/mmdb.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace penstock::enrich {
namespace {

constexpr std::string_view kMarker = "\xab\xcd\xefMaxMind.com";
constexpr size_t kMetadataMax = 128 << 10;
constexpr size_t kSeparatorBytes = 16;

uint64_t big_endian(const uint8_t* bytes, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | bytes[i];
  return value;
}

/// Bytes that a number of this type has at most; 0: any.
size_t size_max(MmdbType type) {
  switch (type) {
    case MmdbType::kUint16: return 2;
    case MmdbType::kUint32:
    case MmdbType::kInt32: return 4;
    case MmdbType::kUint64: return 8;
    case MmdbType::kUint128: return 16;
    default: return 0;
  }
}

}  // namespace

/// One control byte and what belongs to it; a pointer is answered as such, its target in `value.at`.
bool MmdbSection::control(size_t at, MmdbValue& value, size_t& next, bool& pointer) const {
  if (at >= size_) return false;
  const uint8_t first = bytes_[at++];
  uint32_t type = first >> 5;
  pointer = type == static_cast<uint32_t>(MmdbType::kPointer);
  if (pointer) {
    const size_t extra = (first >> 3 & 3) + 1u;
    if (extra > size_ - at) return false;
    const uint64_t low = big_endian(bytes_ + at, extra);
    const uint64_t high = first & 7;
    constexpr uint64_t kBase[] = {0, 2048, 526336, 0};
    value.at = static_cast<size_t>(extra == 4 ? low : (high << 8 * extra | low) + kBase[extra - 1]);
    next = at + extra;
    return value.at < size_;
  }
  if (type == static_cast<uint32_t>(MmdbType::kExtended)) {
    if (at >= size_) return false;
    type = bytes_[at++] + 7u;
    if (type <= static_cast<uint32_t>(MmdbType::kMap) || type > static_cast<uint32_t>(MmdbType::kFloat)) return false;
  }
  uint32_t size = first & 31;
  if (size >= 29) {
    const size_t extra = size - 28;
    if (extra > size_ - at) return false;
    constexpr uint32_t kBase[] = {29, 285, 65821};
    size = static_cast<uint32_t>(big_endian(bytes_ + at, extra)) + kBase[extra - 1];
    at += extra;
  }
  value = {static_cast<MmdbType>(type), size, at};
  next = at;
  switch (value.type) {
    case MmdbType::kMap:
      // Every member takes a byte at least: what says otherwise would only cost time.
      return size <= (size_ - at) / 2;
    case MmdbType::kArray: return size <= size_ - at;
    case MmdbType::kBool: return size <= 1;
    case MmdbType::kDouble: if (size != 8) return false; break;
    case MmdbType::kFloat: if (size != 4) return false; break;
    case MmdbType::kCache:
    case MmdbType::kEnd: return false;
    default:
      if (const size_t most = size_max(value.type); most != 0 && size > most) return false;
  }
  if (size > size_ - at) return false;
  next = at + size;
  return true;
}

bool MmdbSection::read(size_t at, MmdbValue& value, size_t& next) const {
  bool pointer;
  if (!control(at, value, next, pointer)) return false;
  if (!pointer) return true;
  size_t unused;
  // Pointers lead to values, never to pointers.
  return control(value.at, value, unused, pointer) && !pointer;
}

bool MmdbSection::skip(size_t at, size_t& next, uint32_t& steps) const {
  for (uint64_t left = 1; left > 0; --left) {
    if (steps == 0) return false;
    --steps;
    MmdbValue value;
    bool pointer;
    if (!control(at, value, at, pointer)) return false;
    if (pointer) continue;
    if (value.type == MmdbType::kMap) left += uint64_t{2} * value.size;
    else if (value.type == MmdbType::kArray) left += value.size;
  }
  next = at;
  return true;
}

bool MmdbSection::member(const MmdbValue& map, std::string_view name, MmdbValue& value, uint32_t& steps) const {
  if (map.type != MmdbType::kMap) return false;
  size_t at = map.at;
  for (uint32_t i = 0; i < map.size; ++i) {
    MmdbValue key;
    if (steps == 0 || !read(at, key, at) || key.type != MmdbType::kString) return false;
    --steps;
    size_t unused;
    if (text(key) == name) return read(at, value, unused);
    if (!skip(at, at, steps)) return false;
  }
  return false;
}

std::string_view MmdbSection::text(const MmdbValue& value) const {
  return {reinterpret_cast<const char*>(bytes_) + value.at, value.size};
}

uint64_t MmdbSection::number(const MmdbValue& value) const {
  if (value.type == MmdbType::kBool) return value.size;
  return value.size > 8 ? 0 : big_endian(bytes_ + value.at, value.size);
}

double MmdbSection::real(const MmdbValue& value) const {
  const uint64_t bits = big_endian(bytes_ + value.at, value.size);
  return value.type == MmdbType::kFloat ? static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits))) : std::bit_cast<double>(bits);
}

bool Mmdb::open(const uint8_t* bytes, size_t size, std::string& error) {
  const std::string_view all(reinterpret_cast<const char*>(bytes), size);
  const size_t from = size > kMetadataMax ? size - kMetadataMax : 0;
  const size_t marker = all.substr(from).rfind(kMarker);
  if (marker == all.npos) return error = "no MaxMind DB: it has no metadata", false;
  const size_t metadata_at = from + marker + kMarker.size();
  metadata_ = {bytes + metadata_at, size - metadata_at};
  if (!metadata(error)) return false;
  const uint64_t tree_bytes = uint64_t{node_count_} * record_bits_ / 4;
  const size_t end = from + marker;
  if (tree_bytes + kSeparatorBytes > end) return error = "damaged: its tree is larger than the file", false;
  tree_ = bytes;
  data_ = {bytes + tree_bytes + kSeparatorBytes, end - static_cast<size_t>(tree_bytes) - kSeparatorBytes};
  v4_root_ = 0;
  if (ip_version_ == 6) {
    walk(0, 64, v4_root_);
    walk(0, 32, v4_root_);
  }
  return true;
}

bool Mmdb::metadata(std::string& error) {
  MmdbValue map, value;
  size_t next;
  error = "damaged: its metadata cannot be read";
  if (!metadata_.read(0, map, next) || map.type != MmdbType::kMap) return false;
  const auto number = [&](std::string_view name, uint64_t& out) {
    uint32_t steps = kSteps;
    if (!metadata_.member(map, name, value, steps)) return false;
    const bool fits = value.type == MmdbType::kUint16 || value.type == MmdbType::kUint32 || value.type == MmdbType::kUint64;
    if (fits) out = metadata_.number(value);
    return fits;
  };
  uint64_t nodes, bits, version, major;
  if (!number("binary_format_major_version", major) || !number("node_count", nodes) || !number("record_size", bits) ||
      !number("ip_version", version))
    return false;
  if (major != 2) return error = "a MaxMind DB of another major version than 2", false;
  if ((bits != 24 && bits != 28 && bits != 32) || (version != 4 && version != 6) || nodes == 0 || nodes > 0xfffffff0) return false;
  node_count_ = static_cast<uint32_t>(nodes);
  record_bits_ = static_cast<uint32_t>(bits);
  ip_version_ = static_cast<uint32_t>(version);
  number("build_epoch", build_epoch_);
  uint32_t steps = kSteps;
  if (metadata_.member(map, "database_type", value, steps) && value.type == MmdbType::kString) type_ = metadata_.text(value);
  error.clear();
  return true;
}

uint32_t Mmdb::record(uint32_t node, unsigned side) const {
  if (record_bits_ == 24) {
    const uint8_t* p = tree_ + size_t{node} * 6 + size_t{side} * 3;
    return uint32_t{p[0]} << 16 | uint32_t{p[1]} << 8 | p[2];
  }
  if (record_bits_ == 28) {
    const uint8_t* p = tree_ + size_t{node} * 7;
    const uint32_t high = side == 0 ? p[3] >> 4 : p[3] & 15;
    if (side == 1) p += 4;
    return high << 24 | uint32_t{p[0]} << 16 | uint32_t{p[1]} << 8 | p[2];
  }
  uint32_t value;
  std::memcpy(&value, tree_ + size_t{node} * 8 + size_t{side} * 4, 4);
  return __builtin_bswap32(value);
}

/// Down by the upper `count` bits, as far as there are nodes.
void Mmdb::walk(uint64_t bits, unsigned count, uint32_t& node) const {
  for (unsigned i = 0; i < count && node < node_count_; ++i, bits <<= 1) node = record(node, static_cast<unsigned>(bits >> 63));
}

void Mmdb::index_v4() {
  v4_halves_.assign(1 << 16, v4_root_);
  for (uint64_t half = 0; half < v4_halves_.size(); ++half) walk(half << 48, 16, v4_halves_[half]);
}

uint32_t Mmdb::find(const IpAddress& ip, bool& damaged) const {
  uint32_t node = 0;
  if (ip.is_v4()) {
    node = v4_halves_.empty() ? v4_root_ : v4_halves_[ip.v4() >> 16];
    if (v4_halves_.empty()) walk(uint64_t{ip.v4()} << 32, 32, node);
    else walk(uint64_t{ip.v4()} << 48, 16, node);
  } else {
    if (ip_version_ == 4) return kNone;
    walk(ip.high, 64, node);
    walk(ip.low, 64, node);
  }
  if (node == node_count_) return kNone;
  // Deeper than an address has bits, or in the separator, or behind the data.
  if (node < node_count_ || node - node_count_ < kSeparatorBytes || node - node_count_ - kSeparatorBytes >= data_.size()) {
    damaged = true;
    return kNone;
  }
  return node - node_count_ - kSeparatorBytes;
}

}  // namespace penstock::enrich
