#include "enrich/rules.h"

#include <algorithm>
#include <charconv>

#include "enrich/redact.h"
#include "kernels/ecs_lookup.h"
#include "packs/json_path.h"
#include "packs/json_value.h"
#include "packs/tests.h"

namespace penstock::enrich {
namespace {

constexpr double kRiskMax = 100;

/// From 0 to 1, the same for the same event whenever it is asked.
double share_of(const EventId& id) {
  uint64_t h = mix64((uint64_t{id.node} << 32 | id.boot) + 0x9e3779b97f4a7c15ULL);
  h = mix64(h ^ (uint64_t{id.ring} << 40 | id.chunk));
  return static_cast<double>(mix64(h ^ id.index) >> 11) * 0x1p-53;
}

}  // namespace

bool Rules::open(const uint8_t* program, size_t size, std::vector<RuleAction> actions, std::string key, std::string& error) {
  if (!plan_.load(program, size, error)) return false;
  if (actions.size() > kRulesMax) return error = "more than 256 rules", false;
  if (plan_.packs().size() != 1) return error = "the plan of rules is damaged", false;
  const packs::PackRow& pack = plan_.packs()[0];
  slot_of_.assign(static_cast<size_t>(EcsField::kCount), 0);
  for (uint32_t i = 0; i < pack.var_count; ++i) {
    const std::string name(plan_.text(plan_.vars()[pack.var_first + i].name));
    const EcsField field = ecs_field_by_name(name);
    if (field != EcsField::kUnknown) slot_of_[static_cast<size_t>(field)] = static_cast<uint16_t>(i + 1);
    slots_.push_back({field, name});
  }
  first_.resize(slots_.size());
  for (const packs::TestRow& test : plan_.tests()) if (test.var >= slots_.size()) return error = "the plan of rules is damaged", false;
  actions_ = std::move(actions);
  for (const RuleAction& action : actions_) any_redaction_ |= !action.redact.empty();
  key_ = std::move(key);
  return true;
}

void Rules::run(Event& event, Arena& arena, RuleOutcome& outcome) {
  arena_ = &arena;
  find_fields(event);
  match(event, outcome);
  double risk = 0;
  bool scored = false;
  for (size_t i = 0; i < actions_.size(); ++i) {
    if (!outcome.has(i)) continue;
    const RuleAction& action = actions_[i];
    if (action.route >= 0) outcome.route = action.route;
    if (action.drop) outcome.fate = Fate::kDropped;
    else if (action.keep < 1 && outcome.fate == Fate::kKept && share_of(event.id) >= action.keep) outcome.fate = Fate::kSampledOut;
    risk += action.risk;
    scored |= action.risk != 0;
  }
  if (outcome.fate != Fate::kKept) return;
  if (scored) {
    risk = std::clamp(risk, 0.0, kRiskMax);
    bool said = false;
    for (size_t i = 0; i < event.field_count() && !said; ++i)
      if (event.fields()[i].field == EcsField::kEventRiskScore) event.replace(i, Value::of_double(risk)), said = true;
    if (!said) event.add(EcsField::kEventRiskScore, Value::of_double(risk));
  }
  if (!any_redaction_) return;
  Redactor redactor(event, arena, key_);
  for (size_t i = 0; i < actions_.size(); ++i)
    if (outcome.has(i))
      for (const RuleAction::Redact& one : actions_[i].redact) redactor.field(one.name, one.field, one.how);
  outcome.redacted = redactor.finish();
}

void Rules::find_fields(const Event& event) {
  std::fill(first_.begin(), first_.end(), packs::kNone);
  for (size_t i = event.field_count(); i-- > 0;)
    if (const uint16_t slot = slot_of_[static_cast<size_t>(event.fields()[i].field)]) first_[slot - 1] = static_cast<uint32_t>(i);
}

/// Every jump goes forward: the program ends.
void Rules::match(const Event& event, RuleOutcome& outcome) {
  const auto ops = plan_.ops();
  for (uint32_t at = plan_.packs()[0].op;;) {
    const packs::OpRow& op = ops[at];
    switch (static_cast<packs::Op>(op.op)) {
      case packs::Op::kJump: at = op.target; continue;
      case packs::Op::kTest: at = holds(event, plan_.tests()[op.a]) ? at + 1 : op.target; continue;
      case packs::Op::kTestNot: at = holds(event, plan_.tests()[op.a]) ? op.target : at + 1; continue;
      case packs::Op::kSet: {  // its constant is the rule's number
        const std::string_view text = plan_.text(plan_.consts()[op.a].text);
        size_t rule = kRulesMax;
        std::from_chars(text.data(), text.data() + text.size(), rule);
        if (rule < actions_.size()) outcome.matched[rule / 64] |= uint64_t{1} << (rule % 64);
        ++at;
        continue;
      }
      default: return;
    }
  }
}

bool Rules::holds(const Event& event, const packs::TestRow& test) const {
  const Slot& slot = slots_[test.var];
  if (slot.field == EcsField::kUnknown) {
    if (slot.name == "message") return event.message.data() && packs::holds(plan_, test, event.message);
    for (size_t i = 0; i < event.attr_count(); ++i)
      if (event.attrs()[i].name == slot.name && value_holds(test, event.attrs()[i].value)) return true;
    return false;
  }
  if (first_[test.var] == packs::kNone) return false;
  for (size_t i = first_[test.var], n = event.field_count(); i < n; ++i) {
    if (event.fields()[i].field != slot.field) continue;
    if (value_holds(test, event.fields()[i].value)) return true;
    if (!kEcsFields[static_cast<size_t>(slot.field)].repeated) return false;
  }
  return false;
}

bool Rules::value_holds(const packs::TestRow& test, const Value& value) const {
  char digits[40];
  std::string_view text = value.text;
  switch (value.kind) {
    case ValueKind::kInt64: text = {digits, static_cast<size_t>(std::to_chars(digits, digits + sizeof digits, value.i).ptr - digits)}; break;
    case ValueKind::kDouble: text = {digits, static_cast<size_t>(std::to_chars(digits, digits + sizeof digits, value.d).ptr - digits)}; break;
    case ValueKind::kBool: text = value.b ? "true" : "false"; break;
    case ValueKind::kNull: return false;
    case ValueKind::kJson:
      if (text.starts_with('[')) return element_holds(test, text);
      break;
    default: break;
  }
  return packs::holds(plan_, test, text);
}

/// Of an attribute with several values, as of a field, one is enough.
bool Rules::element_holds(const packs::TestRow& test, std::string_view array) const {
  if (static_cast<packs::TestKind>(test.kind) == packs::TestKind::kPresent) return true;
  packs::JsonElements elements(array);
  for (std::string_view element; elements.next(element);) {
    if (element == "null") continue;
    const bool text = element.starts_with('"');
    const size_t mark = arena_->mark();
    const bool fits = packs::holds(plan_, test, text ? packs::json_string(element, *arena_, notes_) : element);
    arena_->rewind(mark);
    if (fits) return true;
  }
  return false;
}

}  // namespace penstock::enrich
