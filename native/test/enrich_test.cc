// Hashes against their standards' examples, addresses against the C library, Community IDs, networks.
#include <arpa/inet.h>

#include <cstring>
#include <string>

#include "check.h"
#include "enrich/flow.h"
#include "enrich/networks.h"
#include "enrich/sha.h"

using namespace penstock::enrich;

namespace {

template <typename Digest>
std::string hex(const Digest& digest) {
  std::string out;
  for (const uint8_t byte : digest) out += "0123456789abcdef"[byte >> 4], out += "0123456789abcdef"[byte & 15];
  return out;
}

void hashes() {
  CHECK_EQ(hex(sha1("")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  CHECK_EQ(hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK_EQ(hex(sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  CHECK_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK_EQ(hex(sha256(std::string(1'000'000, 'a'))), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  // RFC 4231, cases 1, 2 and 6.
  CHECK_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK_EQ(hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
           "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

void addresses() {
  const char* const texts[] = {"0.0.0.0", "255.255.255.255", "256.0.0.1", "1.2.3", "1.2.3.4.", "01.2.3.4", "1.2.3.4 ", "::", "::1", "::ffff:1.2.3.4",
                               "2001:db8::1", "2001:db8:::1", "1:2:3:4:5:6:7:8", "fe80::1%e", "g::1", "[::1]", "", "1"};
  for (const std::string text : texts) {
    uint8_t v4[4], v6[16];
    const bool valid = inet_pton(AF_INET, text.c_str(), v4) == 1 || inet_pton(AF_INET6, text.c_str(), v6) == 1;
    IpAddress ip;
    CHECK_EQ(text + (parse_ip(text, ip) ? " is" : " is not"), text + (valid ? " is" : " is not"));
  }
  IpAddress mapped, plain;
  CHECK(parse_ip("::ffff:192.0.2.1", mapped) && parse_ip("192.0.2.1", plain) && mapped == plain && plain.is_v4());
}

void networks() {
  Networks internal;
  for (const char* text : {"10.0.0.0/8", "192.0.2.7", "fc00::/7", "2001:db8::/33", "0.0.0.0/32"}) CHECK(internal.add(text));
  for (const char* text : {"10.0.0.0/33", "10.0.0/8", "x", "10.0.0.0/", "::/129", "10.0.0.0/-1", "10.0.0.0/8x"}) CHECK(!internal.add(text));
  const auto has = [&](const char* text) {
    IpAddress ip;
    CHECK(parse_ip(text, ip));
    return internal.has(ip);
  };
  for (const char* in : {"10.0.0.0", "10.255.255.255", "192.0.2.7", "fd00::1", "2001:db8:7fff::", "0.0.0.0"}) CHECK(has(in));
  for (const char* out : {"11.0.0.0", "9.255.255.255", "192.0.2.8", "fe00::", "2001:db8:8000::", "::a00:1"}) CHECK(!has(out));
}

std::string id(const char* source, const char* destination, int protocol, int source_port, int destination_port) {
  Flow flow;
  CHECK(parse_ip(source, flow.source) && parse_ip(destination, flow.destination));
  flow.protocol = static_cast<uint8_t>(protocol);
  flow.has_ports = source_port >= 0;
  flow.source_port = static_cast<uint16_t>(source_port);
  flow.destination_port = static_cast<uint16_t>(destination_port);
  char text[kCommunityIdBytes];
  CHECK(community_id(flow, text));
  return {text, sizeof text};
}

void community_ids() {
  CHECK_EQ(id("128.232.110.120", "66.35.250.204", 6, 34855, 80), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
  CHECK_EQ(id("66.35.250.204", "128.232.110.120", 6, 80, 34855), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
  CHECK_EQ(id("fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 58, 135, 0), "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=");
  Flow mixed;
  char text[kCommunityIdBytes];
  CHECK(parse_ip("192.0.2.1", mixed.source) && parse_ip("2001:db8::1", mixed.destination) && !community_id(mixed, text));
}

void protocols() {
  CHECK_EQ(protocol_number("TCP"), 6);
  CHECK_EQ(protocol_number("carrier-pigeon"), -1);
  CHECK_EQ(protocol_of_text("17"), 17);
  CHECK_EQ(protocol_of_text("256"), -1);
  CHECK_EQ(protocol_name(58), "ipv6-icmp");
}

}  // namespace

int main() {
  hashes();
  addresses();
  networks();
  community_ids();
  protocols();
  return check::done();
}
