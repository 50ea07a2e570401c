// The TIMESTAMP of RFC 5424, section 6.2.3: RFC 3339 with upper-case 'T' and 'Z' and a mandatory zone.
#pragma once

#include "kernels/civil_time.h"
#include "kernels/swar.h"

#include <cstddef>

namespace penstock {

enum class TimeResult : uint8_t { kValid, kOutOfRange, kInvalid };

/// ns of "." and one to nine digits at p + 19, `size` bytes with the point; none: 0. Reads 8 bytes past the end.
inline bool parse_fraction(const char* p, size_t size, uint32_t& ns) {
  ns = 0;
  if (size == 0) return true;
  if (p[19] != '.' || size < 2 || size > 10) return false;
  const unsigned count = static_cast<unsigned>(size - 1), eight = count < 8 ? count : 8;
  const uint64_t keep = ~uint64_t{0} >> (64 - 8 * eight);
  const uint64_t digits = (load64(p + 20) ^ 0x3030303030303030) & keep;  // missing digits are zeros
  const unsigned ninth = count == 9 ? static_cast<unsigned>(p[28] - '0') : 0;
  if (!all_digits(digits) || ninth > 9) return false;
  ns = eight_digits(digits) * 10 + ninth;
  return true;
}

/// Exactly `size` bytes at `p`, e.g. "2003-10-11T22:14:15.003-07:00", to ns since the epoch. One to nine digits of
/// fraction (RFC 5424 allows six). 23:59:60 UTC, which RFC 5424 forbids and clocks send, is the second that follows.
/// kOutOfRange: a valid date outside kFirstYear to kLastYear. Reads 8 bytes past the end.
inline TimeResult parse_rfc3339(const char* p, size_t size, int64_t& ns) {
  if (size < 20) return TimeResult::kInvalid;
  // XOR with the layout turns digits into 0..9 and separators into 0; the sum then carries into bit 7 what is neither.
  const uint64_t date = load64(p) ^ 0x2d30302d30303030;      // "0000-00-"
  const uint64_t time = load64(p + 8) ^ 0x30303a3030543030;  // "00T00:00"
  const uint32_t second = load32(p + 16) ^ 0x0030303a;       // ":00" and one byte more
  constexpr uint64_t kDate = 0x7f76767f76767676, kTime = 0x76767f76767f7676;
  if ((((date + kDate) | date) | ((time + kTime) | time)) & 0x8080808080808080) return TimeResult::kInvalid;
  if (((second & 0xffffff) + 0x0076767f) & 0x00808080 || second & 0x00808080) return TimeResult::kInvalid;

  const uint64_t date_pairs = date * 10 + (date >> 8), time_pairs = time * 10 + (time >> 8);
  const int year = static_cast<int>((date_pairs & 255) * 100 + (date_pairs >> 16 & 255));
  const unsigned month = date_pairs >> 40 & 255, day = time_pairs & 255;
  const unsigned hour = time_pairs >> 24 & 255, minute = time_pairs >> 48 & 255;
  const unsigned sec = (second >> 8 & 255) * 10 + (second >> 16 & 255);

  int64_t offset = 0;
  size_t zone = 1;
  if (p[size - 1] != 'Z') {
    zone = 6;
    if (size < 25) return TimeResult::kInvalid;
    const char* z = p + size - 6;
    const uint64_t digits = (load64(z + 1) & 0xffffffffff) ^ 0x30303a3030;  // "00:00"
    if ((((digits + 0x76767f7676) | digits) & 0x8080808080) || (*z != '+' && *z != '-')) return TimeResult::kInvalid;
    const unsigned h = (digits & 255) * 10 + (digits >> 8 & 255), m = (digits >> 24 & 255) * 10 + (digits >> 32 & 255);
    if (h > 23 || m > 59) return TimeResult::kInvalid;
    offset = static_cast<int64_t>(h * 3600 + m * 60) * (*z == '-' ? -1 : 1);
  }

  uint32_t fraction = 0;
  if (!parse_fraction(p, size - 19 - zone, fraction)) return TimeResult::kInvalid;

  if (month - 1 > 11 || day == 0 || day > days_in_month(year, month) || hour > 23 || minute > 59 || sec > 60)
    return TimeResult::kInvalid;
  const int64_t seconds = days_from_civil(year, month, day) * kSecondsPerDay + hour * 3600 + minute * 60 + sec - offset;
  if (sec == 60 && seconds % kSecondsPerDay != 0) return TimeResult::kInvalid;
  if (year < kFirstYear || year > kLastYear) return TimeResult::kOutOfRange;
  ns = seconds * kNsPerSecond + fraction;
  return TimeResult::kValid;
}

/// The minute of UTC that was read last: most of a sender's messages are of the same.
struct MinuteMemory {
  uint64_t text[2] = {0x2d31302d30373931, 0x30303a3030543130};  ///< "1970-01-01T00:00"
  int64_t ns = 0;                                                ///< when it began
};

/// The same, with less work in the minute that `memory` knows.
inline TimeResult parse_rfc3339(const char* p, size_t size, MinuteMemory& memory, int64_t& ns) {
  if (size < 20 || p[size - 1] != 'Z') return parse_rfc3339(p, size, ns);
  const uint64_t text[2] = {load64(p), load64(p + 8)};
  if (text[0] == memory.text[0] && text[1] == memory.text[1]) [[likely]] {
    const uint32_t second = load32(p + 16) ^ 0x0030303a;  // as above
    const unsigned sec = (second >> 8 & 255) * 10 + (second >> 16 & 255);
    uint32_t fraction;
    if (!(((second & 0xffffff) + 0x0076767f) & 0x00808080) && !(second & 0x00808080) && sec < 60 && parse_fraction(p, size - 20, fraction)) {
      ns = memory.ns + sec * kNsPerSecond + fraction;
      return TimeResult::kValid;
    }
    return parse_rfc3339(p, size, ns);
  }
  const TimeResult result = parse_rfc3339(p, size, ns);
  if (result != TimeResult::kValid || p[17] == '6') return result;  // a leap second is told as of the next minute
  constexpr int64_t kMinute = 60 * kNsPerSecond;
  memory = {{text[0], text[1]}, ns - ((ns % kMinute) + kMinute) % kMinute};
  return result;
}

}  // namespace penstock
