// RFC 3164 as it is really sent. The rules are stated in adapters/formats/syslog/README.md.
#pragma once

#include "kernels/syslog_message.h"

namespace penstock {

/// Parses what follows PRI (or the whole frame when it has none) from `p`.
void parse_rfc3164(const SyslogMessage& message, const char* p);

}  // namespace penstock
