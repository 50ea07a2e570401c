// Dates as JSON documents write them.
#pragma once

#include <string_view>

#include "kernels/rfc3339.h"

namespace penstock {

/// Decimal epoch time, with or without a fraction, to ns. The unit follows from the magnitude of the whole part:
/// below 10^11 seconds, below 10^14 ms, below 10^17 µs, else ns. Exact: no floating point. False for anything else.
bool epoch_ns(std::string_view text, int64_t& ns);

/// RFC 3339 (upper-case T and Z, at most nine digits of fraction) or epoch time. Reads 8 bytes past the end of `text`.
inline bool date_ns(std::string_view text, int64_t& ns) {
  return parse_rfc3339(text.data(), text.size(), ns) == TimeResult::kValid || epoch_ns(text, ns);
}

}  // namespace penstock
