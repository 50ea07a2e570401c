#include "kernels/syslog.h"

#include "kernels/cpu.h"
#include "kernels/isa_scalar.h"
#include "kernels/syslog_impl.h"
#include "kernels/syslog_variants.h"

namespace penstock {
namespace {

decltype(&parse_syslog_scalar) pick() {
#if defined(__x86_64__)
  if (cpu_has_avx2()) return parse_syslog_avx2;
#endif
  return parse_syslog_scalar;
}

const auto kParse = pick();

}  // namespace

void parse_syslog(std::string_view frame, const SyslogOptions& options, Arena& arena, Event& event) {
  kParse(frame, options, arena, event);
}

void parse_syslog_scalar(std::string_view frame, const SyslogOptions& options, Arena& arena, Event& event) {
  parse_syslog_with<ScalarIsa>(frame, options, arena, event);
}

}  // namespace penstock
