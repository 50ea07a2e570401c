#if defined(__x86_64__)
#include "kernels/isa_avx2.h"
#include "kernels/syslog_impl.h"
#include "kernels/syslog_variants.h"

namespace penstock {

void parse_syslog_avx2(std::string_view frame, const SyslogOptions& options, Arena& arena, Event& event) {
  parse_syslog_with<Avx2Isa>(frame, options, arena, event);
}

}  // namespace penstock
#endif
