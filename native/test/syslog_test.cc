// Syslog messages, one case a line; every case runs through the scalar and the dispatched version.
#include "check.h"
#include "syslog_event.h"

using namespace penstock;
using syslog_test::describe;
using syslog_test::Padded;

namespace {

// Reference: 2026-03-01T12:00:00Z.
constexpr int64_t kReceivedNs = 1'772'366'400'000'000'000;

struct Case {
  std::string_view frame;
  std::string_view event;
};

using namespace std::string_view_literals;

constexpr Case kRfc5424[] = {
    {"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xef\xbb\xbf'su root' failed",
     "pri=34 version=1 host=mymachine.example.com app=su msgid=ID47 time=1065910455003000000 message='su root' failed"},
    {"<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time",
     "pri=165 version=1 host=192.0.2.1 app=myproc pid=8710 time=1061727255000003000 message=%% It's time"},
    {"<165>1 2003-10-11T22:14:15.003Z h e - ID47 [exampleSDID@32473 iut=\"3\" eventID=\"1011\"][p@32473 class=\"high\"]",
     "pri=165 version=1 host=h app=e msgid=ID47 "
     "sd={\"exampleSDID@32473\":{\"iut\":\"3\",\"eventID\":\"1011\"},\"p@32473\":{\"class\":\"high\"}} "
     "time=1065910455003000000"},
    {"<0>1 - - - - - -", "pri=0 version=1"},
    {"<191>999 - - - - - - ", "pri=191 version=999 message="},
    {"<13>1 1985-04-12T19:20:50.52-04:00 h a 0 m - x", "pri=13 version=1 host=h app=a pid=0 msgid=m time=482196050520000000 message=x"},
    {"<13>1 - h a 007 m - x", "pri=13 version=1 host=h app=a procid=007 msgid=m message=x"},
    {"<13>1 - h a 1234567890123 m - x", "pri=13 version=1 host=h app=a pid=1234567890123 msgid=m message=x"},
    {"<13>1 - h a 12a m - x", "pri=13 version=1 host=h app=a procid=12a msgid=m message=x"},
    {"<13>1 2016-12-31T23:59:60Z - - - - -", "pri=13 version=1 time=1483228800000000000"},
    {"<13>1 2017-01-01T05:29:60.5+05:30 - - - - -", "pri=13 version=1 time=1483228800500000000"},
    {"<13>1 2020-02-29T00:00:00.123456789Z - - - - -", "pri=13 version=1 time=1582934400123456789"},
    {"<13>1 0000-01-01T00:00:00Z - - - - -", "pri=13 version=1 !=syslog_no_timestamp@6"},
    {"<13>1 - - - - - - a\nb\n", "pri=13 version=1 message=a\nb"},
    {"<13>1 - - - - - -  two", "pri=13 version=1 message= two"},
    // Structured data: escapes, bare backslashes, repeated names, control characters.
    {R"(<13>1 - - - - - [a b="\"\\\]"])", R"(pri=13 version=1 sd={"a":{"b":"\"\\]"}})"},
    {R"(<13>1 - - - - - [a b="DOMAIN\user"] m)", R"(pri=13 version=1 sd={"a":{"b":"DOMAIN\\user"}} message=m)"},
    {R"(<13>1 - - - - - [a\b c\d="x"])", R"(pri=13 version=1 sd={"a\\b":{"c\\d":"x"}})"},
    {R"(<13>1 - - - - - [origin ip="192.0.2.1" ip="192.0.2.129" sw="x" ip=""])",
     R"(pri=13 version=1 sd={"origin":{"ip":["192.0.2.1","192.0.2.129",""],"sw":"x"}})"},
    {"<13>1 - - - - - [a b=\"x\ty\x01\n\"]", R"(pri=13 version=1 sd={"a":{"b":"x\u0009y\u0001\u000a"}})"},
    {"<13>1 - - - - - [a b=\"caf\xc3\xa9\"] \xe2\x82\xa1", "pri=13 version=1 sd={\"a\":{\"b\":\"caf\xc3\xa9\"}} message=\xe2\x82\xa1"},
    {"<13>1 - - - - - [a b=\"\xff\"] \xc3x", "pri=13 version=1 sd={\"a\":{\"b\":\"\xef\xbf\xbd\"}} !=invalid_utf8@22 message=\xef\xbf\xbdx"},
    {"<13>1 - - - - - [abcdefghijklmnopqrstuvwxyz012345 x=\"\"]", "pri=13 version=1 sd={\"abcdefghijklmnopqrstuvwxyz012345\":{\"x\":\"\"}}"},
};

