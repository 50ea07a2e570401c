// Syslog messages: RFC 5424, and RFC 3164 as it is really sent.
#pragma once

#include "kernels/event.h"
#include "kernels/rfc3164_memory.h"
#include "kernels/rfc3339.h"
#include "kernels/structured_data_memory.h"

namespace penstock {

/// What one thread's parser remembers of earlier messages; it never changes what a message becomes.
struct SyslogMemory {
  MinuteMemory minute;
  StructuredDataMemory structured_data;
  Rfc3164Memory rfc3164;
};

/// Settings of one listener; `received_ns` changes per chunk.
struct SyslogOptions {
  int64_t received_ns = 0;        ///< reference for the missing year (RFC 3164): the year that puts the event nearest to it,
                                  ///< at most one day in the future
  int32_t utc_offset_s = 0;       ///< zone of timestamps that name none
  SyslogMemory* memory = nullptr;
};

/// Parses one frame into `event`. Never fails: what is not understood is noted (`event.note`) and the whole frame is the
/// message. Frame may be read kPadding bytes past its end. Sets timestamp, message, ECS fields (host.hostname,
/// process.name, process.pid, log.level, log.syslog.*); `original`, `created_ns`, `id`, `peer` are the caller's.
void parse_syslog(std::string_view frame, const SyslogOptions& options, Arena& arena, Event& event);

/// The same, byte by byte: the oracle the SIMD version is fuzzed against.
void parse_syslog_scalar(std::string_view frame, const SyslogOptions& options, Arena& arena, Event& event);

}  // namespace penstock
