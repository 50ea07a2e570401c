// Linux audit records: key=value, and what is in hexadecimal there, one case a line.
#include "block_case.h"
#include "packs/blocks/audit.h"

using namespace block_test;
using namespace std::string_view_literals;

namespace {

constexpr Case kRecords[] = {
    // Numbers stay numbers, and what stands in quotes is as it is.
    {R"(pid=1298 uid=0 comm="cafe" exe=2F6F70742F6120 key=(null))", "pid=1298|uid=0|comm=cafe|exe=/opt/a ~|key=(null)"},
    {"proctitle=6100622063", "proctitle=a b c~"},
    {"proctitle=610", "proctitle=610"},
    {"name=2f6f", "name=2f6f"},
    {"key=6101620163", "key=a,b,c~"},
    {"acct=FF41", "acct=\xef\xbf\xbd" "A~ !invalid_utf8"},
    {"a0=6162 a1=7", "a0=6162|a1=7"},
    // Addresses of sockets.
    {"saddr=02000050A9FEA9FE0000000000000000", "saddr=02000050A9FEA9FE0000000000000000|family=ipv4~|address=169.254.169.254~|port=80~"},
    {"saddr=00020050A9FEA9FE", "saddr=00020050A9FEA9FE|family=ipv4~|address=169.254.169.254~|port=80~"},
    {"saddr=0A000050000000002406DA00FF00000000000000171569CC00000000",
     "saddr=0A000050000000002406DA00FF00000000000000171569CC00000000|family=ipv6~|address=2406:da00:ff00::1715:69cc~|port=80~"},
    {"saddr=0A00C3500000000000000000000000000000FFFFCB00710700000000",
     "saddr=0A00C3500000000000000000000000000000FFFFCB00710700000000|family=ipv6~|address=203.0.113.7~|port=50000~"},
    {"saddr=01002F612F6200FFFF", "saddr=01002F612F6200FFFF|family=unix~|path=/a/b~"},
    {"saddr=0100002F612F6200", "saddr=0100002F612F6200|family=unix~|path=@/a/b~"},
    {"saddr=0100", "saddr=0100|family=unix~"},
    {"saddr=100000000000000000000000", "saddr=100000000000000000000000|family=netlink~"},
    {"saddr=110000000000000000000000", "saddr=110000000000000000000000|family=packet~"},
    // Too short for its family, no family, no hexadecimal.
    {"saddr=020000", "saddr=020000"},
    {"saddr=0A0000500000000024", "saddr=0A0000500000000024"},
    {"saddr=00000000000000000000000000000000", "saddr=00000000000000000000000000000000"},
    {"saddr=02", "saddr=02"},
    {"saddr=x", "saddr=x"},
    // Arguments.
    {R"(argc=3 a0="cp" a1=6120 a2="x")", "argc=3|a0=cp|a1=a ~|a2=x|command_line=cp a  x~|args=cp\0a \0x~"sv},
    {R"(argc=2 a0="cp" a1_len=4 a1[0]=6162 a1[1]=6364)", "argc=2|a0=cp|a1_len=4|a1[0]=ab~|a1[1]=cd~|command_line=cp abcd~|args=cp\0abcd~"sv},
    // Pieces of another argument, out of order, or with one missing between: what was never one is not made one.
    {R"(argc=4 a0="cp" a3[1]=6262)", "argc=4|a0=cp|a3[1]=bb~|command_line=cp bb~|args=cp\0bb~"sv},
    {R"(argc=2 a0[0]=6161 a1[1]=6262)", "argc=2|a0[0]=aa~|a1[1]=bb~|command_line=aa bb~|args=aa\0bb~"sv},
    {R"(argc=2 a1[1]=6262 a1[0]=6161)", "argc=2|a1[1]=bb~|a1[0]=aa~|command_line=bb aa~|args=bb\0aa~"sv},
    {R"(argc=2 a1[0]=6161 a1[2]=6363)", "argc=2|a1[0]=aa~|a1[2]=cc~|command_line=aa cc~|args=aa\0cc~"sv},
    {R"(argc=2 a1[4294967295]=6161 a1[0]=6262)", "argc=2|a1[4294967295]=aa~|a1[0]=bb~|command_line=aa bb~|args=aa\0bb~"sv},
    {"argc=1", "argc=1"},
    {"no pair here", "no match"},
    {"", "no match"},
};

constexpr Case kJoined[] = {{R"(argc=2 a0="cp" a1="x")", "argc=2|command_line=cp x~|args=cp\0x~"sv}};

}  // namespace

int main() {
  AuditOptions options;
  const auto audit = [&options](auto text, auto& scratch, auto& out) { return extract_audit(text, options, scratch, out); };
  check_cases(kRecords, audit);
  options.join_arguments = true;
  check_cases(kJoined, audit);
  return check::done();
}