// What breaks RFC 5424 keeps its priority and its text.
constexpr Case kBroken5424[] = {
    {"<192>1 - - - - - -", "!=syslog_priority@0 message=<192>1 - - - - - -"},
    {"<01>1 - - - - - -", "!=syslog_priority@0 message=<01>1 - - - - - -"},
    {"<1>1", "pri=1 !=syslog_header@4 message=<1>1"},
    {"<1>1 ", "pri=1 !=syslog_header@5 message=<1>1 "},
    {"<1>1 -", "pri=1 !=syslog_header@6 message=<1>1 -"},
    {"<1>1 - - - - ", "pri=1 !=syslog_header@13 message=<1>1 - - - - "},
    {"<1>1 - - - - -", "pri=1 !=syslog_header@14 message=<1>1 - - - - -"},
    {"<1>1 - - - - - ", "pri=1 !=syslog_header@15 message=<1>1 - - - - - "},
    {"<1>1000 2018-11-22T00:00:00Z - - - - -", "pri=1 !=syslog_version@3 message=<1>1000 2018-11-22T00:00:00Z - - - - -"},
    {"<1>0 - - - - - -", "pri=1 !=syslog_version@3 message=<1>0 - - - - - -"},
    {"<1>1 2018-13-22T00:00:00Z - - - - -", "pri=1 !=syslog_timestamp@5 message=<1>1 2018-13-22T00:00:00Z - - - - -"},
    {"<1>1 2018-12-22T00:00:60Z - - - - -", "pri=1 !=syslog_timestamp@5 message=<1>1 2018-12-22T00:00:60Z - - - - -"},
    {"<1>1 2018-12-22t00:00:00z - - - - -", "pri=1 !=syslog_timestamp@5 message=<1>1 2018-12-22t00:00:00z - - - - -"},
    {"<1>1 2019-02-29T00:00:00Z - - - - -", "pri=1 !=syslog_timestamp@5 message=<1>1 2019-02-29T00:00:00Z - - - - -"},
    {"<1>1 - h\xc3\xa9 - - - -", "pri=1 !=syslog_hostname@8 message=<1>1 - h\xc3\xa9 - - - -"},
    {"<1>1 -  - - - -", "pri=1 !=syslog_hostname@7 message=<1>1 -  - - - -"},
    {"<1>1 - - - - - x", "pri=1 !=syslog_structured_data@15 message=<1>1 - - - - - x"},
    {"<1>1 - - - - - -x", "pri=1 !=syslog_structured_data@16 message=<1>1 - - - - - -x"},
    {"<1>1 - - - - - [", "pri=1 !=syslog_structured_data@16 message=<1>1 - - - - - ["},
    {"<1>1 - - - - - []", "pri=1 !=syslog_structured_data@16 message=<1>1 - - - - - []"},
    {"<1>1 - - - - - [a", "pri=1 !=syslog_structured_data@17 message=<1>1 - - - - - [a"},
    {"<1>1 - - - - - [a]x", "pri=1 !=syslog_structured_data@18 message=<1>1 - - - - - [a]x"},
    {"<1>1 - - - - - [a b]", "pri=1 !=syslog_structured_data@19 message=<1>1 - - - - - [a b]"},
    {"<1>1 - - - - - [a b=]", "pri=1 !=syslog_structured_data@20 message=<1>1 - - - - - [a b=]"},
    {"<1>1 - - - - - [a b=\"]\"]", "pri=1 !=syslog_structured_data@21 message=<1>1 - - - - - [a b=\"]\"]"},
    {"<1>1 - - - - - [a b=\"c", "pri=1 !=syslog_structured_data@22 message=<1>1 - - - - - [a b=\"c"},
    {"<1>1 - - - - - [a b=\"c\\", "pri=1 !=syslog_structured_data@23 message=<1>1 - - - - - [a b=\"c\\"},
    {"<1>1 - - - - - [a b=\"c\"", "pri=1 !=syslog_structured_data@23 message=<1>1 - - - - - [a b=\"c\""},
    {"<1>1 - - - - - [a][a]", "pri=1 !=syslog_structured_data@19 message=<1>1 - - - - - [a][a]"},
    {"<1>1 - - - - - [abcdefghijklmnopqrstuvwxyz0123456]", "pri=1 !=syslog_structured_data@49 message=<1>1 - - - - - [abcdefghijklmnopqrstuvwxyz0123456]"},
};

