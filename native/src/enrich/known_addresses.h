// What is known of the addresses that came last: a table of fixed size, overwritten. Beside each stands what databases say of it as it is
// encoded, so that an event of a known sender copies a block instead of fields.
#pragma once

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <memory>

#include "enrich/enrichment.h"
#include "kernels/common.h"

namespace penstock::enrich {

struct alignas(64) KnownAddress {
  /// Bytes; what is more is added field by field. Most records' fields take 160 to 210.
  static constexpr size_t kEncodedMax = 252;

  IpAddress ip;
  bool used = false, is_public = false;
  uint8_t last = 0;          ///< of the first of a pair: which of the two was asked for last
  bool encoded = false;      ///< `block` is valid, for `encoded_side`
  bool too_large = false;    ///< for a block: it is not tried again
  uint8_t encoded_side = 0;
  uint8_t encoded_size = 0;
  uint32_t records[kDatabasesMax];
  uint32_t indicator, asset;
  alignas(64) uint8_t block[kEncodedMax + 4];  ///< a tag is written as four bytes, whatever follows it
};
static_assert(sizeof(KnownAddress) == 64 + 256 && KnownAddress::kEncodedMax < 256);

class KnownAddresses {
 public:
  static constexpr size_t kAddresses = 1 << 15;

  /// 10 MiB, of which only what addresses have needed is memory. In large pages where the system has some: addresses come in no order, and
  /// looking up a page costs as much as the line itself.
  KnownAddresses() : places_(static_cast<KnownAddress*>(mmap(nullptr, kBytes + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
    if (places_ == MAP_FAILED) std::abort();
    mapped_ = places_;
    places_ = reinterpret_cast<KnownAddress*>((reinterpret_cast<uintptr_t>(mapped_) + kHugePage - 1) & ~(kHugePage - 1));
    madvise(places_, kBytes, MADV_HUGEPAGE);
  }
  ~KnownAddresses() { munmap(mapped_, kBytes + kHugePage); }
  KnownAddresses(const KnownAddresses&) = delete;
  KnownAddresses& operator=(const KnownAddresses&) = delete;

  /// The first of the two places that an address may have.
  static size_t pair_of(const IpAddress& ip) { return (mix64(ip.low ^ ip.high * 0x9e3779b97f4a7c15ULL) & (kAddresses / 2 - 1)) * 2; }
  void prefetch(size_t pair) const {
    __builtin_prefetch(&places_[pair]);
    __builtin_prefetch(&places_[pair + 1]);
  }
  /// Where the address is, or may be put: in place of what was asked for longer ago. Whether it is there, `used` and `ip` say.
  KnownAddress& find(const IpAddress& ip) {
    KnownAddress* const pair = &places_[pair_of(ip)];
    const auto has = [&ip](const KnownAddress& known) { return known.used && known.ip == ip; };
    const unsigned which = has(pair[0]) ? 0 : has(pair[1]) ? 1 : pair[0].last ^ 1u;
    if (pair[0].last != which) pair[0].last = static_cast<uint8_t>(which);
    return pair[which];
  }

 private:
  static constexpr size_t kHugePage = 2 << 20;
  static constexpr size_t kBytes = kAddresses * sizeof(KnownAddress);
  KnownAddress* places_;
  void* mapped_ = nullptr;
};

}  // namespace penstock::enrich
