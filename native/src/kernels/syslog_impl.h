// The syslog parser, once for every instruction set (see isa_scalar.h): tells the two formats apart.
#pragma once

#include "kernels/rfc3164.h"
#include "kernels/rfc5424.h"

namespace penstock {
namespace {

inline bool is_decimal(char c) { return static_cast<unsigned char>(c - '0') < 10; }

/// Does "- " or "dddd-dd-dd" stand here? Then a broken VERSION before it was meant as one.
inline bool looks_like_timestamp(const char* p, const char* end) {
  if (end - p >= 2 && p[0] == '-' && p[1] == ' ') return true;
  if (end - p < 10) return false;
  constexpr char kShape[] = "0000-00-00";
  for (int i = 0; i < 10; ++i)
    if (kShape[i] == '0' ? !is_decimal(p[i]) : p[i] != '-') return false;
  return true;
}

template <class Isa>
void parse_syslog_with(std::string_view frame, const SyslogOptions& options, Arena& arena, Event& event) {
  const char* begin = frame.data();
  const char* end = begin + frame.size();
  // Line ends and NULs that datagrams carry along are transport, not message.
  while (end > begin && (end[-1] == '\n' || end[-1] == '\r' || end[-1] == 0)) --end;
  if (begin == end) return event.note(Problem::kEmpty, 0);

  SyslogMessage m{begin, end, options, arena, event, Isa::utf8(begin, static_cast<size_t>(end - begin)), {}};
  if (!m.valid_utf8) {
    const size_t valid = utf8_valid_prefix(begin, static_cast<size_t>(end - begin));
    event.note(Problem::kInvalidUtf8, static_cast<uint32_t>(valid));
  }
  const char* p = begin;
  if (end - p > 3 && (load32(p) & 0xffffff) == kByteOrderMark) p += 3;
  m.priority = parse_priority(p, end);
  p += m.priority.size;

  if (m.priority.kind != Priority::kNone) {
    // Nearly every VERSION is one digit; the bytes after the frame's end are readable.
    if (*p >= '1' && *p <= '9' && p[1] == ' ' && end - p >= 2) return parse_rfc5424<Isa>(m, p, p + 1);
    const char* digits = p;
    while (digits < end && digits - p < 10 && is_decimal(*digits)) ++digits;
    const bool version = digits > p && digits - p <= 3 && *p != '0';
    if (version && digits == end) return m.fail(Problem::kSyslogHeader, end);
    if (digits > p && digits < end && *digits == ' ') {
      if (version) return parse_rfc5424<Isa>(m, p, digits);
      if (looks_like_timestamp(digits + 1, end)) return m.fail(Problem::kSyslogVersion, p);
    }
    if (m.priority.kind == Priority::kInvalid) return m.fail(Problem::kSyslogPriority, m.begin);
  }
  parse_rfc3164(m, p);
}

}  // namespace
}  // namespace penstock