constexpr Case kRfc3164[] = {
    {"<34>Oct 11 22:14:15 mymachine su: 'su root' failed", "pri=34 host=mymachine app=su time=1760220855000000000 message='su root' failed"},
    {"<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!", "pri=13 host=10.0.0.99 time=1770312738000000000 message=Use the BFG!"},
    {"<13>Mar  2 11:59:59 h a: next day at most", "pri=13 host=h app=a time=1772452799000000000 message=next day at most"},
    {"<13>Mar  2 12:00:01 h a: last year", "pri=13 host=h app=a time=1740916801000000000 message=last year"},
    {"<13>Feb 29 00:00:00 h a: x", "pri=13 host=h app=a time=1709164800000000000 message=x"},
    {"<13>Feb 30 00:00:00 h a: x", "pri=13 !=syslog_no_timestamp@4 message=Feb 30 00:00:00 h a: x"},
    {"<85>Jan 24 15:50:41 ip-172-31-30-110 sudo[6040]: ec2-user : TTY=pts/0", "pri=85 host=ip-172-31-30-110 app=sudo pid=6040 time=1769269841000000000 message=ec2-user : TTY=pts/0"},
    {"<13>Jan  1 00:00:00.123456 h a[x-1]: m", "pri=13 host=h app=a procid=x-1 time=1767225600123456000 message=m"},
    {"<13>Jan  1 00:00:00 2024 h a: m", "pri=13 host=h app=a time=1704067200000000000 message=m"},
    {"<13>Jan  1 2024 00:00:00 h a: m", "pri=13 host=h app=a time=1704067200000000000 message=m"},
    {"<13>Jan  1 00:00:00 CET h a: m", "pri=13 host=h app=a time=1767222000000000000 message=m"},
    {"<13>Jan  1 00:00:00 +0530 h a: m", "pri=13 host=h app=a time=1767205800000000000 message=m"},
    {"<13>Mon Jan  1 00:00:00 2024 h a: m", "pri=13 host=h app=a time=1704067200000000000 message=m"},
    {"<13>2024-01-01T00:00:00.5+01:00 h a: m", "pri=13 host=h app=a time=1704063600500000000 message=m"},
    {"<13>2024-01-01T00:00:00.5ZZ h a: m", "pri=13 host=h app=a time=1704067200500000000 message=m"},
    {"<13> 2024-01-01 00:00:00,250 h a: m", "pri=13 host=h app=a time=1704067200250000000 message=m"},
    {"<13>2024/01/01 00:00:00 h a: m", "pri=13 host=h app=a time=1704067200000000000 message=m"},
    // No host, no colon, no tag.
    {"<13>Jan  1 00:00:00 su: m", "pri=13 app=su time=1767225600000000000 message=m"},
    {"<13>Jan  1 00:00:00 docker/web[77]: m", "pri=13 app=docker/web pid=77 time=1767225600000000000 message=m"},
    {"<13>Jan  1 00:00:00 h sockerfilterfw[1985] <Info>: m", "pri=13 host=h app=sockerfilterfw pid=1985 time=1767225600000000000 message=<Info>: m"},
    {"<13>Jan  1 00:00:00 h Job `cron.daily' terminated", "pri=13 host=h time=1767225600000000000 message=Job `cron.daily' terminated"},
    {"<13>Jan  1 00:00:00: --- last message repeated 5 times ---", "pri=13 time=1767225600000000000 message=--- last message repeated 5 times ---"},
    {"<13>Jan  1 00:00:00 alone", "pri=13 time=1767225600000000000 message=alone"},
    {"<13>Jan  1 00:00:00", "pri=13 time=1767225600000000000 message="},
    {"<13>Jan  1 00:00:00 h CEF:0|V|P|1|1|n|5|k=v", "pri=13 host=h time=1767225600000000000 message=CEF:0|V|P|1|1|n|5|k=v"},
    {"<13>Jan  1 00:00:00 h CEF: 0|V|P|1|1|n|5|k=v", "pri=13 host=h time=1767225600000000000 message=CEF: 0|V|P|1|1|n|5|k=v"},
    {"<13>Jan  1 00:00:00 s_net@relay/host (systemd)[1]: m", "pri=13 host=s_net@relay/host app=(systemd) pid=1 time=1767225600000000000 message=m"},
    {"<13>Jan  1 00:00:00 fe80::1 a: m", "pri=13 host=fe80::1 app=a time=1767225600000000000 message=m"},
    {"<13>Jan  1 00:00:00 h notice mcpd[6760]: 01070417:5: m", "pri=13 host=h app=mcpd pid=6760 time=1767225600000000000 message=01070417:5: m"},
    // No timestamp.
    {"<13>kernel: sd 2:0:0:0", "pri=13 app=kernel !=syslog_no_timestamp@4 message=sd 2:0:0:0"},
    {"<13>just text", "pri=13 !=syslog_no_timestamp@4 message=just text"},
    {"<189>date=2021-01-01 time=00:00:00 devname=fw msg=\"a: b\"", "pri=189 !=syslog_no_timestamp@5 message=date=2021-01-01 time=00:00:00 devname=fw msg=\"a: b\""},
    // Cisco.
    {"<189>29: *Jan  1 00:00:00.123: %SYS-5-CONFIG_I: Configured", "pri=189 msgid=SYS-5-CONFIG_I time=1767225600123000000 message=%SYS-5-CONFIG_I: Configured"},
    {"<189>29: rtr1: .Jan  1 00:00:00.123 UTC: %LINK-SW1-3-UPDOWN: x", "pri=189 host=rtr1 msgid=LINK-SW1-3-UPDOWN time=1767225600123000000 message=%LINK-SW1-3-UPDOWN: x"},
    {"<187>: 2022 Aug 10 10:00:24 EET: %DAEMON-3-SYSTEM_MSG: m", "pri=187 msgid=DAEMON-3-SYSTEM_MSG time=1660118424000000000 message=%DAEMON-3-SYSTEM_MSG: m"},
    {"<187>: 2022 Aug 10 10:00:24 XYZ: %DAEMON-3-SYSTEM_MSG: m", "pri=187 msgid=DAEMON-3-SYSTEM_MSG time=1660125624000000000 message=%DAEMON-3-SYSTEM_MSG: m"},
    {"<166>Jan  1 2024 00:00:00: %ASA-6-302013: Built", "pri=166 msgid=ASA-6-302013 time=1704067200000000000 message=%ASA-6-302013: Built"},
    {"<166>Jan  1 2024 00:00:00 fw1 : %ASA-6-302013: Built", "pri=166 host=fw1 msgid=ASA-6-302013 time=1704067200000000000 message=%ASA-6-302013: Built"},
    {"<166>%ASA-6-302013: Built", "pri=166 msgid=ASA-6-302013 !=syslog_no_timestamp@5 message=%ASA-6-302013: Built"},
    {"<187>44: 00:01:01: %SYSMGR-STANDBY-3-SHUTDOWN_START: x", "pri=187 msgid=SYSMGR-STANDBY-3-SHUTDOWN_START !=syslog_no_timestamp@5 message=%SYSMGR-STANDBY-3-SHUTDOWN_START: x"},
    {"<187>wlc1: *spamApTask1: Jan  1 00:00:00.123: %CAPWAP-4-DISC: x", "pri=187 host=wlc1 msgid=CAPWAP-4-DISC time=1767225600123000000 message=%CAPWAP-4-DISC: x"},
    {"<189>65: RP/0/RP0/CPU0:Jan  1 00:00:00.123 UTC: config[65539]: %MGBL-SYS-5-CONFIG_I : x", "pri=189 app=config pid=65539 msgid=MGBL-SYS-5-CONFIG_I time=1767225600123000000 message=%MGBL-SYS-5-CONFIG_I : x"},
    {"<189>: Jan  1 00:00:00 UTC : %UCSM-6-AUDIT: x", "pri=189 msgid=UCSM-6-AUDIT time=1767225600000000000 message=%UCSM-6-AUDIT: x"},
    {"<189>65: r1 RP/0/RP0/CPU0:Jan  1 00:00:00.123 UTC: config[65539]: %MGBL-SYS-5-CONFIG_I : x", "pri=189 host=r1 app=config pid=65539 msgid=MGBL-SYS-5-CONFIG_I time=1767225600123000000 message=%MGBL-SYS-5-CONFIG_I : x"},
    {"<189>65: 66: Jan  1 2026 00:00:00.123 mst: %SYS-5-RESTART: x", "pri=189 msgid=SYS-5-RESTART time=1767250800123000000 message=%SYS-5-RESTART: x"},
    {"<189>65: sw1: Jan  1 00:00:00 UTC+1: %SYS-5-RESTART: x", "pri=189 host=sw1 msgid=SYS-5-RESTART time=1767222000000000000 message=%SYS-5-RESTART: x"},
    {"<189>65: sw1: Jan  1 00:00:00 UTC+07:30: %SYS-5-RESTART: x", "pri=189 host=sw1 msgid=SYS-5-RESTART time=1767198600000000000 message=%SYS-5-RESTART: x"},
    {"<189>65: sw1: Jan  1 00:00:00 Berlin: %SYS-5-RESTART: x", "pri=189 host=sw1 msgid=SYS-5-RESTART time=1767225600000000000 message=%SYS-5-RESTART: x"},
    // Passed on by a relay. Cisco: the device's time, unless its clock is not set, and its name.
    {"<190>Jan  1 00:00:00 10.0.0.1 585917: Jan  1 00:00:01.5: %SEC-6-IPACCESSLOGP: x", "pri=190 msgid=SEC-6-IPACCESSLOGP host=10.0.0.1 time=1767225601500000000 message=%SEC-6-IPACCESSLOGP: x"},
    {"Jan  1 00:00:00 10.0.0.1 585917: *Jan  1 00:00:01.5: %SEC-6-IPACCESSLOGP: x", "msgid=SEC-6-IPACCESSLOGP level=info host=10.0.0.1 time=1767225600000000000 !=syslog_no_priority@0 message=%SEC-6-IPACCESSLOGP: x"},
    {"<190>Jan  1 00:00:00 relay 17: sw1: .Jan  1 00:00:01.5 CET: %SYS-5-RESTART: x", "pri=190 host=sw1 msgid=SYS-5-RESTART relay=relay time=1767222001500000000 message=%SYS-5-RESTART: x"},
    {"<190>Jan  1 00:00:00 10.0.0.1 44: 00:01:01: %SYS-5-RESTART: x", "pri=190 msgid=SYS-5-RESTART host=10.0.0.1 time=1767225600000000000 message=%SYS-5-RESTART: x"},
    {"<190>Jan  1 00:00:00 r1 RP/0/RP0/CPU0:Jan  1 00:00:01.5 UTC: acl[310]: %ACL-6-X : x", "pri=190 app=acl pid=310 msgid=ACL-6-X host=r1 time=1767225601500000000 message=%ACL-6-X : x"},
    {"<190>1 2026-01-01T00:00:00Z 10.0.0.1 585917 - - - Jan  1 00:00:01.5: %SEC-6-X: x", "pri=190 msgid=SEC-6-X host=10.0.0.1 time=1767225601500000000 message=%SEC-6-X: x"},
    {"<190>Jan  1 00:00:00 h 12345: text", "pri=190 host=h app=12345 time=1767225600000000000 message=text"},
    {"<190>Jan  1 00:00:00 h RP/0: text", "pri=190 host=h app=RP/0 time=1767225600000000000 message=text"},
    {"<13>Jan  1 00:00:00 relay <86>Jan  1 00:00:01 web-01 sshd[1]: m", "pri=86 host=web-01 app=sshd pid=1 relay=relay time=1767225601000000000 message=m"},
    {"<13>Jan  1 00:00:00 relay Jan  1 00:00:01 web-01 sshd[1]: m", "pri=13 host=web-01 app=sshd pid=1 relay=relay time=1767225601000000000 message=m"},
    {"<13>Jan  1 00:00:00 relay 2026-01-01T01:00:01+01:00 web sudo: m", "pri=13 host=web app=sudo relay=relay time=1767225601000000000 message=m"},
    {"<13>Jan  1 00:00:00 r2 <13>Jan  1 00:00:01 r1 <86>Jan  1 00:00:02 web sshd[1]: m", "pri=86 host=web app=sshd pid=1 relay=r2 time=1767225602000000000 message=m"},
    {"<13>Jan  1 00:00:00 10.0.0.1 <86>1 2026-01-01T00:00:01Z web sshd 1 - - m", "pri=86 version=1 host=web app=sshd pid=1 relay=10.0.0.1 time=1767225601000000000 message=m"},
    {"<86>Jan  1 00:00:00 10.0.0.1 1 2026-01-01T00:00:01Z web sshd 1 - - m", "pri=86 version=1 host=web app=sshd pid=1 relay=10.0.0.1 time=1767225601000000000 message=m"},
    {"<13>1 2026-01-01T00:00:00Z relay - - - - <86>Jan  1 00:00:01 web sshd[1]: m", "pri=86 host=web app=sshd pid=1 relay=relay time=1767225601000000000 message=m"},
    {"<13>Jan  1 00:00:00 fw <189>date=2026-01-01 devname=x", "pri=189 host=fw time=1767225600000000000 message=date=2026-01-01 devname=x"},
    {"<166>Jan  1 00:00:00 relay Jan 01 2026 00:00:01 fw1 : %ASA-6-302014: m", "pri=166 host=fw1 msgid=ASA-6-302014 relay=relay time=1767225601000000000 message=%ASA-6-302014: m"},
    {"<14>Jan  1 00:00:00 relay Jan  1 00:00:01 PA-VM 1,2026/01/01 00:00:01,TRAFFIC", "pri=14 host=PA-VM relay=relay time=1767225601000000000 message=1,2026/01/01 00:00:01,TRAFFIC"},
    // These only look like it: the text of whoever writes its own times, broken headers, programs that are named.
    {"<13>Jan  1 00:00:00 h 2026-01-01 00:00:01,123 INFO [main] m", "pri=13 host=h time=1767225600000000000 message=2026-01-01 00:00:01,123 INFO [main] m"},
    {"<13>Jan  1 00:00:00 h Jan  1 00:00:01 User admin logged in", "pri=13 host=h time=1767225600000000000 message=Jan  1 00:00:01 User admin logged in"},
    {"<13>Jan  1 00:00:00 h Jan  1 00:00:01 error: m", "pri=13 host=h time=1767225600000000000 message=Jan  1 00:00:01 error: m"},
    {"<13>Jan  1 00:00:00 h <86>1 2026-01-01T00:00:99Z web sshd 1 - - m", "pri=13 host=h time=1767225600000000000 message=<86>1 2026-01-01T00:00:99Z web sshd 1 - - m"},
    {"<13>Jan  1 00:00:00 h <999>m", "pri=13 host=h time=1767225600000000000 message=<999>m"},
    {"<13>Jan  1 00:00:00 h app: <86>Jan  1 00:00:01 web sshd[1]: m", "pri=13 host=h app=app time=1767225600000000000 message=<86>Jan  1 00:00:01 web sshd[1]: m"},
    {"<13>1 2026-01-01T00:00:00Z h app - - - <86>Jan  1 00:00:01 web sshd[1]: m", "pri=13 version=1 host=h app=app time=1767225600000000000 message=<86>Jan  1 00:00:01 web sshd[1]: m"},
    // The host twice, and names of several words.
    {"<13>Jan  1 00:00:00 udm udm sshd[1]: m", "pri=13 host=udm app=sshd pid=1 time=1767225600000000000 message=m"},
    {"<13>Jan  1 00:00:00 ib 10.0.0.1 dhcpd[1]: m", "pri=13 host=ib ip=10.0.0.1 app=dhcpd pid=1 time=1767225600000000000 message=m"},
    {"<13>Jan  1 00:00:00 ib 10.0.0.1 dhcpd[1]: n", "pri=13 host=ib ip=10.0.0.1 app=dhcpd pid=1 time=1767225600000000000 message=n"},
    {"<13>Jan  1 00:00:00 ib 10.0.0.1 GET: m", "pri=13 host=ib time=1767225600000000000 message=10.0.0.1 GET: m"},
    {"<13>Jan  1 00:00:00 ib 10.0.0.1 is up", "pri=13 host=ib time=1767225600000000000 message=10.0.0.1 is up"},
    {"<13>Jan  1 00:00:00 udm udm m", "pri=13 host=udm time=1767225600000000000 message=udm m"},
    {"<13>Jan  1 00:00:00 mac Google Chrome He (Renderer)[85294]: m", "pri=13 host=mac app=Google Chrome He (Renderer) pid=85294 time=1767225600000000000 message=m"},
    {"<13>Jan  1 00:00:00 mac Failed login for user[5]: m", "pri=13 host=mac time=1767225600000000000 message=Failed login for user[5]: m"},
    {"<189>Jan  1 00:00:00 esa1: CEF:0|Cisco|x", "pri=189 host=esa1 time=1767225600000000000 message=CEF:0|Cisco|x"},
    // Unix systems of other kinds.
    {"<38>Jan  1 00:00:00 sol sshd[1]: [ID 800047 auth.info] m", "pri=38 host=sol app=sshd pid=1 msgid=800047 time=1767225600000000000 message=m"},
    {"<38>Jan  1 00:00:00 sol sshd[2]: [ID 800047 auth.info] n", "pri=38 host=sol app=sshd pid=2 msgid=800047 time=1767225600000000000 message=n"},
    {"<38>Jan  1 00:00:00 sol sshd[2]: [ID x] n", "pri=38 host=sol app=sshd pid=2 time=1767225600000000000 message=[ID x] n"},
    {"<38>Jan  1 00:00:00 aix auth|security:info sshd[1]: m", "pri=38 host=aix app=sshd pid=1 time=1767225600000000000 message=m"},
    {"Mon Sep 15 14:55:11 2025 authpriv.warn dropbear[1]: m", "app=dropbear pid=1 level=warning time=1757948111000000000 !=syslog_no_priority@0 message=m"},
    {"<38>Jan  1 00:00:00 bsd <auth.info> sshd[1]: m", "pri=38 host=bsd app=sshd pid=1 time=1767225600000000000 message=m"},
    {"<38>Jan  1 00:00:00 aix Message forwarded from aix2: sshd[1]: m", "pri=38 host=aix2 app=sshd pid=1 relay=aix time=1767225600000000000 message=m"},
    {"<38>Jan  1 00:00:00 aix Message forwarded from aix2: sshd[1]: n", "pri=38 host=aix2 app=sshd pid=1 relay=aix time=1767225600000000000 message=n"},
    {"<38>Jan  1 00:00:00 h /usr/sbin/sshd[1]: m", "pri=38 host=h exe=/usr/sbin/sshd app=sshd pid=1 time=1767225600000000000 message=m"},
    {"<38>Jan  1 00:00:00 h /kernel: m", "pri=38 host=h app=/kernel time=1767225600000000000 message=m"},
    {"<38>Jan  1 00:00:00 h /usr/sbin/sshd[1]: n", "pri=38 host=h exe=/usr/sbin/sshd app=sshd pid=1 time=1767225600000000000 message=n"},
    // No priority: lines of files.
    {"Jan  1 00:00:00 h sshd[1]: m", "host=h app=sshd pid=1 time=1767225600000000000 !=syslog_no_priority@0 message=m"},
    {"2026-05-09 13:55:12 CRIT: m", "level=crit time=1778334912000000000 !=syslog_no_priority@0 message=m"},
    {"2026-05-09 13:55:12 h ERROR: m", "host=h level=err time=1778334912000000000 !=syslog_no_priority@0 message=m"},
    {"2026-05-09 13:55:12 ERROR[7]: m", "app=ERROR pid=7 time=1778334912000000000 !=syslog_no_priority@0 message=m"},
    {"2026-05-09 13:55:12 error: m", "app=error time=1778334912000000000 !=syslog_no_priority@0 message=m"},
    {"2016-10-25T12:37:24.5-07:00 WARNING kernel: [ 3.1] m", "app=kernel level=warning time=1477424244500000000 !=syslog_no_priority@0 message=[ 3.1] m"},
    {"no syslog: at all", "!=syslog_no_priority@0 !=syslog_no_timestamp message=no syslog: at all"},
    {"<Event xmlns='x'>", "!=syslog_no_priority@0 !=syslog_no_timestamp message=<Event xmlns='x'>"},
    {"<abc>x", "!=syslog_no_priority@0 !=syslog_no_timestamp message=<abc>x"},
    {"<-1>x", "!=syslog_priority@0 message=<-1>x"},
    {"<19000021>122 2018-11-22", "!=syslog_priority@0 message=<19000021>122 2018-11-22"},
    {"<1900002", "!=syslog_no_priority@0 !=syslog_no_timestamp message=<1900002"},
    {"<256>x", "!=syslog_priority@0 message=<256>x"},
    {"\xef\xbb\xbf<13>Jan  1 00:00:00 h a: m", "pri=13 host=h app=a time=1767225600000000000 message=m"},
    {"<13>Jan  1 00:00:00 h a: m\r\n\0"sv, "pri=13 host=h app=a time=1767225600000000000 message=m"},
    {"<13>\xf0\x9f\x98\xe2\x82", "pri=13 !=invalid_utf8@4 !=syslog_no_timestamp message=\xef\xbf\xbd\xef\xbf\xbd"},
    {"", "!=empty@0"},
    {"\n", "!=empty@0"},
    {"<", "!=syslog_no_priority@0 !=syslog_no_timestamp message=<"},
    {"<13>", "pri=13 !=syslog_no_timestamp@4 message="},
};

