// RFC 5424, section 6: HEADER SP STRUCTURED-DATA [SP MSG].
#pragma once

#include "kernels/rfc3339.h"
#include "kernels/structured_data.h"
#include "kernels/syslog_message.h"

namespace penstock {
namespace {

/// Walks the bytes that end header fields (everything but 33 to 126), one mask at a time.
template <class Isa>
class HeaderStops {
 public:
  HeaderStops(const char* p, const char* end) : block_(p), end_(end), mask_(Isa::not_printable(p)) {}
  /// The next stop; the frame's end or beyond it when there is none before.
  const char* next() {
    while (mask_ == 0) {
      block_ += Isa::kWidth;
      if (block_ >= end_) return end_;
      mask_ = Isa::not_printable(block_);
    }
    const char* const stop = block_ + Isa::lowest(mask_);
    mask_ &= mask_ - 1;
    return stop;
  }

 private:
  const char* block_;
  const char* const end_;
  uint64_t mask_;
};

/// One header field.
struct HeaderField {
  const char* from;
  const char* to;
  std::string_view text() const { return {from, static_cast<size_t>(to - from)}; }
  bool nil() const { return to - from == 1 && *from == '-'; }
};

/// What is wrong with a field that ends at `to`.
[[gnu::cold, gnu::noinline]] inline bool refuse_field(const SyslogMessage& m, const char* from, const char* to, ptrdiff_t max,
                                                      Problem problem) {
  if (to > m.end) to = m.end;
  if (to - from > max) return m.fail(problem, from + max), false;
  return m.fail(to == m.end ? Problem::kSyslogHeader : problem, to), false;
}

/// Non-empty, at most `max` bytes, followed by a space.
template <class Isa>
[[gnu::always_inline]] inline bool next_field(const SyslogMessage& m, HeaderStops<Isa>& stops, const char* from,
                                              ptrdiff_t max, Problem problem, HeaderField& field) {
  const char* const to = stops.next();
  field = {from, to};
  if (static_cast<size_t>(to - from - 1) < static_cast<size_t>(max) && to < m.end && *to == ' ') [[likely]] return true;
  return refuse_field(m, from, to, max, problem);
}

/// PROCID: a number is process.pid, anything else log.syslog.procid.
inline void add_procid(Event::HeaderFields& fields, const HeaderField& field) {
  const auto size = static_cast<unsigned>(field.to - field.from);
  uint32_t number;
  if (size <= 8 && (*field.from != '0' || size == 1) && parse_digits(field.from, size, number))
    fields.number(EcsField::kProcessPid, number, field.text());
  else if (uint32_t low; size > 8 && size <= 16 && *field.from != '0' && parse_digits(field.from, size - 8, number) &&
                         parse_digits(field.to - 8, 8, low))
    fields.number(EcsField::kProcessPid, int64_t{number} * 100'000'000 + low, field.text());
  else
    fields.text(EcsField::kLogSyslogProcid, field.text());
}

/// The part after PRI; `version_end` is the space after VERSION. Notes what is wrong, and where. Where MSG begins, nullptr when there is none.
template <class Isa>
const char* parse_rfc5424(const SyslogMessage& m, const char* version, const char* version_end) {
  Event& event = m.event;
  if (m.priority.kind != Priority::kValid || m.priority.leading_zero) return m.fail(Problem::kSyslogPriority, m.begin), nullptr;
  const char* p = version_end + 1;
  if (p >= m.end) return m.fail(Problem::kSyslogHeader, p), nullptr;
  HeaderStops<Isa> stops(p, m.end);
  HeaderField timestamp, host, app, procid, msgid;

  const char* timestamp_end = stops.next();
  if (timestamp_end > m.end) timestamp_end = m.end;
  timestamp = {p, timestamp_end};
  TimeResult time = TimeResult::kValid;
  int64_t ns = 0;
  const auto timestamp_size = static_cast<size_t>(timestamp_end - p);
  SyslogMemory* const memory = m.options.memory;
  if (!timestamp.nil()) time = memory ? parse_rfc3339(p, timestamp_size, memory->minute, ns) : parse_rfc3339(p, timestamp_size, ns);
  if (time == TimeResult::kInvalid) return m.fail(Problem::kSyslogTimestamp, p), nullptr;
  if (timestamp_end == m.end) return m.fail(Problem::kSyslogHeader, m.end), nullptr;
  if (*timestamp_end != ' ') return m.fail(Problem::kSyslogTimestamp, timestamp_end), nullptr;

  if (!next_field(m, stops, timestamp.to + 1, 255, Problem::kSyslogHostname, host)) return nullptr;
  if (!next_field(m, stops, host.to + 1, 48, Problem::kSyslogAppName, app)) return nullptr;
  if (!next_field(m, stops, app.to + 1, 128, Problem::kSyslogProcId, procid)) return nullptr;
  if (!next_field(m, stops, procid.to + 1, 32, Problem::kSyslogMsgId, msgid)) return nullptr;

  p = msgid.to + 1;
  std::string_view json, plain, whole;
  if (p == m.end) return m.fail(Problem::kSyslogHeader, p), nullptr;
  if (*p == '-') {
    ++p;
  } else if (*p == '[') {
    // Each byte becomes six at most ("\u0001"), each element and each parameter a few more than it had.
    const size_t wanted = 6 * static_cast<size_t>(m.end - p) + 64, free = m.arena.free_bytes();
    const size_t room = wanted < free ? wanted : free;
    if (room < 64) return m.fail(Problem::kTooComplex, p), nullptr;
    char* const out = m.arena.take(room);
    StructuredData<Isa> data(p, m.end, out, out + room - 32);
    if (!data.parse(memory ? &memory->structured_data : nullptr)) {
      m.arena.give_back(room);
      return m.fail(data.problem(), data.at()), nullptr;
    }
    json = {out, static_cast<size_t>(data.out() - out)};
    m.arena.give_back(room - json.size());
    if (!m.valid_utf8 && utf8_valid_prefix(json.data(), json.size()) != json.size()) {
      json = utf8_replace_invalid(json, m.arena);
      if (!json.data()) return m.fail(Problem::kTooComplex, p), nullptr;
    } else if (data.plain()) {
      plain = {p, static_cast<size_t>(data.at() - p)};
    }
    if (m.valid_utf8) whole = {p, static_cast<size_t>(data.at() - p)};
    p = data.at();
  } else {
    return m.fail(Problem::kSyslogStructuredData, p), nullptr;
  }
  if (p < m.end && *p != ' ') return m.fail(Problem::kSyslogStructuredData, p), nullptr;

  event.has_timestamp = time == TimeResult::kValid && !timestamp.nil();
  if (event.has_timestamp) event.timestamp_ns = ns, event.time_text = timestamp.text();
  if (time == TimeResult::kOutOfRange) event.note(Problem::kSyslogNoTimestamp, m.offset(timestamp.from));
  {
    Event::HeaderFields fields(event);
    m.add_priority(fields);
    fields.text(EcsField::kLogSyslogVersion, {version, static_cast<size_t>(version_end - version)});
    if (!host.nil()) fields.text(EcsField::kHostHostname, host.text());
    if (!app.nil()) fields.text(EcsField::kProcessName, event.app = app.text());
    if (!procid.nil()) add_procid(fields, procid);
    if (!msgid.nil()) fields.text(EcsField::kLogSyslogMsgid, event.msgid = msgid.text());
    if (json.data()) fields.text(EcsField::kLogSyslogStructuredData, json, ValueKind::kJson);
  }
  event.structured_data = plain;
  event.structured_text = whole;
  event.structured_data_json = json.data();
  if (p == m.end) return nullptr;
  ++p;
  if (m.end - p >= 3 && (load32(p) & 0xffffff) == kByteOrderMark) p += 3;  // says only that MSG is UTF-8
  event.message = m.text(p, m.end);
  return p;
}

}  // namespace
}  // namespace penstock
