// Records of one Linux audit event: lines `type=… msg=audit(SECONDS.MS:SERIAL): …` that follow each other with the same time and serial.
//
// Only bare lines are looked at, as files have them, and only within a chunk: what a crash makes be done again is whole chunks, so
// joining there gives the same events again, and nothing waits for a record that never comes.
#pragma once

#include <string_view>

namespace penstock {

/// Records of an event that are joined; more begin another.
inline constexpr unsigned kAuditRecordsMax = 64;

/// `SECONDS.MS:SERIAL` of a record; empty: it is none.
inline std::string_view audit_id(std::string_view line) {
  if (!line.starts_with("type=") && !line.starts_with("node=")) return {};
  constexpr std::string_view kMark = " msg=audit(";
  const size_t at = line.substr(0, 256).find(kMark);
  if (at == line.npos) return {};
  const std::string_view rest = line.substr(at + kMark.size(), 64);
  const size_t end = rest.find(')');
  return end == rest.npos ? std::string_view() : rest.substr(0, end);
}

}  // namespace penstock