std::string parse(decltype(&parse_syslog) parser, std::string_view frame, Arena& arena, int32_t utc_offset_s = 0,
                  SyslogMemory* memory = nullptr) {
  const Padded padded(frame);
  Event event;
  arena.reset();
  event.reset();
  parser(padded.view(), {kReceivedNs, utc_offset_s, memory}, arena, event);
  return describe(event);
}

void check_cases(const Case* cases, size_t count) {
  Arena arena(1 << 16);
  for (size_t i = 0; i < count; ++i) {
    CHECK_EQ(parse(parse_syslog, cases[i].frame, arena), cases[i].event);
    CHECK_EQ(parse(parse_syslog_scalar, cases[i].frame, arena), cases[i].event);
  }
  SyslogMemory memory;
  for (int round = 0; round < 2; ++round)
    for (size_t i = 0; i < count; ++i) CHECK_EQ(parse(parse_syslog, cases[i].frame, arena, 0, &memory), cases[i].event);
}

// What was remembered of one message is of use to the next, and never read into it.
void check_memory() {
  constexpr Case kMessages[] = {
      {R"(<13>1 2026-03-01T12:00:00.5Z h a 1 m [origin@1 ip="192.0.2.1" sw="x"][m@1 n="1"] text)",
       R"(pri=13 version=1 host=h app=a pid=1 msgid=m sd={"origin@1":{"ip":"192.0.2.1","sw":"x"},"m@1":{"n":"1"}} time=1772366400500000000 message=text)"},
      {R"(<13>1 2026-03-01T12:00:59Z h a 1 m [origin@1 ip="" sw="a longer value than fits into one block of sixty-four bytes, by far"][m@1 n="22"])",
       R"(pri=13 version=1 host=h app=a pid=1 msgid=m sd={"origin@1":{"ip":"","sw":"a longer value than fits into one block of sixty-four bytes, by far"},"m@1":{"n":"22"}} time=1772366459000000000)"},
      {R"(<13>1 2026-03-01T12:00:00Z h a 1 m [origin@1 ip="1" sw="x"][m@1 n="1"][x y="z"] text)",
       R"(pri=13 version=1 host=h app=a pid=1 msgid=m sd={"origin@1":{"ip":"1","sw":"x"},"m@1":{"n":"1"},"x":{"y":"z"}} time=1772366400000000000 message=text)"},
      {R"(<13>1 2026-03-01T12:00:00Z h a 1 m [origin@1 ip="1" sw="\\"][m@1 n="1"] text)",
       R"(pri=13 version=1 host=h app=a pid=1 msgid=m sd={"origin@1":{"ip":"1","sw":"\\"},"m@1":{"n":"1"}} time=1772366400000000000 message=text)"},
      {R"(<13>1 2026-03-01T12:00:60Z h a 1 m [origin@1 :=":"] text)", "pri=13 !=syslog_timestamp@6 message=<13>1 2026-03-01T12:00:60Z h a 1 m [origin@1 :=\":\"] text"},
      {R"(<13>1 2026-03-01T12:00:00.Z h a 1 m - text)", "pri=13 !=syslog_timestamp@6 message=<13>1 2026-03-01T12:00:00.Z h a 1 m - text"},
      {R"(<13>1 - h a 1 m [origin@1 :=":"] text)", R"(pri=13 version=1 host=h app=a pid=1 msgid=m sd={"origin@1":{":":":"}} message=text)"},
      {R"(<13>1 - h a 1 m [origin@1 :="other"] text)", R"(pri=13 version=1 host=h app=a pid=1 msgid=m sd={"origin@1":{":":"other"}} message=text)"},
      {R"(<13>1 2026-03-01T12:00:60Z h a 1 m - text)", "pri=13 !=syslog_timestamp@6 message=<13>1 2026-03-01T12:00:60Z h a 1 m - text"},
      {R"(<13>1 2016-12-31T23:59:60Z - - - - -)", "pri=13 version=1 time=1483228800000000000"},
      {R"(<13>1 2016-12-31T23:59:59.9Z - - - - -)", "pri=13 version=1 time=1483228799900000000"},
      {R"(<13>1 2016-12-31T23:59:58Z - - - - -)", "pri=13 version=1 time=1483228798000000000"},
      {"<13>Mar  1 11:59:59 h a[1]: x", "pri=13 host=h app=a pid=1 time=1772366399000000000 message=x"},
      {"<14>Mar  1 11:59:08 h a[4321]: y", "pri=14 host=h app=a pid=4321 time=1772366348000000000 message=y"},
      {"<13>Mar  1 11:59:60 h a[07]: z", "pri=13 host=h app=a procid=07 time=1772366400000000000 message=z"},
      {"<13>Mar  1 11:59:59 h a: x", "pri=13 host=h app=a time=1772366399000000000 message=x"},
      {"<13>Mar  1 11:59:59 h a[1]: ", "pri=13 host=h app=a pid=1 time=1772366399000000000 message="},
      {"<13>Mar  1 11:59:59 h a[1:", "pri=13 host=h time=1772366399000000000 message=a[1:"},
  };
  Arena arena(1 << 16);
  Event event;
  for (const auto parser : {parse_syslog, parse_syslog_scalar}) {
    SyslogMemory memory;
    for (int round = 0; round < 2; ++round)
      for (const Case& one : kMessages) {
        const Padded padded(one.frame);
        arena.reset();
        event.reset();
        parser(padded.view(), {kReceivedNs, 0, &memory}, arena, event);
        CHECK_EQ(describe(event), one.event);
      }
  }
}

