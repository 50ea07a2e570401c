#include "packs/usual_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "kernels/json_date.h"

namespace penstock::packs {
namespace {

/// Of those that say the same the first wins.
struct Name {
  Usual says;
  std::string_view name;
};
constexpr Name kNames[] = {
    {Usual::kMessage, "msg"},     {Usual::kMessage, "log"},           {Usual::kMessage, "_raw"},       {Usual::kMessage, "MESSAGE"},
    {Usual::kMessage, "Message"}, {Usual::kMessage, "short_message"}, {Usual::kMessage, "@m"},         {Usual::kMessage, "@mt"},
    {Usual::kMessage, "event"},   {Usual::kProgram, "appname"},       {Usual::kProgram, "app_name"},   {Usual::kProgram, "programname"},
    {Usual::kProgram, "program"}, {Usual::kProgram, "PROGRAM"},       {Usual::kProgram, "ident"},      {Usual::kPid, "procid"},
    {Usual::kPid, "pid"},         {Usual::kPid, "PID"},               {Usual::kMsgid, "msgid"},        {Usual::kMsgid, "MSGID"},
    {Usual::kHost, "hostname"},   {Usual::kHost, "HOST"},             {Usual::kHost, "host"},          {Usual::kLevel, "level"},
    {Usual::kLevel, "severity"},  {Usual::kLevel, "levelname"},       {Usual::kLevel, "loglevel"},     {Usual::kLevel, "log_level"},
    {Usual::kLevel, "lvl"},       {Usual::kLevel, "@l"},              {Usual::kLevel, "PRIORITY"},     {Usual::kLogger, "logger"},
    {Usual::kLogger, "logger_name"}, {Usual::kLogger, "loggerName"},  {Usual::kRequest, "request"},    {Usual::kRequest, "request_method"},
    {Usual::kRequest, "method"},  {Usual::kRequest, "status"},        {Usual::kRequest, "uri"},        {Usual::kRequest, "url"},
    {Usual::kRequest, "vhost"},
};
constexpr size_t kNone = std::size(kNames), kLongest = 14;

/// Bit by first character (its lower six bits): a name of that many bytes may be one. Most are told by it to be none.
constexpr auto kBegins = [] {
  std::array<uint64_t, kLongest + 1> out{};
  for (const Name& one : kNames) out[one.name.size()] |= uint64_t{1} << (one.name[0] & 63);
  return out;
}();

bool may_be(std::string_view name) { return !name.empty() && name.size() <= kLongest && (kBegins[name.size()] >> (name[0] & 63) & 1); }

/// The place in kNames.
size_t place_of(std::string_view name) {
  if (!may_be(name)) return kNone;
  size_t place = 0;
  while (place < kNone && name != kNames[place].name) ++place;
  return place;
}

bool is_pid(const Value& in, int64_t& pid) {
  if (in.kind == ValueKind::kInt64) return pid = in.i, pid >= 0;
  const char* const end = in.text.data() + in.text.size();
  return in.kind == ValueKind::kString && std::from_chars(in.text.data(), end, pid).ptr == end && !in.text.empty() && pid >= 0;
}

/// Null: it does not say it.
Value said(Usual what, const Value& in) {
  int64_t pid = -1;
  if (what == Usual::kRequest) return in;
  if (what == Usual::kPid) return is_pid(in, pid) ? Value::of_int(pid) : Value();
  if (in.kind != ValueKind::kString || in.text.empty()) return {};
  // A level as a number means something else to each library.
  return what == Usual::kLevel && static_cast<unsigned char>(in.text[0] - '0') < 10 ? Value() : in;
}

bool has_field(const Event& event, EcsField field) {
  for (size_t i = 0; i < event.field_count(); ++i)
    if (event.fields()[i].field == field) return true;
  return false;
}

constexpr std::string_view kTimes[] = {"timestamp", "time", "ts", "date", "datetime", "@t", "_time"};
constexpr size_t kTextMax = 40;
constexpr int64_t kCentury = 946'684'800'000'000'000, kDay = 86'400'000'000'000;

/// Readers of dates go a word beyond the text.
struct Text {
  char bytes[kTextMax + 8] = {};
  size_t size = 0;
  std::string_view view() const { return {bytes, size}; }
  void took(std::to_chars_result written) { size = written.ec == std::errc() ? static_cast<size_t>(written.ptr - bytes) : 0; }
};

/// A number of seconds or milliseconds may be anything: a duration is none of this century.
bool is_epoch(std::string_view text, int64_t now_ns, int64_t& ns) {
  return epoch_ns(text, ns) && ns >= kCentury && ns <= now_ns + kDay;
}

bool time_of(const Value& value, int64_t now_ns, int64_t& ns) {
  Text text;
  switch (value.kind) {
    case ValueKind::kString:
      if (value.text.size() > kTextMax) return false;
      std::memcpy(text.bytes, value.text.data(), value.text.size());
      text.size = value.text.size();
      return parse_rfc3339(text.bytes, text.size, ns) == TimeResult::kValid || is_epoch(text.view(), now_ns, ns);
    case ValueKind::kInt64: text.took(std::to_chars(text.bytes, text.bytes + kTextMax, value.i)); break;
    case ValueKind::kDouble: text.took(std::to_chars(text.bytes, text.bytes + kTextMax, value.d, std::chars_format::fixed)); break;
    default: return false;
  }
  return is_epoch(text.view(), now_ns, ns);
}

}  // namespace

UsualNames::UsualNames(const Event& event) {
  size_t best[static_cast<size_t>(Usual::kCount)];
  std::ranges::fill(best, kNone);
  for (size_t i = 0; i < event.attr_count(); ++i) {
    const AttrEntry& attr = event.attrs()[i];
    const size_t place = place_of(attr.name);
    if (place == kNone) continue;
    const auto what = static_cast<size_t>(kNames[place].says);
    if (place > best[what]) continue;  // of two equal names the later one
    const Value value = said(kNames[place].says, attr.value);
    if (value.kind == ValueKind::kNull) continue;
    best[what] = place;
    values_[what] = value;
  }
  // Of a request, "host" is whom it was for, not who logged it.
  const size_t host = best[static_cast<size_t>(Usual::kHost)];
  if (host != kNone && kNames[host].name == "host" && value(Usual::kRequest).kind != ValueKind::kNull) values_[static_cast<size_t>(Usual::kHost)] = {};
}

void UsualNames::give_message(Event& event) const {
  if (!event.message.data() && value(Usual::kMessage).text.data()) event.message = value(Usual::kMessage).text;
}

void UsualNames::give_rest(Event& event) const {
  // Without a message nobody wrote one: "program" may be anything then.
  const bool written = event.message.data();
  static constexpr std::pair<Usual, EcsField> kFields[] = {
      {Usual::kProgram, EcsField::kProcessName},  {Usual::kPid, EcsField::kProcessPid}, {Usual::kMsgid, EcsField::kLogSyslogMsgid},
      {Usual::kHost, EcsField::kHostHostname},    {Usual::kLevel, EcsField::kLogLevel}, {Usual::kLogger, EcsField::kLogLogger},
  };
  for (const auto& [what, field] : kFields) {
    if ((what <= Usual::kMsgid && !written) || value(what).kind == ValueKind::kNull || has_field(event, field)) continue;
    event.add(field, value(what));
    if (what == Usual::kProgram) event.app = value(what).text;
    if (what == Usual::kMsgid) event.msgid = value(what).text;
  }
}

void take_usual_time(Event& event) {
  size_t best = std::size(kTimes);
  for (size_t i = 0; i < event.attr_count(); ++i) {
    const AttrEntry& attr = event.attrs()[i];
    if (attr.name.size() > kTimes[0].size()) continue;
    for (size_t n = 0; n < best; ++n) {
      int64_t ns;
      if (attr.name != kTimes[n] || !time_of(attr.value, event.created_ns, ns)) continue;
      event.timestamp_ns = ns;
      event.has_timestamp = true;
      best = n;
    }
  }
}

}  // namespace penstock::packs
