// What counts as an IP address and as epoch time, against the C library and by hand.
#include "kernels/json_fit.h"

#include <arpa/inet.h>

#include <string>

#include "check.h"
#include "kernels/ipv4.h"
#include "kernels/json_date.h"

using namespace penstock;

namespace {

bool by_c_library(const std::string& text) {
  uint8_t address[16];
  return inet_pton(AF_INET, text.c_str(), address) == 1 || inet_pton(AF_INET6, text.c_str(), address) == 1;
}

void addresses() {
  const char* const texts[] = {
      "0.0.0.0", "255.255.255.255", "256.0.0.1", "1.2.3", "1.2.3.4.", ".1.2.3.4", "1..2.3", "01.2.3.4", "1.2.3.04",
      "1.2.3.4.5", "1.2.3.4 ", " 1.2.3.4", "", "1", "1.2.3.4a", "1.2.3.1000", "::", "::1", "::ffff:1.2.3.4",
      "2001:db8::1", "2001:db8:::1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "fe80::1%e", "g::1", "[::1]", "::1/64",
      "1:2:3:4:5:6:7:8888888", "0:0:0:0:0:ffff:255.255.255.255",
  };
  for (const char* text : texts) {
    CHECK_EQ(std::string(text) + (is_ip_address(text) ? " is" : " is not"),
             std::string(text) + (by_c_library(text) ? " is" : " is not"));
  }
  // Every way to put octets of these lengths and values together, and what is nearly that.
  const char* const octets[] = {"0", "9", "10", "00", "05", "99", "100", "255", "256", "300", "999", "1000", "", "a", "/", ":"};
  for (const char* a : octets)
    for (const char* b : octets)
      for (const char* c : octets)
        for (const char* d : octets) {
          const std::string text = std::string(a) + '.' + b + '.' + c + '.' + d;
          CHECK_EQ(text + (is_ip_address(text) ? " is" : " is not"), text + (by_c_library(text) ? " is" : " is not"));
        }
  for (uint32_t value = 0; value < 256; ++value) {
    const uint32_t addresses[] = {value << 24 | 0x7b0cff, value << 16 | 0x0900ff63, value << 8 | 0xc8000001, value | 0x0a640100};
    for (const uint32_t address : addresses) {
      const auto octet = [address](unsigned i) { return std::to_string(address >> (8 * i) & 255); };
      const std::string text = octet(3) + '.' + octet(2) + '.' + octet(1) + '.' + octet(0);
      uint32_t read = 0;
      CHECK(read_ipv4(text, read));
      CHECK_EQ(text + ' ' + std::to_string(read), text + ' ' + std::to_string(address));
    }
  }
  CHECK(!is_ip_address(std::string_view("1.2.3.4\0", 8)));
  CHECK(!is_ip_address(std::string(1000, '1')));
}

void epochs() {
  const struct {
    const char* text;
    int64_t ns;
  } cases[] = {
      {"0", 0},
      {"1", 1'000'000'000},
      {"-1.5", -1'500'000'000},
      {"99999999999", -1},  // a second count beyond int64 nanoseconds
      {"9223372036", 9'223'372'036'000'000'000},
      {"9223372037", -1},
      {"100000000000", 100'000'000'000'000'000},
      {"1689744780123.25", 1'689'744'780'123'250'000},
      {"1689744780123456.789", 1'689'744'780'123'456'789},
      {"1689744780123456789.9", 1'689'744'780'123'456'789},
      {"9223372036854775807", INT64_MAX},
      {"9223372036854775808", -1},
      {"1.0000000019", 1'000'000'001},
      {"01", -1}, {"1.", -1}, {".5", -1}, {"", -1}, {"-", -1}, {"1e9", -1}, {"1a", -1}, {"1.5x", -1}, {"+1", -1},
  };
  for (const auto& c : cases) {
    int64_t ns = -1;
    const bool valid = epoch_ns(c.text, ns);
    const std::string shown = std::string(c.text) + " is ";
    CHECK_EQ(shown + std::to_string(valid ? ns : -1), shown + std::to_string(c.ns));
  }
  // Digits of every number, and any other byte among them.
  const std::string digits = "9123456780123456789";
  for (size_t size = 1; size <= digits.size(); ++size) {
    const std::string text = digits.substr(0, size);
    const int64_t whole = std::stoll(text);
    const int64_t scale = size <= 11 ? 1'000'000'000 : size <= 14 ? 1'000'000 : size <= 17 ? 1'000 : 1;
    int64_t expected = -1, ns = -1;
    if (__builtin_mul_overflow(whole, scale, &expected)) expected = -1;
    const bool valid = epoch_ns(text, ns);
    CHECK_EQ(text + ' ' + std::to_string(valid ? ns : -1), text + ' ' + std::to_string(expected));
    for (size_t at = 0; at < size; ++at)
      for (const char other : {'/', ':', 'a', ' ', '\xb5', '\0'}) {
        std::string broken = text;
        broken[at] = other;
        CHECK(!epoch_ns(broken, ns));
      }
  }
}

}  // namespace

int main() {
  addresses();
  epochs();
  return check::done();
}
