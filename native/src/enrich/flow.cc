#include "enrich/flow.h"

#include <strings.h>

#include <charconv>
#include <cstring>
#include <utility>

#include "enrich/sha.h"

namespace penstock::enrich {
namespace {

constexpr uint8_t kIcmp = 1, kTcp = 6, kUdp = 17, kIcmp6 = 58, kSctp = 132;

struct Protocol {
  std::string_view name, text;
  uint8_t number;
};
constexpr Protocol kProtocols[] = {{"tcp", "6", kTcp}, {"udp", "17", kUdp}, {"icmp", "1", kIcmp}, {"ipv6-icmp", "58", kIcmp6},
                                   {"igmp", "2", 2}, {"gre", "47", 47}, {"esp", "50", 50}, {"ah", "51", 51}, {"ospf", "89", 89},
                                   {"pim", "103", 103}, {"vrrp", "112", 112}, {"sctp", "132", kSctp}, {"icmpv6", "58", kIcmp6},
                                   {"icmp6", "58", kIcmp6}};

/// The type that answers a type; −1: none does.
int answer(bool v6, int type) {
  constexpr uint8_t kV4[][2] = {{0, 8}, {13, 14}, {15, 16}, {10, 9}, {17, 18}};
  constexpr uint8_t kV6[][2] = {{128, 129}, {133, 134}, {135, 136}, {130, 131}, {139, 140}, {144, 145}};
  const auto look = [type](const auto& pairs) {
    for (const auto& pair : pairs) {
      if (pair[0] == type) return int{pair[1]};
      if (pair[1] == type) return int{pair[0]};
    }
    return -1;
  };
  return v6 ? look(kV6) : look(kV4);
}

/// Network byte order; answers how many bytes.
size_t put_address(const IpAddress& ip, char* out) {
  if (ip.is_v4()) {
    const uint32_t big = __builtin_bswap32(ip.v4());
    return std::memcpy(out, &big, 4), 4;
  }
  const uint64_t words[2] = {__builtin_bswap64(ip.high), __builtin_bswap64(ip.low)};
  return std::memcpy(out, words, 16), 16;
}

void base64(const uint8_t* bytes, size_t size, char* out) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < size; i += 3) {
    const uint32_t group = uint32_t{bytes[i]} << 16 | (i + 1 < size ? uint32_t{bytes[i + 1]} << 8 : 0) | (i + 2 < size ? bytes[i + 2] : 0);
    for (int shift = 18; shift >= 0; shift -= 6) *out++ = kDigits[group >> shift & 63];
  }
  if (size % 3 != 0) out[-1] = '=';
  if (size % 3 == 1) out[-2] = '=';
}

}  // namespace

int protocol_number(std::string_view name) {
  for (const Protocol& p : kProtocols)
    if (p.name.size() == name.size() && strncasecmp(p.name.data(), name.data(), name.size()) == 0) return p.number;
  return -1;
}

int protocol_of_text(std::string_view text) {
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 0 && number <= 255 ? number : -1;
}

std::string_view protocol_name(int number) {
  for (const Protocol& p : kProtocols) if (p.number == number) return p.name;
  return {};
}

std::string_view protocol_text(int number) {
  for (const Protocol& p : kProtocols) if (p.number == number) return p.text;
  return {};
}

bool community_id(const Flow& flow, char* out) {
  if (flow.source.is_v4() != flow.destination.is_v4()) return false;
  IpAddress a = flow.source, b = flow.destination;
  uint16_t a_port = flow.source_port, b_port = flow.destination_port;
  bool both_ways = true;
  if (flow.has_ports && (flow.protocol == kIcmp || flow.protocol == kIcmp6)) {
    const int other = answer(flow.protocol == kIcmp6, a_port);
    both_ways = other >= 0;
    if (both_ways) b_port = static_cast<uint16_t>(other);
  }
  const auto before = [](const IpAddress& x, const IpAddress& y) { return x.high != y.high ? x.high < y.high : x.low < y.low; };
  if (both_ways && (before(b, a) || (a == b && b_port < a_port))) std::swap(a, b), std::swap(a_port, b_port);
  char text[2 + 16 + 16 + 2 + 4] = {};  // seed 0
  size_t size = 2;
  size += put_address(a, text + size);
  size += put_address(b, text + size);
  text[size++] = static_cast<char>(flow.protocol);
  text[size++] = 0;
  if (flow.has_ports)
    for (const uint16_t port : {a_port, b_port}) text[size++] = static_cast<char>(port >> 8), text[size++] = static_cast<char>(port);
  const Sha1 digest = sha1({text, size});
  out[0] = '1', out[1] = ':';
  base64(digest.data(), digest.size(), out + 2);
  return true;
}

}  // namespace penstock::enrich
