// Timestamps of RFC 3164 and of what is sent in their place.
#pragma once

#include <cstdint>

namespace penstock {

/// A date and time as written; year 0: none was.
struct WrittenTime {
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  uint32_t ns = 0;
  bool has_offset = false;
  int32_t offset_s = 0;  ///< east of UTC
};

/// Reads a timestamp at `p`; returns its end, or nullptr when there is none. Understood, fractions and zones optional:
///   Oct 11 22:14:15       Oct  1 2003 22:14:15      Oct 11 22:14:15 2003      2003 Oct 11 22:14:15
///   Sat Oct 11 22:14:15   2003-10-11T22:14:15.003Z  2003-10-11 22:14:15,003   2003/10/11 22:14:15 +0200
/// Zones: Z, ±hh:mm, ±hhmm, ±hh, UTC+h, and the names in README.md of the syslog format. A leading '*' or '.' (Cisco: clock not
/// synchronised) is skipped.
const char* parse_written_time(const char* p, const char* end, WrittenTime& time);

/// To ns since the epoch. No year: the latest one that puts the time at most a day after `reference_ns` (29 February:
/// the latest leap year of that kind). No zone: `utc_offset_s`. False when int64 ns cannot hold it.
bool resolve_written_time(const WrittenTime& time, int64_t reference_ns, int32_t utc_offset_s, int64_t& ns);

}  // namespace penstock
