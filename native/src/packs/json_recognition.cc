#include "packs/json_recognition.h"

#include "kernels/ecs_lookup.h"
#include "packs/json_value.h"
#include "packs/plan.h"

namespace penstock::packs {
namespace {

/// A bit for a name, by its size and first byte.
uint64_t bit_of(std::string_view name) {
  return uint64_t{1} << ((name.size() * 5 + (name.empty() ? 0 : static_cast<uint8_t>(name[0]))) % 64);
}
uint64_t bit_of(EcsField field) { return uint64_t{1} << (static_cast<size_t>(field) % 64); }

}  // namespace

JsonRecognition::Names JsonRecognition::names_of(const Event& event, const JsonRange& range) {
  Names names;
  for (size_t i = range.attrs; i < range.attrs_end; ++i) names.attrs |= bit_of(event.attrs()[i].name);
  for (size_t i = range.fields; i < range.fields_end; ++i) names.fields |= bit_of(event.fields()[i].field);
  return names;
}

void JsonRecognition::build(const Plan& plan) {
  any_ = !plan.json_keys().empty();
  keys_.reserve(plan.json_keys().size());
  field_keys_.assign(static_cast<size_t>(EcsField::kCount), kNone);
  for (uint32_t i = 0; i < plan.json_keys().size(); ++i) {
    const std::string_view name = plan.text(plan.json_keys()[i].text);
    keys_.add(name, i);
    if (!name.empty()) hints_[name.size() % 64] |= uint64_t{1} << (static_cast<uint8_t>(name[0]) % 64);
    if (const EcsField field = ecs_field_by_name(name); field != EcsField::kUnknown) field_keys_[static_cast<size_t>(field)] = i;
  }
  for (const JsonMarkRow& row : plan.json_marks()) {
    const std::string_view name = plan.text(row.name);
    marks_.push_back({name, ecs_field_by_name(name), bit_of(name), name == "message"});
  }
}

size_t JsonRecognition::candidates(const Plan& plan, const Event& event, const JsonRange& range, uint32_t (&hits)[kHitsMax]) const {
  size_t count = 0;
  Names names;
  const auto found = [&](uint32_t key) {
    if (names.none()) names = names_of(event, range);
    const JsonKeyRow& row = plan.json_keys()[key];
    for (const ListRow& item : plan.lists().subspan(row.list_first, row.list_count)) {
      if (count == kHitsMax || !holds(plan, event, range, names, plan.candidates()[item.value])) continue;
      size_t place = count++;
      for (; place > 0 && plan.candidates()[hits[place - 1]].order > plan.candidates()[item.value].order; --place) hits[place] = hits[place - 1];
      hits[place] = item.value;
    }
  };
  for (size_t i = range.attrs; i < range.attrs_end; ++i) {
    const std::string_view name = event.attrs()[i].name;
    if (name.empty() || !(hints_[name.size() % 64] >> (static_cast<uint8_t>(name[0]) % 64) & 1)) continue;
    if (const uint32_t key = keys_.find(name); key != kNone) found(key);
  }
  for (size_t i = range.fields; i < range.fields_end; ++i) {
    const auto field = static_cast<size_t>(event.fields()[i].field);
    if (field_keys_[field] != kNone) found(field_keys_[field]);
  }
  // A name that comes twice finds its candidates twice.
  size_t unique = 0;
  for (size_t i = 0; i < count; ++i)
    if (unique == 0 || hits[unique - 1] != hits[i]) hits[unique++] = hits[i];
  return unique;
}

bool JsonRecognition::holds(const Plan& plan, const Event& event, const JsonRange& range, const Names& names, const CandidateRow& row) const {
  // Most candidates lack a name, and most of these are told by the bits of all names.
  for (uint32_t i = row.json_first; i < row.json_first + row.json_count; ++i) {
    const Mark& mark = marks_[i];
    const bool field = mark.field != EcsField::kUnknown && names.fields & bit_of(mark.field);
    if (!(names.attrs & mark.bit) && !field && !mark.message) return false;
  }
  for (uint32_t i = row.json_first; i < row.json_first + row.json_count; ++i) {
    const Mark& mark = marks_[i];
    const JsonMarkRow& wanted = plan.json_marks()[i];
    bool fits = false;
    if (names.attrs & mark.bit) {
      for (size_t at = range.attrs; !fits && at < range.attrs_end; ++at)
        fits = event.attrs()[at].name == mark.name && value_fits(plan, wanted, event.attrs()[at].value);
    }
    if (!fits && mark.field != EcsField::kUnknown) {
      for (size_t at = range.fields; !fits && at < range.fields_end; ++at)
        fits = event.fields()[at].field == mark.field && value_fits(plan, wanted, event.fields()[at].value);
    }
    if (!fits && mark.message) fits = range.message.data() && value_fits(plan, wanted, Value::of_string(range.message));
    if (!fits) return false;
  }
  return true;
}

bool JsonRecognition::value_fits(const Plan& plan, const JsonMarkRow& row, const Value& value) const {
  char digits[kValueTextMax];
  const std::string_view text = value_text(value, digits);
  for (const ListRow& item : plan.lists().subspan(row.list_first, row.list_count)) {
    const std::string_view wanted = plan.text(item.value);
    if (wanted.ends_with('*') ? text.starts_with(wanted.substr(0, wanted.size() - 1)) : text == wanted) return true;
  }
  return false;
}

}  // namespace penstock::packs
