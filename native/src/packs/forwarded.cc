#include "packs/forwarded.h"

#include "kernels/syslog_relayed.h"
#include "packs/stands_in.h"

namespace penstock::packs {
namespace {

/// The shortest that has a header, "<1>x", is shorter than what the parsers read at once.
constexpr size_t kMessageMin = 8;

bool has_field(const Event& event, EcsField field, size_t fields) {
  for (size_t i = 0; i < fields; ++i)
    if (event.fields()[i].field == field) return true;
  return false;
}

/// A copy in the arena with room behind it, which parsers read: what they write there must not stand in it. No data: the arena is full.
std::string_view with_padding(std::string_view text, Arena& arena) {
  char* const copy = arena.take(text.size() + kPadding);
  if (!copy) return {};
  std::memcpy(copy, text.data(), text.size());
  std::memset(copy + text.size(), 0, kPadding);
  return {copy, text.size()};
}

}  // namespace

bool Forwarded::read(Event& event, Arena& arena, int32_t utc_offset_s, bool sure) {
  std::string_view text = event.message;
  if (text.size() < kMessageMin || !begins_message(event, text.data(), text.data() + text.size())) return false;
  if (has_field(event, EcsField::kProcessName, event.field_count())) return false;
  const size_t before = arena.mark();
  if (!stands_in(text, event.original) && !(text = with_padding(text, arena)).data()) return false;
  if (!within_) within_ = std::make_unique<Event>();
  Event& within = *within_;
  within.reset();
  parse_syslog(text, {event.created_ns, utc_offset_s}, arena, within);
  const bool is_header = sure ? is_message(within, text.data(), relay_header(event)) : within.has_timestamp && !within.failed();
  if (!is_header) return arena.rewind(before), false;

  const size_t fields = event.field_count();
  for (size_t i = 0; i < within.field_count(); ++i) {
    const auto& [field, value] = within.fields()[i];
    // An integer without its digits: they may stand in the arena, not in the original.
    if (!has_field(event, field, fields)) event.add(field, value.kind == ValueKind::kInt64 ? Value::of_int(value.i) : value);
  }
  for (size_t i = 0; i < within.attr_count(); ++i) event.add_attr(within.attrs()[i].name, within.attrs()[i].value);
  if (!event.has_timestamp && within.has_timestamp) {
    event.timestamp_ns = within.timestamp_ns;
    event.has_timestamp = true;
  }
  event.app = within.app;
  event.msgid = within.msgid;
  event.structured_text = within.structured_text;
  event.message = within.message;
  event.keep_original = true;  // the message is no longer that of the document
  return true;
}

}  // namespace penstock::packs