// A full arena is a problem of the event, not of the process.
void check_full_arena() {
  Arena tiny(32);
  const std::string broken = parse(parse_syslog, "<13>Jan  1 00:00:00 h a: \xff and some more text than fits into the arena", tiny);
  CHECK(broken.find("too_complex") != std::string::npos);
  CHECK(parse(parse_syslog, "<13>1 - - - - - [a b=\"c\"] m", tiny).find("too_complex") != std::string::npos);
}

// More names than the limit are a problem; as many as the limit are not.
void check_many_names() {
  Arena arena(1 << 20);
  for (const int count : {15, 16, 17, 1024, 1025}) {
    std::string elements = "<13>1 - - - - - ", params = "<13>1 - - - - - [x", repeated = params;
    for (int i = 0; i < count; ++i) {
      elements += "[e" + std::to_string(i) + "]";
      params += " p" + std::to_string(i) + "=\"v\"";
      repeated += " p=\"v\"";
    }
    params += "]", repeated += "]";
    for (const std::string& frame : {elements, params, repeated}) {
      const bool refused = parse(parse_syslog, frame, arena).find("too_many_fields") != std::string::npos;
      CHECK_EQ(refused, count > 1024);
    }
  }
}

void check_zone() {
  Arena arena(1024);
  CHECK_EQ(parse(parse_syslog, "<13>Jan  1 00:00:00 h a: m", arena, 3600), "pri=13 host=h app=a time=1767222000000000000 message=m");
  CHECK_EQ(parse(parse_syslog, "<13>Jan  1 00:00:00Z h a: m", arena, 3600), "pri=13 host=h app=a time=1767225600000000000 message=m");
}

}  // namespace

int main() {
  check_cases(kRfc5424, std::size(kRfc5424));
  check_cases(kBroken5424, std::size(kBroken5424));
  check_cases(kRfc3164, std::size(kRfc3164));
  check_memory();
  check_full_arena();
  check_many_names();
  check_zone();
  return check::done();
}
