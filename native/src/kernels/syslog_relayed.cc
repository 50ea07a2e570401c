#include "kernels/syslog_relayed.h"

#include "kernels/bsd_time.h"
#include "kernels/syslog_severity.h"
#include "kernels/syslog_tag.h"

namespace penstock {
namespace {

std::string_view host_of(const Event& event) {
  for (size_t i = 0; i < event.field_count(); ++i)
    if (event.fields()[i].field == EcsField::kHostHostname) return event.fields()[i].value.text;
  return {};
}

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

/// More than a word of a sentence could be.
bool is_hosts_name(std::string_view text, std::string_view relay) {
  return text == relay || text.find_first_of("0123456789.-:") != text.npos;
}

}  // namespace

RelayHeader relay_header(const Event& event) {
  return {event.has_timestamp, event.timestamp_ns, event.time_text, host_of(event)};
}

bool begins_message(const Event& event, const char* content, const char* end) {
  if (!event.msgid.empty() || !event.structured_text.empty()) return false;
  const char c = *content;
  if (!event.app.empty()) return is_number(event.app) && c != '<';  // Cisco's sequence number
  if (c == '<') return end - content > 3 && is_decimal(content[1]);
  if (is_decimal(c) && content[1] == ' ' && looks_like_timestamp(content + 2, end)) return true;
  if (is_capital(c) && end - content > 3 && content[2] == '/') return true;  // a node of IOS XR
  WrittenTime time;
  return (is_decimal(c) || is_capital(c) || c == '*' || c == '.') && parse_written_time(content, end, time) != nullptr;
}

bool is_message(const Event& event, const char* content, const RelayHeader& relay) {
  if (event.failed()) return false;
  if (*content == '<' || !event.msgid.empty()) return true;
  if (!event.has_timestamp) return false;
  if (content[1] == ' ') return true;  // RFC 5424
  if (begins_content(event.message)) return true;
  const std::string_view host = host_of(event);
  if (host.empty() || severity_of_word(host) >= 0) return false;
  return !event.app.empty() || (!is_decimal(*content) && is_hosts_name(host, relay.host));
}

void add_relay(Event& event, const char* content, const RelayHeader& relay) {
  // "*": the clock of a Cisco device that is not set.
  if (relay.has_time && (!event.has_timestamp || *content == '*')) {
    event.timestamp_ns = relay.timestamp_ns;
    event.has_timestamp = true;
    event.time_text = relay.time_text;
    event.mend(Problem::kSyslogNoTimestamp);
  }
  if (relay.host.empty()) return;
  const std::string_view host = host_of(event);
  if (host.empty()) return void(event.add(EcsField::kHostHostname, Value::of_string(relay.host)));
  if (host == relay.host) return;
  for (size_t i = 0; i < event.attr_count(); ++i)
    if (event.attrs()[i].name == kRelayName) return event.set_attr(i, Value::of_string(relay.host));
  event.add_attr(kRelayName, Value::of_string(relay.host));
}

void forget_header(const SyslogMessage& m) {
  m.event.reset();
  m.event.structured_data_json = nullptr;
  if (!m.valid_utf8) m.note_invalid_utf8();
}

}  // namespace penstock
