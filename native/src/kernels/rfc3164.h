// RFC 3164 as it is really sent. The rules are stated in adapters/formats/syslog/README.md.
#pragma once

#include "kernels/syslog_message.h"

namespace penstock {

/// Parses what follows PRI (or the whole frame when it has none) from `p`. Where the content begins; nullptr: not asked for, since the
/// header was read before and a program is named in it.
const char* parse_rfc3164(const SyslogMessage& message, const char* p);

}  // namespace penstock
