// The syslog parser, once for every instruction set (see isa_scalar.h): tells the two formats apart.
#pragma once

#include "kernels/rfc3164.h"
#include "kernels/rfc5424.h"
#include "kernels/syslog_relayed.h"

namespace penstock {
namespace {

/// One message from PRI on. Without PRI it has `m.priority`, as a message within another does. Where its content begins; nullptr: nothing within it is another.
template <class Isa>
const char* parse_message(SyslogMessage& m, const char* p) {
  const char* const end = m.end;
  const Priority own = parse_priority(p, end);
  if (own.kind != Priority::kNone) m.priority = own;
  p += own.size;

  if (m.priority.kind != Priority::kNone) {
    // Nearly every VERSION is one digit; the bytes after the frame's end are readable.
    if (*p >= '1' && *p <= '9' && p[1] == ' ' && end - p >= 2) return parse_rfc5424<Isa>(m, p, p + 1);
    const char* digits = p;
    while (digits < end && digits - p < 10 && is_decimal(*digits)) ++digits;
    const bool version = digits > p && digits - p <= 3 && *p != '0';
    if (version && digits == end) return m.fail(Problem::kSyslogHeader, end), nullptr;
    if (digits > p && digits < end && *digits == ' ') {
      if (version) return parse_rfc5424<Isa>(m, p, digits);
      if (looks_like_timestamp(digits + 1, end)) return m.fail(Problem::kSyslogVersion, p), nullptr;
    }
    if (m.priority.kind == Priority::kInvalid) return m.fail(Problem::kSyslogPriority, m.begin), nullptr;
  }
  return parse_rfc3164(m, p);
}

template <class Isa>
void parse_passed_on(SyslogMessage& m, const char* from, int relays);

/// The content of the message at `from` looks like a message that a relay passed on.
template <class Isa>
[[gnu::cold, gnu::noinline]] void parse_within(SyslogMessage& m, const char* from, const char* content, int relays) {
  const RelayHeader relay = relay_header(m.event);
  const Priority priority = m.priority;
  forget_header(m);
  parse_passed_on<Isa>(m, content, relays + 1);
  if (is_message(m.event, content, relay)) return add_relay(m.event, content, relay);
  forget_header(m);
  m.priority = priority;
  parse_message<Isa>(m, from);
}

/// The message at `from`, or the one within it when relays passed it on.
template <class Isa>
void parse_passed_on(SyslogMessage& m, const char* from, int relays) {
  constexpr int kRelaysMax = 3;
  const char* const content = parse_message<Isa>(m, from);
  if (content && relays < kRelaysMax && may_be_relayed(m.event, content, m.end)) [[unlikely]]
    parse_within<Isa>(m, from, content, relays);
}

template <class Isa>
void parse_syslog_with(std::string_view frame, const SyslogOptions& options, Arena& arena, Event& event) {
  const char* begin = frame.data();
  const char* end = begin + frame.size();
  // Line ends and NULs that datagrams carry along are transport, not message.
  while (end > begin && (end[-1] == '\n' || end[-1] == '\r' || end[-1] == 0)) --end;
  if (begin == end) return event.note(Problem::kEmpty, 0);

  SyslogMessage m{begin, end, options, arena, event, Isa::utf8(begin, static_cast<size_t>(end - begin)), {}};
  if (!m.valid_utf8) m.note_invalid_utf8();
  const char* p = begin;
  if (end - p > 3 && (load32(p) & 0xffffff) == kByteOrderMark) p += 3;
  parse_passed_on<Isa>(m, p, 0);
}

}  // namespace
}  // namespace penstock
