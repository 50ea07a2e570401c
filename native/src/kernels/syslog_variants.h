// The syslog parser per instruction set; tests and fuzz targets compare them (parse_syslog_scalar is in syslog.h).
#pragma once

#include "kernels/syslog.h"

namespace penstock {

#if defined(__x86_64__)
void parse_syslog_avx2(std::string_view frame, const SyslogOptions& options, Arena& arena, Event& event);
#endif

}  // namespace penstock
