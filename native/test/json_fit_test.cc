// What counts as an IP address and as epoch time, against the C library and by hand.
#include "kernels/json_fit.h"

#include <arpa/inet.h>

#include <string>

#include "check.h"
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
}

}  // namespace

int main() {
  addresses();
  epochs();
  return check::done();
}
