#include "enrich/networks.h"

#include <charconv>

namespace penstock::enrich {
namespace {

uint64_t upper_bits(unsigned count) { return count == 0 ? 0 : ~uint64_t{0} << (64 - count); }

}  // namespace

bool Networks::add(std::string_view text) {
  const size_t slash = text.find('/');
  Network network;
  if (!parse_ip(text.substr(0, slash), network.address)) return false;
  unsigned bits = 128;
  if (slash != text.npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    const unsigned most = network.address.is_v4() && text.find(':') == text.npos ? 32 : 128;
    if (error != std::errc() || end != digits.data() + digits.size() || bits > most) return false;
    bits += 128 - most;
  }
  network.mask = {upper_bits(bits < 64 ? bits : 64), bits <= 64 ? 0 : upper_bits(bits - 64)};
  network.address.high &= network.mask.high;
  network.address.low &= network.mask.low;
  networks_.push_back(network);
  const IpAddress v4 = IpAddress::of_v4(0), mask = network.mask;
  if ((v4.high & mask.high) == network.address.high && (v4.low & mask.low & ~uint64_t{UINT32_MAX}) == (network.address.low & ~uint64_t{UINT32_MAX}))
    v4_.push_back({network.address.v4(), static_cast<uint32_t>(mask.low)});
  return true;
}

bool Networks::has(const IpAddress& ip) const {
  if (ip.is_v4()) {
    const uint32_t address = ip.v4();
    for (const NetworkV4& n : v4_)
      if ((address & n.mask) == n.address) return true;
    return false;
  }
  for (const Network& n : networks_)
    if ((ip.high & n.mask.high) == n.address.high && (ip.low & n.mask.low) == n.address.low) return true;
  return false;
}

}  // namespace penstock::enrich
