#include "packs/field_writer.h"

#include "kernels/ipv4.h"
#include "kernels/json_fit.h"
#include "kernels/one_of.h"
#include "kernels/wire.h"
#include "packs/blocks/convert.h"
#include "packs/blocks/decode_text.h"
#include "packs/convert.h"
#include "packs/json_path.h"
#include "packs/json_value.h"

namespace penstock::packs {
namespace {

bool same(const Value& a, const Value& b) {
  return a.kind == b.kind && (a.kind == ValueKind::kString || a.kind == ValueKind::kJson ? a.text == b.text : a.i == b.i);
}

/// Lists in which a value may stand twice: arguments of a command.
bool is_sequence(EcsField field) {
  switch (field) {
    case EcsField::kProcessArgs:
    case EcsField::kProcessParentArgs:
    case EcsField::kProcessEntryLeaderArgs:
    case EcsField::kProcessGroupLeaderArgs:
    case EcsField::kProcessPreviousArgs:
    case EcsField::kProcessSessionLeaderArgs: return true;
    default: return false;
  }
}

const EcsFieldInfo& about(EcsField field) { return kEcsFields[static_cast<size_t>(field)]; }

/// "0:02:03", "1h 5m", "350 ms": what says its unit itself; `unit`: in ns, of a number beside such.
bool duration(std::string_view text, std::string_view unit, Value& out) {
  int64_t unit_ns, ns;
  if (!plain_int(unit, unit_ns) || unit_ns <= 0 || !to_duration(text, unit_ns, ns)) return false;
  out = Value::of_int(ns);
  return true;
}

}  // namespace

void FieldWriter::begin(Event& event, Arena& arena) {
  if (++generation_ == 0) {
    std::memset(places_.get(), 0, static_cast<size_t>(EcsField::kCount) * sizeof(Place));
    generation_ = 1;
  }
  event_ = &event;
  arena_ = &arena;
  fields_before_ = event.field_count();
  attrs_before_ = event.attr_count();
  replaced_ = took_out_ = false;
  replaced_count_ = 0;
  message_before_ = event.message;
  timestamp_before_ = event.timestamp_ns;
  had_timestamp_ = event.has_timestamp;
  moved();
}

void FieldWriter::moved() {
  for (size_t i = 0; i < event_->field_count(); ++i) {
    const EcsField field = event_->fields()[i].field;
    Place& place = places_[static_cast<size_t>(field)];
    // Of a list the first element, from which its others are looked for.
    if (about(field).repeated && place.generation == generation_ && place.index < i && event_->fields()[place.index].field == field) continue;
    place = {generation_, static_cast<uint32_t>(i)};
  }
}

void FieldWriter::cancel() {
  restore(0);
  event_->cut(fields_before_, attrs_before_);
  event_->message = message_before_;
  event_->timestamp_ns = timestamp_before_;
  event_->has_timestamp = had_timestamp_;
}

void FieldWriter::restore(size_t replaced_count) {
  while (replaced_count_ > replaced_count) {
    const Replaced& last = replaced_values_[--replaced_count_];
    if (last.index < event_->field_count()) event_->replace(last.index, last.value);
  }
}

void FieldWriter::relate_hosts() {
  for (const EcsField field : {EcsField::kHostHostname, EcsField::kHostName, EcsField::kObserverHostname}) {
    const Place& place = places_[static_cast<size_t>(field)];
    if (!has_place(place, field)) continue;
    const Value value = event_->fields()[place.index].value;
    if (!value.text.empty()) add_once(EcsField::kRelatedHosts, value);
  }
}

void FieldWriter::put(EcsField field, const Value& value) {
  if (about(field).repeated) return add_once(field, value);
  put_single(field, value);
}

/// Another value for a single field that has one.
void FieldWriter::put_again(const Place& place, const Value& value) {
  const Value& before = event_->fields()[place.index].value;
  if (same(before, value)) return;
  replaced_ |= place.index < fields_before_;
  // More than any pack replaces: then the first value stays, and the event says so.
  if (replaced_count_ == kReplacedMax) return event_->note(Problem::kTooManyFields, 0);
  replaced_values_[replaced_count_++] = {place.index, before};
  event_->replace(place.index, value);
}

/// All that the event says under this name so far, its envelope included.
void FieldWriter::take_out(EcsField field) {
  for (size_t i = 0; i < event_->field_count(); ++i) {
    if (event_->fields()[i].field != field) continue;
    put_again({generation_, static_cast<uint32_t>(i)}, Value());
    took_out_ = true;
  }
}

/// Another value of a list, of which the first stands at `first`.
void FieldWriter::add_again(size_t first, EcsField field, const Value& value) {
  if (!is_sequence(field)) {
    const FieldEntry* fields = event_->fields();
    for (size_t i = first, count = event_->field_count(); i < count; ++i)
      if (fields[i].field == field && same(fields[i].value, value)) return;
  }
  event_->add(field, value);
}

void FieldWriter::attr(std::string_view prefix, std::string_view name, std::string_view value) {
  if (!prefix.empty()) {
    char* const whole = arena_->take(prefix.size() + name.size());
    if (!whole) return event_->note(Problem::kTooComplex, 0);
    const auto out = reinterpret_cast<uint8_t*>(whole);
    // The plan's texts and the arena have padding; a name may have none.
    if (prefix.size() <= 16) wire::copy16(out, prefix.data());
    else std::memcpy(out, prefix.data(), prefix.size());
    wire::copy_exact(out + prefix.size(), name.data(), name.size());
    name = {whole, prefix.size() + name.size()};
  }
  event_->add_attr(name, Value::of_string(value));
}

void FieldWriter::related(uint32_t flags, std::string_view value) {
  if (flags & kRelatedIp) add_once(EcsField::kRelatedIp, Value::of_string(value));
  if (flags & kRelatedUser) add_once(EcsField::kRelatedUser, Value::of_string(value));
  if (flags & kRelatedHosts) add_once(EcsField::kRelatedHosts, Value::of_string(value));
  if (flags & kRelatedHash) add_once(EcsField::kRelatedHash, Value::of_string(value));
}

// Most values are a field's first: they are written where they stay.
inline void FieldWriter::put_string(const Dest& dest, std::string_view value) {
  if (dest.repeated) return add_once(dest.field, Value::of_string(value));
  Place& place = places_[static_cast<size_t>(dest.field)];
  if (has_place(place, dest.field)) return put_single(dest.field, Value::of_string(value));
  if (event_->add_text(dest.field, value)) place = {generation_, static_cast<uint32_t>(event_->field_count() - 1)};
}

/// False: the value does not fit the field (only fields can refuse).
inline bool FieldWriter::fits(const Plan& plan, const Dest& dest, std::string_view value) {
  if (dest.kind == DestKind::kField && dest.convert == Convert::kNone) [[likely]] return put_text(dest, value);
  return fits_otherwise(plan, dest, value);
}

/// An address that is no IP address is a host's name, if it can be one: "192.0.2.1:443" and "unix:" are none.
inline bool may_be_name(std::string_view address) { return address.find_first_of(":[/") == address.npos; }

void FieldWriter::send_other(const Plan& plan, std::span<const Dest> dests, std::string_view value, bool json) {
  if (dests.size() == 1 && !json) [[likely]] {
    const Dest& dest = dests[0];
    if (!fits(plan, dest, value) && !(dest.flags & kDestQuiet)) unfit(dest, Value::of_string(value));
    return;
  }
  bool fitted = false;
  for (size_t i = 0; i < dests.size(); ++i) {
    const Dest& dest = dests[i];
    if ((dest.flags & kDestElse) && (fitted || ((dest.flags & kDestQuiet) && !may_be_name(value)))) continue;
    fitted = json ? fits_json(plan, dest, value) : fits(plan, dest, value);
    if (fitted || (dest.flags & kDestQuiet) || (i + 1 < dests.size() && (dests[i + 1].flags & kDestElse))) continue;
    unfit(dest, json ? json_value(value) : Value::of_string(value));
  }
}

void FieldWriter::unfit(const Dest& dest, const Value& value) {
  event_->note(Problem::kFieldType, 0);
  event_->add_attr(dest.name, value);
}

std::string_view FieldWriter::converted(Convert convert, std::string_view value) {
  uint8_t flags = 0;
  switch (convert) {
    case Convert::kNone: return value;
    case Convert::kBase64: return decode_base64(value, *arena_, notes_);
    case Convert::kHexText: return decode_hex(value, *arena_, notes_);
    case Convert::kPercent: return decode_percent(value, false, *arena_, notes_, flags);
    default: return convert_text(convert, value, *arena_);
  }
}

/// JSON text: typed; the elements of an array for a list, the only one for a single value.
bool FieldWriter::fits_json(const Plan& plan, const Dest& dest, std::string_view value) {
  if (dest.kind == DestKind::kAttr) return event_->add_attr(dest.name, json_value(value)), true;
  if (dest.kind != DestKind::kField) return true;
  const bool container = value[0] == '[' || value[0] == '{';
  if (!container) {
    const Value typed = json_value(value);
    Value out;
    // As written where a text is meant: a number keeps its digits.
    if (dest.type == EcsType::kString || typed.kind == ValueKind::kJson || dest.convert != Convert::kNone)
      return fits(plan, dest, value);
    if (!json_fits(dest.type, {typed, value}, out)) return false;
    return put(dest.field, out), true;
  }
  if (dest.type == EcsType::kJson && !dest.repeated) return put(dest.field, Value::of_json(value)), true;
  if (value[0] != '[') return false;
  JsonElements elements(value);
  bool all = true;
  size_t count = 0;
  for (std::string_view element; elements.next(element); ++count) {
    if (count == 1 && !dest.repeated) return false;
    if (dest.repeated) all &= fits_element(plan, dest, element);
  }
  if (dest.repeated || count == 0) return all;
  JsonElements again(value);
  std::string_view only;
  return again.next(only) && fits_element(plan, dest, only);
}

bool FieldWriter::fits_element(const Plan& plan, const Dest& dest, std::string_view value) {
  if (value[0] == '{' || value[0] == '[') return false;
  if (value == "null") return true;  // says nothing, as it does by itself
  if (value[0] == '"') value = json_string(value, *arena_, notes_);
  return fits(plan, dest, value);
}

bool FieldWriter::fits_otherwise(const Plan& plan, const Dest& dest, std::string_view value) {
  switch (dest.kind) {
    case DestKind::kAttr: return event_->add_attr(dest.name, Value::of_string(value)), true;
    case DestKind::kField: break;
    case DestKind::kMessage: return event_->message = value, replaced_ = true;
    default: return true;
  }
  if (dest.convert == Convert::kSplit) {
    const std::string_view mark = plan.text(dest.param);
    bool all = true;
    for (size_t at = 0; at <= value.size();) {
      const size_t to = std::min(value.find(mark, at), value.size());
      const std::string_view item = trimmed(value.substr(at, to - at));
      if (!item.empty()) all &= put_text(dest, item);
      at = to + mark.size();
    }
    return all;
  }
  if (dest.convert == Convert::kScale || dest.convert == Convert::kHexInt) {
    Value number;
    const std::string_view factor = dest.convert == Convert::kHexInt ? std::string_view{} : plan.text(dest.param);
    if (!to_number(value, factor, number) && !(dest.field == EcsField::kEventDuration && duration(value, factor, number))) return false;
    Value out;
    if (!json_fits(dest.type, {number, {}}, out)) return false;
    return put(dest.field, out), true;
  }
  const std::string_view other = converted(dest.convert, value);
  return other.data() != nullptr && put_text(dest, other);
}

bool FieldWriter::put_int(EcsField field, std::string_view value) {
  int64_t number;
  if (!plain_int(value, number)) return false;
  put_single(field, Value::of_digits(number, value));
  return true;
}

bool FieldWriter::put_text(const Dest& dest, std::string_view value) {
  int64_t number;
  if (dest.type == EcsType::kString) {
    put_string(dest, value);
  } else if (dest.type == EcsType::kIp) {
    // One address has one text (RFC 5952), whoever wrote it: without capitals, brackets or a zone, and IPv4 as such.
    if (uint32_t v4; !read_ipv4(value, v4)) value = canonical_ip(value, *arena_);
    if (!value.data()) return false;
    put_string(dest, value);
  } else if (dest.type == EcsType::kInt && plain_int(value, number)) {
    const Value typed = Value::of_digits(number, value);
    dest.repeated ? add_once(dest.field, typed) : put_single(dest.field, typed);
  } else if (dest.type == kOneOf) {
    if (!is_one_of(dest.field, value)) return false;
    put_string(dest, value);
  } else {
    Value out;
    if (dest.type == EcsType::kJson) return false;
    if (!json_fits(dest.type, {Value::of_string(value), value}, out)) return false;
    put(dest.field, out);
  }
  if (dest.flags & (kRelatedIp | kRelatedUser | kRelatedHosts | kRelatedHash)) related(dest.flags, value);
  return true;
}

}  // namespace penstock::packs
