#include "kernels/syslog_message.h"

namespace penstock {

std::string_view SyslogMessage::repaired(std::string_view raw) const {
  const size_t valid = utf8_valid_prefix(raw.data(), raw.size());
  if (valid == raw.size()) return raw;
  const std::string_view copy = utf8_replace_invalid(raw, arena);
  if (copy.data()) return copy;
  event.note(Problem::kTooComplex, offset(begin));
  return raw.substr(0, valid);
}

void SyslogMessage::add_priority() const {
  Event::HeaderFields fields(event);
  add_priority(fields);
}

void SyslogMessage::note_invalid_utf8() const {
  event.note(Problem::kInvalidUtf8, static_cast<uint32_t>(utf8_valid_prefix(begin, static_cast<size_t>(end - begin))));
}

void SyslogMessage::fail(Problem problem, const char* at) const {
  event.drop_fields();
  event.has_timestamp = false;
  event.note(problem, offset(at));
  if (priority.kind == Priority::kValid && !priority.leading_zero) add_priority();
  event.message = text(begin, end);
}

}  // namespace penstock
