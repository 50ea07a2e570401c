#include "io/source_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <netinet/in.h>
#include <sys/random.h>

#include "kernels/common.h"

namespace penstock {
namespace {

constexpr size_t kWays = 8;
constexpr int64_t kSecond = 1'000'000'000;

uint64_t random_seed() {
  uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, 0) != sizeof seed) seed = reinterpret_cast<uintptr_t>(&seed);
  return seed;
}

/// The address as two words; the listener and the kind of address are in the second.
void key_of(uint16_t listener, const sockaddr_storage& peer, uint64_t& high, uint64_t& low) {
  high = 0;
  low = uint64_t{listener} << 48 | uint64_t{1} << 40;
  uint32_t four = 0;
  if (peer.ss_family == AF_INET) {
    four = reinterpret_cast<const sockaddr_in&>(peer).sin_addr.s_addr;
  } else {
    const auto& six = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
    if (!IN6_IS_ADDR_V4MAPPED(&six)) {
      std::memcpy(&high, six.s6_addr, sizeof high);
      low |= uint64_t{1} << 41;
      return;
    }
    std::memcpy(&four, six.s6_addr + 12, sizeof four);
  }
  low |= four;
}

struct Bucket {
  int64_t left = 0;
  int64_t filled_ns = 0;

  void fill(const RateLimit& limit, int64_t now_ns) {
    const int64_t elapsed = std::clamp<int64_t>(now_ns - filled_ns, 0, 3600 * kSecond);
    // Whole units only; what time they do not account for stays for the next fill.
    const auto gained = static_cast<int64_t>(static_cast<__int128>(elapsed) * limit.per_second / kSecond);
    if (gained == 0) return;
    left += gained;
    filled_ns += static_cast<int64_t>(static_cast<__int128>(gained) * kSecond / limit.per_second);
    if (left < limit.burst && elapsed < 3600 * kSecond) return;
    left = std::min(left, limit.burst);
    filled_ns = now_ns;
  }
};

}  // namespace

struct SourceEntry {
  uint64_t high = 0, low = 0;  ///< low == 0: free
  uint32_t connections = 0;
  bool fresh = true;           ///< its buckets begin full
  int64_t heard_ns = 0;
  Bucket units, bytes;
};

struct SourceTable::Set {
  std::mutex mutex;
  SourceEntry ways[kWays];
};

namespace {

void begin(SourceEntry& source, const RateLimit& units, const RateLimit& bytes, int64_t now_ns) {
  if (!source.fresh) return;
  source.fresh = false;
  source.units = {units.burst, now_ns};
  source.bytes = {bytes.burst, now_ns};
}

}  // namespace

SourceTable::SourceTable(size_t sources)
    : mask_(std::bit_ceil(std::max<size_t>(1, (sources + kWays - 1) / kWays)) - 1), seed_(random_seed()),
      sets_(std::make_unique<Set[]>(mask_ + 1)) {}

SourceTable::~SourceTable() = default;

SourceTable::Set& SourceTable::set_of(uint64_t high, uint64_t low) {
  return sets_[mix64(mix64(high ^ seed_) + low) & mask_];
}

SourceTable::Found SourceTable::find(Set& set, uint64_t high, uint64_t low, int64_t now_ns) {
  SourceEntry* place = nullptr;
  for (SourceEntry& source : set.ways) {
    if (source.low == low && source.high == high) {
      source.heard_ns = now_ns;
      return {&source, false};
    }
    if (source.connections != 0) continue;
    if (!place || source.low == 0 || (place->low != 0 && source.heard_ns < place->heard_ns)) place = &source;
  }
  if (!place) return {nullptr, false};
  const bool forgot = place->low != 0;
  *place = SourceEntry{.high = high, .low = low, .heard_ns = now_ns, .units = {}, .bytes = {}};
  return {place, forgot};
}

SourceTable::Connected SourceTable::connect(uint16_t listener, const sockaddr_storage& peer, uint32_t most,
                                            int64_t now_ns) {
  uint64_t high, low;
  key_of(listener, peer, high, low);
  return connect(high, low, most, now_ns);
}

SourceTable::Connected SourceTable::connect(uint16_t listener, const uint64_t key[2], uint32_t most, int64_t now_ns) {
  // 40 bits of the second word and, where addresses have another, the mark of a key.
  const uint64_t low = uint64_t{listener} << 48 | uint64_t{1} << 42 | (key[1] & ((uint64_t{1} << 40) - 1));
  return connect(key[0], low, most, now_ns);
}

SourceTable::Connected SourceTable::connect(uint64_t high, uint64_t low, uint32_t most, int64_t now_ns) {
  Set& set = set_of(high, low);
  std::lock_guard lock(set.mutex);
  const auto [source, forgot] = find(set, high, low, now_ns);
  if (!source) return {Answer::kFull};
  if (most != 0 && source->connections >= most) return {Answer::kTooMany};
  source->connections++;
  return {Answer::kTaken, source, forgot};
}

void SourceTable::disconnect(SourceEntry* source) {
  std::lock_guard lock(set_of(source->high, source->low).mutex);
  source->connections--;
}

int64_t SourceTable::wait(SourceEntry* source, const RateLimit& limit, int64_t now_ns) {
  std::lock_guard lock(set_of(source->high, source->low).mutex);
  begin(*source, {}, limit, now_ns);
  Bucket& bucket = source->bytes;
  bucket.fill(limit, now_ns);
  source->heard_ns = now_ns;
  if (bucket.left > 0) return 0;
  const __int128 missing = 1 - static_cast<__int128>(bucket.left);
  return std::max<int64_t>(1, static_cast<int64_t>(missing * kSecond / limit.per_second));
}

void SourceTable::charge(SourceEntry* source, int64_t amount) {
  std::lock_guard lock(set_of(source->high, source->low).mutex);
  source->bytes.left -= amount;
}

SourceTable::Datagrams SourceTable::take_datagrams(uint16_t listener, const sockaddr_storage& peer, int64_t count,
                                                   int64_t bytes, const RateLimit& datagrams, const RateLimit& volume,
                                                   int64_t now_ns) {
  uint64_t high, low;
  key_of(listener, peer, high, low);
  Set& set = set_of(high, low);
  std::lock_guard lock(set.mutex);
  const auto [source, forgot] = find(set, high, low, now_ns);
  if (!source) return {false};
  begin(*source, datagrams, volume, now_ns);
  if (datagrams.per_second != 0) source->units.fill(datagrams, now_ns);
  if (volume.per_second != 0) source->bytes.fill(volume, now_ns);
  const bool allowed = (datagrams.per_second == 0 || source->units.left > 0) &&
                       (volume.per_second == 0 || source->bytes.left > 0);
  // What passes while there is no limit is no debt for the day when there is one.
  if (allowed && datagrams.per_second != 0) source->units.left -= count;
  if (allowed && volume.per_second != 0) source->bytes.left -= bytes;
  return {allowed, forgot};
}

}  // namespace penstock
