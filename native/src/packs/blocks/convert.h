// Texts as numbers, truths, durations and canonical addresses. Each takes the whole text, blanks around it aside, and is false
// (or a view with data() == nullptr) for anything else: what does not fit is never guessed at.
#pragma once

#include "kernels/common.h"

namespace penstock::packs {

/// Decimal with an optional sign, or hexadecimal after 0x, in the range of int64 (0x8000000000000000 and above do not fit).
bool to_int(std::string_view text, int64_t& value);

/// Decimal, with an optional sign, point and exponent; no infinity, no NaN. A point or a comma (not both) before decimals.
bool to_double(std::string_view text, double& value);

/// true/false, yes/no, on/off, y/n, t/f, 1/0, enabled/disabled, in any case.
bool to_bool(std::string_view text, bool& value);

/// `1h2m3.5s`, `350ms`, `1d 2h`, `2 days, 03:04:05`, `0:02:03.5`, ISO 8601 (`PT1H2M`), or a number alone in units of
/// `unit_ns`; to ns. Units: ns, us (µs), ms, s, m, h, d, w and their English names.
bool to_duration(std::string_view text, int64_t unit_ns, int64_t& ns);

/// An IP address as RFC 5952 writes it; brackets and a zone (%eth0) are not kept; IPv4 mapped to IPv6 is the IPv4 address.
std::string_view canonical_ip(std::string_view text, Arena& scratch);

/// A MAC address (EUI-48 or EUI-64: xx:xx:…, xx-xx-…, xxxx.xxxx.xxxx or bare digits) as ECS has it: 00-00-5E-00-53-23.
std::string_view canonical_mac(std::string_view text, Arena& scratch);

/// `host:port`, `[v6]:port`, `v6`, `host`; `v6.port` (BSD) is not told apart. False: no host, or no port from 0 to 65535 after
/// a colon. `port` is -1 where none is given.
bool split_host_port(std::string_view text, std::string_view& host, int32_t& port);

}  // namespace penstock::packs
