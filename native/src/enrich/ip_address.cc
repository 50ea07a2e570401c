#include "enrich/ip_address.h"

#include <arpa/inet.h>

#include <cstring>

#include "kernels/ipv4.h"

namespace penstock::enrich {
namespace {

uint64_t big_endian(const uint8_t* bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, 8);
  return __builtin_bswap64(value);
}

}  // namespace

bool parse_ip(std::string_view text, IpAddress& out) {
  constexpr size_t kTextMax = 45;
  if (text.size() < 2 || text.size() > kTextMax) return false;
  uint32_t v4;
  if (read_ipv4(text, v4)) return out = IpAddress::of_v4(v4), true;
  if (text.find(':') == text.npos) return false;
  char copy[kTextMax + 1];
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = 0;
  uint8_t bytes[16];
  if (std::memchr(copy, 0, text.size()) || inet_pton(AF_INET6, copy, bytes) != 1) return false;
  out = {big_endian(bytes), big_endian(bytes + 8)};
  return true;
}

bool is_public(const IpAddress& ip) {
  if (!ip.is_v4()) return ip.high >> 61 == 1;
  const uint32_t a = ip.v4();
  const uint32_t first = a >> 24;
  if (first == 0 || first == 10 || first == 127 || first >= 224) return false;
  return a >> 20 != 0xac1 && a >> 16 != 0xc0a8 && a >> 16 != 0xa9fe && a >> 22 != (100u << 2 | 1);
}

}  // namespace penstock::enrich
