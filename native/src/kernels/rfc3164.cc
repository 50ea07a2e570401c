#include "kernels/rfc3164.h"

#include "kernels/bsd_time.h"
#include "kernels/syslog_relayed.h"
#include "kernels/syslog_severity.h"
#include "kernels/syslog_tag.h"

namespace penstock {
namespace {

const char* skip_spaces(const char* p, const char* end) {
  while (p < end && *p == ' ') ++p;
  return p;
}

std::string_view between(const char* from, const char* to) { return {from, static_cast<size_t>(to - from)}; }

/// Text followed by a space: its end, or nullptr when no space follows.
const char* token_end(const char* p, const char* end) {
  return p < end ? static_cast<const char*>(std::memchr(p, ' ', static_cast<size_t>(end - p))) : nullptr;
}

/// A label as Cisco puts before the timestamp: sequence number, host, node, task ("*spamApTask1"), uptime ("1w2d",
/// "00:01:01"). Its end is a colon that a space or, on IOS XR, the timestamp follows; nullptr when there is none.
const char* cisco_label_end(const char* p, const char* end) {
  const char* const from = p;
  if (p < end && *p == '*') ++p;
  for (; p < end && p - from < 64 && is_host_char(*p); ++p) {
    if (*p != ':' || p == from) continue;
    WrittenTime time;
    if (p + 1 < end && (p[1] == ' ' || parse_written_time(p + 1, end, time))) return p;
  }
  return nullptr;
}

/// A host's name or address, not a number, an uptime or a node of IOS XR ("RP/0/RP0/CPU0").
bool is_host_label(std::string_view label) {
  const bool letter = static_cast<unsigned char>((label[0] | 32) - 'a') < 26;
  return (letter && label.find('/') == label.npos) || is_ipv4(label);
}

/// A host before a node of IOS XR: "router RP/0/RP0/CPU0:Oct 11 22:14:15". Where the node begins, or nullptr.
const char* node_after_host(const char* p, const char* end) {
  const char* const space = token_end(p, end);
  if (!space || space - p > 63 || !starts_host(*p)) return nullptr;
  for (const char* c = p; c < space; ++c)
    if (!is_host_char(*c) || *c == ':') return nullptr;
  const char* const colon = cisco_label_end(space + 1, end);
  return colon && between(space + 1, colon).find('/') != std::string_view::npos ? space + 1 : nullptr;
}

/// What stands before the content of a message.
struct Header {
  bool has_time = false;
  WrittenTime time;
  const char* time_at = nullptr;
  std::string_view host;
  const char* rest;
  std::string_view time_text;
};

/// [":"] *( label ": " ) timestamp ":" or a "%FACILITY-…" token.
bool parse_cisco_header(const char* p, const char* end, Header& header) {
  constexpr int kMaxLabels = 3;
  std::string_view host;
  if (p < end && *p == ':') p = skip_spaces(p + 1, end);
  for (int labels = 0; labels <= kMaxLabels && p < end; ++labels) {
    WrittenTime time;
    if (const char* after = parse_written_time(p, end, time)) {
      if (const char* zone = after; zone < end && *zone == ' ') {  // a zone name we do not know
        ++zone;
        while (zone < end && zone - after < 8 && static_cast<unsigned char>((*zone | 32) - 'a') < 26) ++zone;
        if (zone < end && *zone == ':') after = zone;
      }
      after = skip_spaces(after, end);
      if (after >= end || *after != ':') return false;
      header = {true, time, p, host, skip_spaces(after + 1, end), {}};
      return true;
    }
    if (*p == '%' && labels > 0) {
      header.host = host;
      header.rest = p;
      return true;
    }
    const char* const label = p;
    const char* const colon = cisco_label_end(p, end);
    if (const char* const node = colon ? nullptr : node_after_host(p, end)) {
      if (host.empty()) host = between(p, node - 1);
      p = node;
      continue;
    }
    if (!colon) return false;
    if (host.empty() && is_host_label(between(label, colon))) host = between(label, colon);
    p = skip_spaces(colon + 1, end);
  }
  return false;
}

/// HOSTNAME after the timestamp. Without one, `p` stays.
std::string_view take_host(const char*& p, const char* end) {
  const char* const space = token_end(p, end);
  if (!space || space == p || space - p > 255 || !starts_host(*p)) return {};
  const char* last = space;
  if (last[-1] == ':') {
    // "host: %ASA-…", "host: CEF:…" and "10.0.0.1: …"; any other "word:" is the tag.
    --last;
    if (!begins_content(between(space + 1, end)) && !is_ipv4(between(p, last))) return {};
  }
  for (const char* c = p; c < last; ++c)
    if (!is_host_char(*c)) return {};
  const std::string_view host = between(p, last);
  SyslogTag tag;
  if ((is_severity_word(host, true) || is_facility_and_severity(host)) && parse_syslog_tag(skip_spaces(space, end), end, tag)) return {};
  p = skip_spaces(space, end);
  return host;
}

/// All that stands before the severity word, the tag and the content.
void parse_header(const char* p, const char* end, Header& header) {
  header.rest = p;
  if (const char* after = parse_written_time(p, end, header.time)) {
    header.has_time = true;
    header.time_at = p;
    header.time_text = between(p, after);
    if (after < end && *after == ':') ++after;
    header.rest = skip_spaces(after, end);
    header.host = take_host(header.rest, end);
  } else if (parse_cisco_header(p, end, header) && header.has_time && header.host.empty()) {
    header.host = take_host(header.rest, end);
  }
}

/// The severity that a word tells: "notice", AIX' "auth|security:info", FreeBSD's "<auth.info>". −1: none.
int severity_in(std::string_view word) {
  if (word.size() > 2 && word.front() == '<' && word.back() == '>') word = word.substr(1, word.size() - 2);
  const size_t facility = word.find_last_of(":.");
  return severity_of_word(facility == word.npos ? word : word.substr(facility + 1));
}

/// A severity word that a tag follows ("notice mcpd[6760]: …"). Without one, `p` stays.
int take_severity_word(const char*& p, const char* end) {
  const char* const space = token_end(p, end);
  if (!space || space - p > 24) return -1;
  const int severity = severity_in(between(p, space));
  SyslogTag tag;
  if (severity < 0 || !parse_syslog_tag(skip_spaces(space, end), end, tag)) return -1;
  p = skip_spaces(space, end);
  return severity;
}

/// "Message forwarded from HOST: ", as syslogd of AIX, HP-UX and Solaris writes what it passes on. The host, or nothing and `p` stays.
std::string_view take_forwarded_from(const char*& p, const char* end) {
  constexpr std::string_view kWords = "Message forwarded from ";
  if (end - p <= static_cast<ptrdiff_t>(kWords.size()) || *p != 'M' || std::memcmp(p, kWords.data(), kWords.size()) != 0) return {};
  const char* const from = p + kWords.size();
  const char* const space = token_end(from, end);
  if (!space || space - from < 2 || space - from > 255 || space[-1] != ':') return {};
  for (const char* c = from; c < space - 1; ++c)
    if (!is_host_char(*c)) return {};
  p = space + 1;
  return between(from, space - 1);
}

constexpr uint32_t kMessageIdBegins = '[' | 'I' << 8 | 'D' << 16 | ' ' << 24;

/// Solaris' "[ID 800047 auth.info] ". The number, or nothing and `p` stays.
std::string_view take_message_id(const char*& p, const char* end) {
  if (end - p < 4 || load32(p) != kMessageIdBegins) return {};
  const char* const from = p + 4;
  const char* to = from;
  while (to < end && static_cast<unsigned char>(*to - '0') < 10) ++to;
  if (to == from || to - from > 10 || to == end || *to != ' ') return {};
  const char* close = to + 1;
  while (close < end && close - to < 24 && *close > ' ' && *close != ']') ++close;
  if (end - close < 2 || close[0] != ']' || close[1] != ' ') return {};
  p = close + 2;
  return between(from, to);
}

/// The host once more before the tag, as some gateways write it ("gw gw sshd[1]: …"), or its address, as Infoblox does. Which, or nothing and `p` stays.
std::string_view take_host_again(const char*& p, const char* end, std::string_view host) {
  const char* const space = token_end(p, end);
  if (!space || space - p > 255) return {};
  const std::string_view word = between(p, space);
  if (word != host && !is_ipv4(word)) return {};
  SyslogTag tag;
  const char* const behind = skip_spaces(space, end);
  if (!parse_syslog_tag(behind, end, tag) || (word != host && tag.procid.empty())) return {};  // "192.0.2.7 GET: …" is a text
  p = behind;
  return word;
}

void add_tag(Event& event, const SyslogTag& tag) {
  event.app = tag.name;
  // "/usr/sbin/sshd"; but "/kernel" is what BSD's kernels call themselves.
  if (const size_t directory = tag.name.rfind('/'); tag.name.front() == '/' && directory > 0) {
    event.add(EcsField::kProcessExecutable, Value::of_string(tag.name));
    event.app = tag.name.substr(directory + 1);
  }
  event.add(EcsField::kProcessName, Value::of_string(event.app));
  if (tag.procid.empty()) return;
  const auto size = static_cast<unsigned>(tag.procid.size());
  uint32_t pid;
  if (size <= 8 && (tag.procid[0] != '0' || size == 1) && parse_digits(tag.procid.data(), size, pid))
    event.add(EcsField::kProcessPid, Value::of_digits(pid, tag.procid));
  else
    event.add(EcsField::kLogSyslogProcid, Value::of_string(tag.procid));
}

/// A header of which all but the seconds and the process id has been read before, in one go. False: it is another, and nothing is done.
bool take_known(const SyslogMessage& m, const char* p, const Rfc3164Memory& memory) {
  constexpr size_t kTime = Rfc3164Memory::kTimeBytes;
  const char* const end = m.end;
  int64_t ns;
  if (end - p < static_cast<ptrdiff_t>(kTime) || !memory.time(p, m.options.received_ns, m.options.utc_offset_s, ns)) return false;
  const Rfc3164Memory::Words* const known = memory.words(p + kTime, end);
  if (!known) return false;
  const char* const words = p + kTime;
  const char* content = words + known->size;
  std::string_view procid;
  uint32_t pid = 0;
  if (content[-1] == '[') {
    const char* const from = content;
    while (content < end && static_cast<unsigned char>(*content - '0') < 10) ++content;
    procid = between(from, content);
    // As others are read is for those who read them.
    if (procid.empty() || procid.size() > 8 || (procid[0] == '0' && procid.size() > 1)) return false;
    if (end - content < 3 || (load32(content) & 0xffffff) != (']' | ':' << 8 | ' ' << 16)) return false;
    parse_digits(from, static_cast<unsigned>(procid.size()), pid);
    content += 3;
  }
  if (content < end && (*content == '%' || load32(content) == kMessageIdBegins)) return false;  // Cisco's mnemonic, Solaris' id
  Event& event = m.event;
  event.timestamp_ns = ns;
  event.has_timestamp = true;
  event.time_text = between(p, words);
  event.app = {words + known->tag_at, known->tag_size};
  Event::HeaderFields fields(event);
  m.add_priority(fields);
  fields.text(EcsField::kHostHostname, {words + known->host_at, known->host_size});
  fields.text(EcsField::kProcessName, event.app);
  if (!procid.empty()) fields.number(EcsField::kProcessPid, pid, procid);
  event.message = m.text(content, end);
  return true;
}

/// What was read of a header that take_known may meet again.
void learn(const SyslogMessage& m, const Header& header, int64_t ns, std::string_view host, const SyslogTag& tag, Rfc3164Memory& memory) {
  const WrittenTime& time = header.time;
  const char* const words = header.time_text.data() + header.time_text.size();
  if (header.time_text.size() != Rfc3164Memory::kTimeBytes || time.year != 0 || time.has_offset || *words != ' ') return;
  memory.learn_time(header.time_text.data(), time.second, ns, m.options.utc_offset_s);
  // Cisco's sequence number: what follows may be a header of its own. A path says more than a name.
  if (is_number(tag.name) || tag.name.front() == '/') return;
  // "host:" and nothing for a host are decided by what follows the tag.
  if (host.empty() || host.data()[host.size()] != ' ') return;
  const char* const to = tag.name.data() + tag.name.size();
  if (*to == '[') memory.learn_words(words, to + 1, host, tag.name);
  else if (m.end - to >= 2 && to[1] == ' ') memory.learn_words(words, to + 2, host, tag.name);
}

}  // namespace

const char* parse_rfc3164(const SyslogMessage& m, const char* p) {
  Event& event = m.event;
  const char* const end = m.end;
  const bool has_priority = m.priority.kind == Priority::kValid;
  Rfc3164Memory* const memory = m.options.memory && has_priority ? &m.options.memory->rfc3164 : nullptr;
  if (memory && take_known(m, p, *memory)) return nullptr;
  p = skip_spaces(p, end);
  if (!has_priority) event.note(Problem::kSyslogNoPriority, 0);

  Header header;
  parse_header(p, end, header);
  int64_t ns;
  if (header.has_time && resolve_written_time(header.time, m.options.received_ns, m.options.utc_offset_s, ns)) {
    event.timestamp_ns = ns;
    event.has_timestamp = true;
    event.time_text = header.time_text;
  } else {
    event.note(Problem::kSyslogNoTimestamp, m.offset(header.has_time ? header.time_at : p));
  }
  if (has_priority) m.add_priority();

  p = header.rest;
  std::string_view host = header.host;
  std::string_view again;
  int word = -1;
  if (header.has_time) {
    if (end - p >= 3 && std::memcmp(p, ": %", 3) == 0) p += 2;
    if (!host.empty()) again = take_host_again(p, end, host);
    word = take_severity_word(p, end);
    if (const std::string_view from = take_forwarded_from(p, end); !from.empty()) {
      if (!host.empty()) event.add_attr(kRelayName, Value::of_string(host));
      host = from;
    }
  }
  if (!host.empty()) event.add(EcsField::kHostHostname, Value::of_string(host));
  const bool has_address = !again.empty() && again != host;
  if (has_address) event.add(EcsField::kHostIp, Value::of_string(again));

  // Without priority and timestamp nothing says that this is syslog: "word: …" is then just text.
  SyslogTag tag;
  if (((has_priority || header.has_time) && parse_syslog_tag(p, end, tag)) || (!host.empty() && header.has_time && parse_spaced_tag(p, end, tag))) {
    // Files of programs have it where syslog has the tag: "2026-03-01 12:00:00 ERROR: …".
    if (!has_priority && tag.procid.empty() && is_severity_word(tag.name, true))
      word = severity_of_word(tag.name);
    else
      add_tag(event, tag);
    p = tag.content;
    if (memory && event.has_timestamp && word < 0 && event.attr_count() == 0 && !has_address) learn(m, header, ns, host, tag, *memory);
    if (const std::string_view id = take_message_id(p, end); !id.empty())
      event.add(EcsField::kLogSyslogMsgid, Value::of_string(event.msgid = id));
  }
  CiscoMnemonic mnemonic;
  if (p < end && *p == '%' && parse_cisco_mnemonic(p, end, mnemonic)) {
    event.add(EcsField::kLogSyslogMsgid, Value::of_string(event.msgid = mnemonic.id));
    if (word < 0) word = mnemonic.severity;
  }
  if (!has_priority && word >= 0) event.add(EcsField::kLogLevel, Value::of_string(kSeverityNames[word]));
  event.message = m.text(p, end);
  return p;
}

}  // namespace penstock
