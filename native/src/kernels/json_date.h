// Dates as JSON documents write them.
#pragma once

#include <cstdint>
#include <string_view>

namespace penstock {

/// RFC 3339 text (section 5.6; a space instead of T is taken, digits past the ninth of a fraction are cut) to ns since the epoch.
/// False when it is none or lies outside 1677-09-21 to 2262-04-11.
bool rfc3339_ns(std::string_view text, int64_t& ns);

/// Decimal epoch time, with or without a fraction, to ns. The unit follows from the magnitude of the whole part:
/// below 10^11 seconds, below 10^14 ms, below 10^17 µs, else ns. Exact: no floating point. False for anything else.
bool epoch_ns(std::string_view text, int64_t& ns);

/// Either of the two.
inline bool date_ns(std::string_view text, int64_t& ns) { return rfc3339_ns(text, ns) || epoch_ns(text, ns); }

}  // namespace penstock
