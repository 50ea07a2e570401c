// What the parsers of both syslog formats share: where they read, what they write, how they give up.
#pragma once

#include "kernels/swar.h"
#include "kernels/syslog.h"
#include "kernels/syslog_severity.h"
#include "kernels/utf8.h"

namespace penstock {

/// U+FEFF in UTF-8, as a little-endian number.
inline constexpr uint32_t kByteOrderMark = 0xbfbbef;

/// PRI, or that there is none.
struct Priority {
  enum Kind : uint8_t { kNone, kValid, kInvalid } kind = kNone;
  uint8_t value = 0;
  uint8_t size = 0;  ///< bytes, brackets included
  bool leading_zero = false;
};

/// One frame being parsed.
struct SyslogMessage {
  const char* begin;
  const char* end;
  const SyslogOptions& options;
  Arena& arena;
  Event& event;
  bool valid_utf8;
  Priority priority;

  uint32_t offset(const char* at) const { return static_cast<uint32_t>(at - begin); }

  /// The text as valid UTF-8: itself, or a copy with U+FFFD in the arena. When the arena is full, its valid prefix.
  std::string_view text(const char* from, const char* to) const {
    const std::string_view raw{from, static_cast<size_t>(to - from)};
    return valid_utf8 ? raw : repaired(raw);
  }
  std::string_view repaired(std::string_view raw) const;

  /// log.syslog.priority, facility.code, severity.code and log.level, before all other fields.
  void add_priority(Event::HeaderFields& fields) const {
    const int64_t value = priority.value;
    fields.number(EcsField::kLogSyslogPriority, value);
    fields.number(EcsField::kLogSyslogFacilityCode, value >> 3);
    fields.number(EcsField::kLogSyslogSeverityCode, value & 7);
    fields.text(EcsField::kLogLevel, kSeverityNames[value & 7]);
    event.first_priority = static_cast<int16_t>(value);
  }
  void add_priority() const;

  void note_invalid_utf8() const;

  /// Gives up on the header: the whole frame is the message; a valid priority is kept.
  void fail(Problem problem, const char* at) const;
};

/// "<" 1*3DIGIT ">" with a value to 191, at `p`. Reads 8 bytes.
inline Priority parse_priority(const char* p, const char* end) {
  Priority result;
  const uint64_t bytes = load64(p);
  if (p == end || (bytes & 255) != '<') return result;
  const uint64_t marks = bytes ^ 0x3e3e3e3e3e3e3e3e;  // zero where '>' is
  const uint64_t zeros = (marks - 0x0101010101010101) & ~marks & 0x8080808080808080;
  const unsigned close = zeros ? static_cast<unsigned>(std::countr_zero(zeros)) / 8 : 8;
  if (close == 8 && end - p > 8 && all_digits(bytes >> 8 ^ 0x30303030303030)) result.kind = Priority::kInvalid;  // "<19000021>"
  if (close >= static_cast<size_t>(end - p) || close < 2 || close > 7) return result;
  const unsigned count = close - 1, shift = 64 - 8 * count;
  const uint64_t digits = (bytes >> 8 << shift) ^ (0x3030303030303030 << shift);
  if (!all_digits(digits)) {
    // "<-1>" is a priority gone wrong; "<abc>" or "<a href" is not a priority at all.
    const bool negative = (bytes >> 8 & 255) == '-' && count > 1 && all_digits((digits >> shift & ~uint64_t{255}) << shift);
    if (negative) result = {Priority::kInvalid, 0, static_cast<uint8_t>(close + 1), false};
    return result;
  }
  const uint32_t value = eight_digits(digits);
  result.kind = count <= 3 && value <= 191 ? Priority::kValid : Priority::kInvalid;
  result.value = static_cast<uint8_t>(value);
  result.size = static_cast<uint8_t>(close + 1);
  result.leading_zero = count > 1 && (bytes >> 8 & 255) == '0';
  return result;
}

}  // namespace penstock
