// Conversions of texts: one text a line and what it is, "-" for what does not fit.
#include "check.h"
#include "packs/blocks/convert.h"
#include "packs/convert.h"

#include <cmath>

using namespace penstock;
using namespace penstock::packs;
using namespace std::string_view_literals;

namespace {

struct Case {
  std::string_view text, expected;
};

constexpr Case kInts[] = {
    {"0", "0"}, {" 42 ", "42"}, {"-7", "-7"}, {"+7", "7"}, {"007", "7"}, {"0x1F", "31"}, {"0Xff", "255"},
    {"9223372036854775807", "9223372036854775807"}, {"-9223372036854775808", "-9223372036854775808"},
    {"9223372036854775808", "-"}, {"0x8000000000000000", "-"}, {"0x", "-"}, {"0x-1", "-"}, {"+-1", "-"}, {"--1", "-"},
    {"", "-"}, {" ", "-"}, {"1.0", "-"}, {"1e3", "-"}, {"12a", "-"}, {"\xd9\xa1", "-"}, {"1\0"sv, "-"},
};

constexpr Case kDoubles[] = {
    {"1.5", "1.5"}, {"1,5", "1.5"}, {"-2", "-2"}, {"+2", "2"}, {"1e3", "1000"}, {".5", "0.5"}, {"1,234.5", "-"}, {"1,2,3", "-"},
    {"inf", "-"}, {"nan", "-"}, {"-inf", "-"}, {"1e999", "-"}, {"0x10", "-"}, {"", "-"}, {"+-1", "-"}, {"-", "-"}, {"1.5 s", "-"},
};

constexpr Case kBools[] = {
    {"true", "1"}, {"TRUE", "1"}, {"Yes", "1"}, {"on", "1"}, {"1", "1"}, {" enabled ", "1"}, {"false", "0"}, {"No", "0"}, {"OFF", "0"},
    {"0", "0"}, {"f", "0"}, {"", "-"}, {"2", "-"}, {"truth", "-"},
};

constexpr Case kDurations[] = {
    {"1h2m3.5s", "3723500000000"}, {"350ms", "350000000"}, {"2 days, 03:04:05", "183845000000000"}, {"0:02:03.5", "123500000000"},
    {"12", "12000000000"}, {"1.25", "1250000000"}, {"PT1H2M", "3720000000000"}, {"P1DT2H", "93600000000000"}, {"P1M", "-"},
    {"5\xc2\xb5s", "5000"}, {"-1s", "-1000000000"}, {"1 week", "604800000000000"}, {"10 minutes", "600000000000"}, {"1d 2h", "93600000000000"},
    {"3 hrs", "10800000000000"}, {"", "-"}, {"1x", "-"}, {"abc", "-"}, {"1 2", "-"}, {"1:99", "-"}, {"1:2:3:4", "-"}, {"9999999999w", "-"},
    {"99999999999999999999", "-"}, {"1h2", "-"}, {"-", "-"},
    {"1h:02m:03s", "3723000000000"}, {"0h:00m:04s", "4000000000"}, {"1d 2h:3m", "93780000000000"}, {"1h:", "3600000000000"}, {"1h::2m", "-"},
};

constexpr Case kIps[] = {
    {"192.0.2.1", "192.0.2.1"}, {" 192.0.2.1 ", "192.0.2.1"}, {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"}, {"[::1]", "::1"},
    {"fe80::1%eth0", "fe80::1"}, {"::ffff:192.0.2.1", "192.0.2.1"}, {"::FFFF:c000:0201", "192.0.2.1"}, {"192.0.2.256", "-"},
    {"192.0.2", "-"}, {"192.0.2.01", "-"}, {"1:2", "-"}, {"", "-"}, {"192.0.2.1\0"sv, "-"}, {"host", "-"}, {"[]", "-"}, {"%", "-"},
};

constexpr Case kMacs[] = {
    {"00:00:5e:00:53:23", "00-00-5E-00-53-23"}, {"00-00-5e-00-53-23", "00-00-5E-00-53-23"}, {"0000.5e00.5323", "00-00-5E-00-53-23"},
    {"00005e005323", "00-00-5E-00-53-23"}, {"00:00:5e:00:53:23:aa:bb", "00-00-5E-00-53-23-AA-BB"}, {"00:00:5e:00:53", "-"},
    {"00:00-5e:00:53:23", "-"}, {"000:0:5e:00:53:23", "-"}, {"00:00:5e:00:53:2", "-"}, {"00:00:5e:00:53:23:", "-"}, {"0000.5e00.53", "-"},
    {"", "-"}, {"zz:00:5e:00:53:23", "-"}, {"00005e00532300005e005323", "-"},
};

constexpr Case kHosts[] = {
    {"a:80", "a 80"}, {"[::1]:443", "::1 443"}, {"[::1]", "::1 -1"}, {"::1", "::1 -1"}, {"a", "a -1"}, {"a:", "-"}, {"a:x", "-"},
    {"a:65536", "-"}, {"a:-1", "-"}, {":80", "-"}, {"", "-"}, {"[]:1", "-"}, {"[::1]x", "-"}, {"[::1", "-"}, {"a:000080", "-"},
};

template <size_t kCount, class Convert>
void check_all(const char* what, const Case (&cases)[kCount], Convert convert) {
  for (const auto& [text, expected] : cases) {
    Arena scratch(256);
    const std::string actual = convert(text, scratch);
    ++check::checks;
    if (actual != expected)
      check::failed(__FILE__, __LINE__, std::string(what) + " of " + std::string(text) + " is " + actual + ", not " + std::string(expected));
  }
}

std::string or_dash(std::string_view text) { return text.data() ? std::string(text) : "-"; }

/// What packs change letters of, by words, against a byte at a time.
void cases_of_letters() {
  for (unsigned from = 0; from < 256; from += 5) {
    for (size_t size = 0; size <= 20; ++size) {
      std::string text, lower, upper;
      for (size_t i = 0; i < size; ++i) {
        const char c = static_cast<char>(from + i * 7);
        text += c;
        lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      }
      Arena scratch(64);
      CHECK_EQ(convert_text(Convert::kLower, text, scratch), std::string_view(lower));
      CHECK_EQ(convert_text(Convert::kUpper, text, scratch), std::string_view(upper));
    }
  }
}

constexpr Case kPackMacs[] = {
    {"00:11:22:aa:bB:cf", "00-11-22-AA-BB-CF"}, {"00-11.22:aa:bb:cc", "00-11-22-AA-BB-CC"}, {"0011.22aa.bbcc", "00-11-22-AA-BB-CC"},
    {"001122aabbcc", "00-11-22-AA-BB-CC"}, {"00:11:22:aa:bb:cg", "-"}, {"00:11:22:aa:bb:c:", "-"}, {"0:0:1:1:2:2:a:a:b:b:c:c", "00-11-22-AA-BB-CC"},
    {"::::::001122aabbcc", "00-11-22-AA-BB-CC"}, {"00x11:22:aa:bb:cc", "-"}, {"00:11:22:aa:bb:cc:dd", "-"}, {"", "-"},
};

}  // namespace

int main() {
  check_all("integer", kInts, [](auto text, Arena&) { int64_t v; return to_int(text, v) ? std::to_string(v) : "-"; });
  check_all("number", kDoubles, [](auto text, Arena&) { double v; return to_double(text, v) ? check::show(v) : "-"; });
  check_all("truth", kBools, [](auto text, Arena&) { bool v; return to_bool(text, v) ? std::to_string(v) : "-"; });
  check_all("duration", kDurations, [](auto text, Arena&) {
    int64_t ns;
    return to_duration(text, 1'000'000'000, ns) ? std::to_string(ns) : "-";
  });
  check_all("address", kIps, [](auto text, Arena& scratch) { return or_dash(canonical_ip(text, scratch)); });
  check_all("MAC of packs", kPackMacs, [](auto text, Arena& scratch) { return or_dash(convert_text(Convert::kMac, text, scratch)); });
  cases_of_letters();
  check_all("MAC", kMacs, [](auto text, Arena& scratch) { return or_dash(canonical_mac(text, scratch)); });
  check_all("host", kHosts, [](auto text, Arena&) {
    std::string_view host;
    int32_t port;
    return split_host_port(text, host, port) ? std::string(host) + " " + std::to_string(port) : "-";
  });
  Arena none(4);
  CHECK(canonical_mac("00005e005323", none).data() == nullptr);
  CHECK(canonical_ip("2001:DB8::1", none).data() == nullptr);
  return check::done();
}
