// For the syslog tests: an event as one line of text, "time=… host.hostname=… message=… !problem@offset".
#pragma once

#include "kernels/syslog.h"

#include <string>
#include <vector>

namespace syslog_test {

using penstock::EcsField;
using penstock::Event;

inline const char* short_name(EcsField field) {
  switch (field) {
    case EcsField::kHostHostname: return "host";
    case EcsField::kHostIp: return "ip";
    case EcsField::kProcessName: return "app";
    case EcsField::kProcessExecutable: return "exe";
    case EcsField::kProcessPid: return "pid";
    case EcsField::kLogLevel: return "level";
    case EcsField::kLogSyslogPriority: return "pri";
    case EcsField::kLogSyslogFacilityCode: return "facility";
    case EcsField::kLogSyslogSeverityCode: return "severity";
    case EcsField::kLogSyslogVersion: return "version";
    case EcsField::kLogSyslogMsgid: return "msgid";
    case EcsField::kLogSyslogProcid: return "procid";
    case EcsField::kLogSyslogStructuredData: return "sd";
    default: return "?";
  }
}

/// Facility, severity and level follow from pri; they are left out unless there is no pri.
inline std::string describe(const Event& event) {
  std::string out;
  const auto add = [&out](std::string_view name, std::string_view value) {
    if (!out.empty()) out += ' ';
    out.append(name).append("=").append(value);
  };
  bool pri = false;
  for (size_t i = 0; i < event.field_count(); ++i) {
    const auto& [field, value] = event.fields()[i];
    pri |= field == EcsField::kLogSyslogPriority;
    if (pri && (field == EcsField::kLogLevel || field == EcsField::kLogSyslogFacilityCode ||
                field == EcsField::kLogSyslogSeverityCode))
      continue;
    add(short_name(field), value.kind == penstock::ValueKind::kInt64 ? std::to_string(value.i) : std::string(value.text));
  }
  for (size_t i = 0; i < event.attr_count(); ++i)
    add(event.attrs()[i].name == "log.syslog.relay.hostname" ? "relay" : event.attrs()[i].name, event.attrs()[i].value.text);
  if (event.has_timestamp) add("time", std::to_string(event.timestamp_ns));
  for (unsigned p = 1; p < static_cast<unsigned>(penstock::Problem::kCount); ++p)
    if (event.problems >> p & 1) {
      add("!", penstock::kProblemTable[p].label);
      if (static_cast<unsigned>(event.problem) == p) out += "@" + std::to_string(event.problem_offset);
    }
  if (event.message.data()) add("message", event.message);
  return out;
}

/// `text` with the padding kernels may read, filled with bytes that would be seen if they were used.
struct Padded {
  explicit Padded(std::string_view text, char filler = '"') : size(text.size()), bytes(text) {
    bytes.append(penstock::kPadding, filler);
    bytes.shrink_to_fit();
  }
  std::string_view view() const { return {bytes.data(), size}; }
  size_t size;
  std::string bytes;
};

}  // namespace syslog_test
