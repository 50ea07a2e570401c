// Messages that a relay passed on with a header of its own before theirs: "<13>Oct 11 22:14:15 relay <86>Oct 11 22:14:14 host sshd[1]: …".
// What the inner header says counts; what it leaves out, the relay's says.
#pragma once

#include "kernels/syslog_message.h"

namespace penstock {

inline bool is_decimal(char c) { return static_cast<unsigned char>(c - '0') < 10; }

/// Does "- " or "dddd-dd-dd" stand here? Then a VERSION, or a broken one, stands before it.
inline bool looks_like_timestamp(const char* p, const char* end) {
  if (end - p >= 2 && p[0] == '-' && p[1] == ' ') return true;
  if (end - p < 10) return false;
  constexpr char kShape[] = "0000-00-00";
  for (int i = 0; i < 10; ++i)
    if (kShape[i] == '0' ? !is_decimal(p[i]) : p[i] != '-') return false;
  return true;
}

/// The attribute that names who passed a message on.
inline constexpr std::string_view kRelayName = "log.syslog.relay.hostname";

/// What a relay's header says.
struct RelayHeader {
  bool has_time;
  int64_t timestamp_ns;
  std::string_view time_text, host;
};
RelayHeader relay_header(const Event& event);

/// Looks like a message within one: content without a program before it that begins with a PRI, a timestamp or what Cisco puts there.
bool begins_message(const Event& event, const char* content, const char* end);

/// The same, asked of every message: nearly all name a program.
inline bool may_be_relayed(const Event& event, const char* content, const char* end) {
  if (content >= end || (!event.app.empty() && !is_decimal(event.app[0]))) [[likely]] return false;
  return begins_message(event, content, end);
}

/// Whether what was parsed from `content` is a message, and no text that only begins as one.
bool is_message(const Event& event, const char* content, const RelayHeader& relay);

/// Completes a message by what its relay said, and tells the relay (log.syslog.relay.hostname).
void add_relay(Event& event, const char* content, const RelayHeader& relay);

/// Takes back what was read of the message.
void forget_header(const SyslogMessage& m);

}  // namespace penstock
