// Date formats: format, text, ns since the epoch ("-": no date).
#include "check.h"
#include "packs/blocks/date_format.h"
#include "syslog_event.h"

using namespace penstock;
using namespace penstock::packs;

namespace {

// Reference: 2026-03-01T12:00:00Z; no zone: an hour east.
constexpr DateDefaults kDefaults{1'772'366'400'000'000'000, 3600};

struct Case {
  std::string_view format, text, expected;
};

constexpr Case kCases[] = {
    {"%d/%b/%Y:%H:%M:%S %z", "10/Oct/2000:13:55:36 -0700", "971211336000000000"},
    {"dd/MMM/yyyy:HH:mm:ss Z", "10/Oct/2000:13:55:36 -0700", "971211336000000000"},
    {"yyyy-MM-dd HH:mm:ss,SSS", "2020-02-29 23:59:60,123", "1583017200123000000"},
    {"yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2020-01-01T00:00:00.5+01:00", "1577833200500000000"},
    {"%Y-%m-%dT%H:%M:%S.%f%z", "2020-01-01T00:00:00.1234567891Z", "1577836800123456789"},
    {"MMM d HH:mm:ss", "Mar  1 12:00:00", "1772362800000000000"},
    {"MMM d HH:mm:ss", "Dec 31 23:00:00", "1767218400000000000"},  // last year's
    {"MMM dd yyyy HH:mm:ss.SSS z", "Jan 18 2022 11:05:53.000 EST", "1642521953000000000"},
    {"%b %d %H:%M:%S", "Feb 29 00:00:00", "1709161200000000000"},  // the latest leap year
    {"EEE, dd MMM yyyy HH:mm:ss z", "Sunday, 06 November 1994 08:49:37 GMT", "784111777000000000"},
    {"%m/%d/%y %I:%M:%S %p", "3/1/26 12:00:00 AM", "1772319600000000000"},
    {"M/d/yyyy h:mm:ss a", "3/1/2026 1:02:03 p.m.", "1772366523000000000"},
    {"%y%m%d %H:%M:%S", "691231 00:00:00", "-90000000000000"},
    {"yyyyMMddHHmmss", "20200101000000", "1577833200000000000"},
    {"yyyyMMddHHmmss", "2020010100000", "-"},
    {"%Y%jT%H%M", "2020366T0000", "1609369200000000000"},
    {"%Y%jT%H%M", "2021366T0000", "-"},
    {"%D %T", "01/01/20 00:00:00", "1577833200000000000"},
    {"'at' yyyy-MM-dd''", "at 2020-01-01'", "1577833200000000000"},
    {"%Y-%m-%d %H:%M:%S GMT%z", "2020-01-01 00:00:00 GMT+02:00", "1577829600000000000"},
    {"yyyy-MM-dd HH:mm:ss z", "2020-01-01 00:00:00 UTC+2", "1577829600000000000"},
    {"%Y-%m-%d", "  2020-01-01  ", "1577833200000000000"},
    {"%Y-%m-%d", "2020-01-01x", "-"},
    {"%Y-%m-%d", "2020-13-01", "-"},
    {"%Y-%m-%d", "2020-02-30", "-"},
    {"%Y-%m-%d", "0000-01-01", "-"},
    {"%Y-%m-%d", "9999-01-01", "-"},
    {"%Y-%m-%d", "99-01-01", "-"},
    {"%Y-%m-%d", "", "-"},
    {"%H:%M:%S", "12:00:00", "-"},
    {"%Y-%m-%d %H", "2020-01-01 24", "-"},
    {"%Y-%m-%d %z", "2020-01-01 +2460", "-"},
    {"%Y-%m-%d %Z", "2020-01-01 XYZ", "-"},
    {"%s", "1577836800.25", "1577836800250000000"},
    {"audit(%s", "audit(1364481363.243", "1364481363243000000"},
    {"UNIX", "1577836800", "1577836800000000000"},
    {"UNIX", "-1.5", "-1500000000"},
    {"UNIX", "1e9", "-"},
    {"UNIX", "99999999999999999999", "-"},
    {"UNIX", "9999999999999", "-"},
    {"UNIX", ".5", "-"},
    {"UNIX", "5.", "-"},
    {"UNIX_MS", "1577836800123", "1577836800123000000"},
    {"UNIX_US", "1577836800123456.7", "1577836800123456700"},
    {"UNIX_NS", "1577836800123456789", "1577836800123456789"},
    {"UNIX_NS", "-9223372036854775808", "-9223372036854775808"},
    {"UNIX_NS", "9223372036854775808", "-"},
    {"EPOCH", "1577836800123", "1577836800123000000"},
    {"FILETIME", "132223104000000000", "1577836800000000000"},
    {"FILETIME", "0", "-"},
    {"ISO8601", "2020-01-01T00:00:00.5Z", "1577836800500000000"},
    {"ISO8601", "2020-01-01 00:00:00", "1577833200000000000"},
    {"ISO8601", "2020-01-01T00:00:00Z tail", "-"},
    {"SYSLOG", "Oct 11 22:14:15 2003", "1065906855000000000"},
};

constexpr std::string_view kRefused[] = {"", "%", "%Q", "yyyy 'open", "yyyy[.SSS]", "yyyy-MM-ddTHH", "week ww"};

}  // namespace

int main() {
  for (const auto& [pattern, text, expected] : kCases) {
    DateFormat format;
    std::string error;
    CHECK(format.compile(pattern, error));
    const syslog_test::Padded padded(text, '7');
    int64_t ns = 0;
    const std::string actual = format.parse(padded.view(), kDefaults, ns) ? std::to_string(ns) : "-";
    ++check::checks;
    if (actual != expected)
      check::failed(__FILE__, __LINE__, std::string(pattern) + " of " + std::string(text) + " is " + actual + ", not " + std::string(expected));
  }
  for (const std::string_view pattern : kRefused) {
    DateFormat format;
    std::string error;
    CHECK(!format.compile(pattern, error));
    CHECK(!error.empty());
  }
  CHECK_EQ([] { int64_t ns; return DateFormat().parse("2020", kDefaults, ns); }(), false);
  return check::done();
}
