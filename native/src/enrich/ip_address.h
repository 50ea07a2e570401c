// IP addresses as numbers, for tables and trees.
#pragma once

#include <cstdint>
#include <string_view>

namespace penstock::enrich {

/// 128 bits; IPv4 is ::ffff:a.b.c.d, also when it came in that form.
struct IpAddress {
  uint64_t high = 0, low = 0;

  static IpAddress of_v4(uint32_t address) { return {0, uint64_t{0xffff} << 32 | address}; }
  bool is_v4() const { return high == 0 && low >> 32 == 0xffff; }
  uint32_t v4() const { return static_cast<uint32_t>(low); }
  bool operator==(const IpAddress&) const = default;
};

/// "192.0.2.1" or "2001:db8::1"; no zone, no port, no prefix length. False for anything else.
bool parse_ip(std::string_view text, IpAddress& out);

/// Whether the address is one of the Internet's: what registries know something of. Not private, shared (RFC 6598), loopback,
/// link-local, multicast or reserved; of IPv6 only global unicast (2000::/3).
bool is_public(const IpAddress& ip);

}  // namespace penstock::enrich
