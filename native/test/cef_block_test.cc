// CEF and LEEF, one case a line. Those marked (logstash) are inputs of logstash-codec-cef (Apache-2.0).
#include "block_case.h"
#include "packs/blocks/cef.h"
#include "packs/blocks/leef.h"

using namespace block_test;
using namespace std::string_view_literals;

namespace {

#define HEAD "cefVersion=0|deviceVendor=security|deviceProduct=threatmanager|deviceVersion=1.0|deviceEventClassId=100|name=trojan|severity=10"
#define CEF0 "CEF:0|security|threatmanager|1.0|100|trojan|10|"

constexpr Case kCef[] = {
    // (logstash)
    {CEF0 "src=10.0.0.192 dst=12.121.122.82 spt=1232", HEAD "|src=10.0.0.192|dst=12.121.122.82|spt=1232"},
    {CEF0 "this is no pair", HEAD " !bare_text"},
    {"CEF:0|security|threatmanager|1.0|100|double backslash",
     "cefVersion=0|deviceVendor=security|deviceProduct=threatmanager|deviceVersion=1.0|deviceEventClassId=100|"
     "name=double backslash !malformed"},
    {"CEF:0|||1.0|100|trojan|10|src=1", "cefVersion=0|deviceVersion=1.0|deviceEventClassId=100|name=trojan|severity=10|src=1"},
    {CEF0 " src=10.0.0.192  dst=12  ", HEAD "|src=10.0.0.192|dst=12"},
    {CEF0 R"(moo=this\|has an escaped pipe)", HEAD R"(|moo=this\|has an escaped pipe)"},
    {CEF0 "moo=this|has an pipe", HEAD "|moo=this|has an pipe"},
    {CEF0 R"(moo=this =has = equals\=)", HEAD R"(|moo=this =has = equals=~)"},
    {R"(CEF:0|secu\\rity|threat\\manager|1.\\0|10\\0|tro\\jan|\\10|)",
     R"(cefVersion=0|deviceVendor=secu\rity~|deviceProduct=threat\manager~|deviceVersion=1.\0~|deviceEventClassId=10\0~|name=tro\jan~|severity=\10~)"},
    {R"(CEF:0|security\\\||threatmanager\\|1.0|100|trojan|10|)",
     R"(cefVersion=0|deviceVendor=security\|~|deviceProduct=threatmanager\~|deviceVersion=1.0|deviceEventClassId=100|name=trojan|severity=10)"},
    {CEF0 R"(moo=this \has \ backslashs\)", HEAD R"(|moo=this \has \ backslashs\)"},
    {CEF0 "dproc=InternetExplorer x.x.x.x", HEAD "|dproc=InternetExplorer x.x.x.x"},
    {CEF0 "a.b=x ad.Error_,Code=3221225578 ad.field[0]=field0", HEAD "|a.b=x|ad.Error_,Code=3221225578|ad.field[0]=field0"},
    {CEF0 R"(cs4=401 user Admin  /CN\=a.b/OU\=User Login  /CN\=T additional.x=new)",
     HEAD "|cs4=401 user Admin  /CN=a.b/OU=User Login  /CN=T~|additional.x=new"},
    {"Syslogdate Sysloghost " CEF0 "src=10.0.0.192", HEAD "|src=10.0.0.192"},
    {CEF0 "target=aaa\xe3\x81\x82 msg=Description Omitted", HEAD "|target=aaa\xe3\x81\x82|msg=Description Omitted"},
    // Line ends inside values, written and escaped; what looks like a mark and is none.
    {CEF0 "msg=one\ntwo a=b\\nc\\r\r\n", HEAD "|msg=one\ntwo|a=b\nc\r~"},
    {"CEF: x CEF:0|v|p|1|2|n|3|", "cefVersion=0|deviceVendor=v|deviceProduct=p|deviceVersion=1|deviceEventClassId=2|name=n|severity=3"},
    {"CEF: 1.2 |", "no match"},
    {"CEF:1.2|", "cefVersion=1.2 !malformed"},
    {"CEF:0", "no match"},
    {"", "no match"},
    {CEF0 "request=http://h/?a=b&c=d e=f", HEAD "|request=http://h/?a=b&c=d|e=f"},
    {CEF0 "a==b c= d=", HEAD "|a==b|c=|d="},
    {CEF0 "=x a=1", HEAD "|a=1 !bare_text"},
    {CEF0 "a=\0b\\"sv, HEAD "|a=\0b\\"sv},
};

constexpr Case kAdd[] = {
    {CEF0 "cs1Label=Mail Policy cs1=Default cn7=8191 cn7Label=mersenne", HEAD "|cs1Label=Mail Policy|cs1=Default|cn7=8191|cn7Label=mersenne|Mail Policy=Default|mersenne=8191"},
    {CEF0 "cs1Label=far a=1 b=2 cs1=x", HEAD "|cs1Label=far|a=1|b=2|cs1=x|far=x"},
    {CEF0 "cs1Label=lonely cs2Label= cs2=x", HEAD "|cs1Label=lonely|cs2Label=|cs2=x"},
};

constexpr Case kReplace[] = {
    {CEF0 "cs1Label=Policy cs1=De\\=fault a=1 cn7=8 cn7Label=m", HEAD "|Policy=De=fault~|a=1|m=8"},
};

#define LEEF "deviceVendor=V|deviceProduct=P|deviceVersion=1|deviceEventClassId=E"

constexpr Case kLeef[] = {
    {"LEEF:2.0|V|P|1|E|^|src=192.0.2.0^cat=an omaly^x=a=b^", "leefVersion=2.0|" LEEF "|leefDelimiter=^|src=192.0.2.0|cat=an omaly|x=a=b"},
    {"<13>1 - h LEEF:2.0|V|P|1|E|0x5E|src=1^dst=2", "leefVersion=2.0|" LEEF "|leefDelimiter=0x5E|src=1|dst=2"},
    {"LEEF:2.0|V|P|1|E|x5E|src=1^dst=2", "leefVersion=2.0|" LEEF "|leefDelimiter=x5E|src=1|dst=2"},
    {"LEEF:2.0|V|P|1|E|\\x7c|src=1|dst=2", "leefVersion=2.0|" LEEF "|leefDelimiter=\\x7c|src=1|dst=2"},
    {"LEEF:2.0|V|P|1|E|xff|src=1", "leefVersion=2.0|" LEEF "|src=1 !malformed"},
    {"LEEF:2.0|V|P|1|E||src=1\tdst=2", "leefVersion=2.0|" LEEF "|src=1|dst=2"},
    {"LEEF:2.0|V|P|1|E|src=1\tdst=a|b", "leefVersion=2.0|" LEEF "|src=1|dst=a|b"},
    {"LEEF:1.0|V|P|1|E|src=1\tmsg=a b c=d\tempty=\n", "leefVersion=1.0|" LEEF "|src=1|msg=a b c=d|empty="},
    {"LEEF:1.0|V|P|1|E|src=1 msg=a b usrName=joe", "leefVersion=1.0|" LEEF "|src=1|msg=a b|usrName=joe"},
    {"LEEF:1.0|V|P|1|E", "leefVersion=1.0|" LEEF},
    {"LEEF:1.0|V|P", "leefVersion=1.0|deviceVendor=V|deviceProduct=P !malformed"},
    {"LEEF:2.0|V|P|1|E|^|a^=b^c=1", "leefVersion=2.0|" LEEF "|leefDelimiter=^|c=1 !bare_text"},
    {"LEEF:x|V", "no match"},
};

void hostile() {
  std::string keys(CEF0);
  for (int i = 0; i < 100'000; ++i) keys += "k" + std::to_string(i) + "=v ";
  Arena scratch(64);
  Extracted out;
  CHECK(extract_cef(Padded(keys).view(), {}, scratch, out) == BlockResult::kMatch);
  CHECK_EQ(out.size(), Extracted::kDefaultCapacity);
  CHECK(out.has(BlockProblem::kTooManyFields));
  // Labels apart from their fields: looked for so often and no more.
  std::string labels(CEF0);
  for (int i = 0; i < 2'000; ++i) labels += "x" + std::to_string(i) + "Label=l a=1 b=2 ";
  Extracted wide(20'000);
  CHECK(extract_cef(Padded(labels).view(), {CefLabels::kReplace}, scratch, wide) == BlockResult::kMatch);
  CHECK_EQ(wide.size(), 6'007u);
  // Equals signs and key bytes without end are read once.
  std::string equals(CEF0);
  equals.append(1 << 20, '=').append(1 << 20, 'a').append("=1");
  Extracted one;
  CHECK(extract_cef(Padded(equals).view(), {}, scratch, one) == BlockResult::kMatch);
  CHECK_EQ(one.size(), 7u);
}

/// Extensions are looked at 64 bytes at a time: wherever a name, its '=' or the blank before it stands in these, the pairs are the same.
void places() {
  for (size_t before = 0; before < 200; ++before) {
    const std::string first(before, 'x'), blanks(before % 70, ' ');
    const std::string text = std::string(CEF0) + "a=" + first + " second=two\\=2" + blanks + " long.name[3]=v w\t=.no=1 last=";
    const Padded padded(text);
    Arena scratch(1024);
    Extracted out;
    CHECK(extract_cef(padded.view(), {}, scratch, out) == BlockResult::kMatch);
    CHECK_EQ(out.size(), 11u);
    CHECK_EQ(out.value_of("a"), std::string_view(first));
    CHECK_EQ(out.value_of("second"), std::string_view("two=2"));
    CHECK_EQ(out.value_of("long.name[3]"), std::string_view("v w\t=.no=1"));
    CHECK(out[10].name == "last" && out[10].value.empty());
  }
}

}  // namespace

int main() {
  const auto cef = [](CefLabels labels) {
    return [labels](auto text, auto& scratch, auto& out) { return extract_cef(text, {labels}, scratch, out); };
  };
  check_cases(kCef, cef(CefLabels::kAdd));
  check_cases(kAdd, cef(CefLabels::kAdd));
  check_cases(kReplace, cef(CefLabels::kReplace));
  check_cases(kLeef, extract_leef);
  hostile();
  places();
  return check::done();
}
