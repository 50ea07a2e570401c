// JSON objects in packs: their names as variables, and what becomes of those that no step names.
#include "packs/executor.h"
#include "packs/json_path.h"
#include "packs/json_text.h"
#include "packs/json_value.h"

namespace penstock::packs {
namespace {

/// As text that lives as long as the event; data() == nullptr: no memory.
std::string_view kept_text(const Value& value, Arena& arena) {
  char digits[kValueTextMax];
  const std::string_view text = value_text(value, digits);
  return text.data() == digits ? arena.copy(text) : text;
}

}  // namespace

bool Executor::read_json(std::string_view text, Arena& arena, Event& event, JsonRange& range) {
  const std::string_view object = json_text_of(text);
  if (!json_parser_ || object.empty() || !read_json_object(object, *json_parser_, json_options_, arena, event, range)) return false;
  named_within_ |= range.fields != range.fields_end;
  return true;
}

/// `json:`: what the text holds becomes variables, or the pack's own names, at once.
bool Executor::json(Running& r, const OpRow& op) {
  const uint32_t var = op.b == kNone ? static_cast<uint32_t>(kVarText) : op.b;
  JsonRange range;
  if (!r.frame.has(var) || !read_json(r.frame.values[var], r.arena, r.event, range)) return false;
  if (op.b != kNone) r.frame.use(op.b);
  Taken& taken = taken_[kDepthMax];
  adopt(r, range, taken);
  settle(r, range, taken, true);
  return true;
}

void Executor::adopt(Running& r, const JsonRange& range, Taken& taken) {
  taken.attr_count = taken.field_count = 0;
  const StringTable& names = r.plan.table(r.pack.names);
  const auto take = [&](uint32_t var, const Value& value) {
    if (r.frame.has(var) || says_nothing(value)) return false;
    const std::string_view text = kept_text(value, r.arena);
    if (!text.data() || r.plan.is_empty(r.pack_index, text)) return false;
    r.frame.assign(var, text, value.kind != ValueKind::kString);
    return true;
  };
  for (size_t i = range.attrs; i < range.attrs_end; ++i) {
    const std::string_view name = r.event.attrs()[i].name;
    const uint32_t var = names.find(name);
    if (var != kNone && !forgotten(r, name, var) && take(var, r.event.attrs()[i].value)) taken.attrs[taken.attr_count++] = static_cast<uint16_t>(i);
  }
  for (size_t i = range.fields; i < range.fields_end; ++i) {
    const EcsField field = r.event.fields()[i].field;
    const EcsFieldInfo& about = kEcsFields[static_cast<size_t>(field)];
    const uint32_t var = names.find(about.name);
    if (var == kNone || !take(var, r.event.fields()[i].value)) continue;
    if (about.repeated) {  // a list stays; its first value is the variable's
      r.frame.use(var);
      continue;
    }
    taken.fields[taken.field_count++] = static_cast<uint16_t>(i);
    writer_.forget(field);
  }
  if (const uint32_t var = range.message.data() ? names.find("message") : kNone; var != kNone && take(var, Value::of_string(range.message)))
    r.frame.use(var);  // it is the event's message, and stays that
  pick(r);
}

void Executor::pick(Running& r) {
  named_elements_.reset();
  for (const PickRow& row : r.plan.picks().subspan(r.pack.picks_first, r.pack.picks_count)) {
    if (!r.frame.has(row.from) || r.frame.has(row.to) || !r.frame.is_json(row.from)) continue;
    std::string_view from = r.frame.values[row.from];
    std::span<const ListRow> steps = r.plan.lists().subspan(row.path_first, row.path_count);
    if (const NamedStep named(r.plan.text(steps[0].value)); named.key.data()) {
      from = named_elements_.find(from, named);
      if (from.empty()) continue;
      steps = steps.subspan(1);
    }
    JsonPath path;
    for (const ListRow& step : steps) {
      if (path.count == JsonPath::kStepsMax) break;
      path.steps[path.count++] = r.plan.text(step.value);
    }
    std::string_view found = json_at(from, path, r.arena);
    if (found.empty() || found == "null" || found == "{}" || found == "[]") continue;
    const bool string = found[0] == '"';
    if (string) found = json_string(found, r.arena, extracted_);
    if (!r.plan.is_empty(r.pack_index, found)) r.frame.assign(row.to, found, !string);
  }
}

/// The object's attributes that no variable took get the pack's names, those that say nothing go. `last`: nothing was added behind
/// the object, and its fields take their places among those of the event. Answers how many attributes went.
size_t Executor::settle(Running& r, const JsonRange& range, const Taken& taken, bool last) {
  size_t to = range.attrs;
  for (size_t i = range.attrs, t = 0; i < r.event.attr_count(); ++i) {
    if (i < range.attrs_end) {
      const AttrEntry& attr = r.event.attrs()[i];
      if (t < taken.attr_count && taken.attrs[t] == i) {
        ++t;
        continue;
      }
      if (says_nothing(attr.value)) continue;
      const auto [prefix, rest] = r.plan.own_name(r.pack, attr.name);
      char* const whole = r.arena.take(prefix.size() + rest.size());
      if (whole) {
        std::memcpy(whole, prefix.data(), prefix.size());
        std::memcpy(whole + prefix.size(), rest.data(), rest.size());
        r.event.name_attr(i, {whole, prefix.size() + rest.size()});
      } else {
        r.event.note(Problem::kTooComplex, 0);
      }
    }
    if (to != i) r.event.move_attr(i, to);
    ++to;
  }
  const size_t gone = r.event.attr_count() - to;
  const size_t fields_end = r.event.field_count();
  if (last) r.event.cut(range.fields, to);
  size_t field_to = range.fields;
  for (size_t i = range.fields, t = 0; i < fields_end; ++i) {
    if (i < range.fields_end && t < taken.field_count && taken.fields[t] == i) {
      ++t;
      continue;
    }
    if (last) {
      const FieldEntry entry = r.event.fields()[i];
      writer_.put(entry.field, entry.value);
    } else {
      if (field_to != i) r.event.move_field(i, field_to);
      ++field_to;
    }
  }
  if (last) return gone;
  r.event.cut(field_to, to);
  writer_.moved();
  return gone;
}

}  // namespace penstock::packs
