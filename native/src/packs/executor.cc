#include "packs/executor.h"

#include <bit>

#include "kernels/json_fit.h"
#include "packs/block.h"
#include "packs/convert.h"
#include "packs/field_habits.h"
#include "packs/tests.h"

namespace penstock::packs {
namespace {

/// Fewer rows of a map are looked at one by one.
constexpr uint8_t kStretchMin = 4;

std::string_view input(const Frame& frame, uint32_t var) { return frame.values[var == kNone ? kVarText : var]; }
bool has_input(const Frame& frame, uint32_t var) { return var == kNone || frame.has(var); }

}  // namespace

Executor::Executor() : frames_(new Frame[kDepthMax]), taken_(new Taken[kDepthMax + 1]) {}

bool Executor::run(const Plan& plan, uint32_t pack, const Envelope& envelope, Arena& arena, Event& event, Observer* observer) {
  const uint64_t problems_before = event.problems;
  const Problem problem = event.problem;
  const uint32_t problem_offset = event.problem_offset;
  extracted_.reset();
  structured_data_taken_ = names_repeated_ = named_within_ = false;
  attrs_taken_ = named_begin_ = named_end_ = 0;
  owner_ = plan.packs()[pack].counter;
  writer_.begin(event, arena);
  const size_t fields = event.field_count(), attrs = event.attr_count();
  if (envelope.none)
    for (size_t i = 0; i < fields; ++i) writer_.forget(event.fields()[i].field);
  if (envelope.none) event.message = envelope.text;
  if (!enter(plan, pack, envelope, 0, arena, event, observer)) {
    writer_.cancel();
    event.problems = problems_before;
    event.problem = problem;
    event.problem_offset = problem_offset;
    return false;
  }
  writer_.relate_hosts();
  // What the pack took of the event's own object is gone from before what it added.
  if (names_repeated_) repeated_names_.join(event, attrs - attrs_taken_, arena);
  if (envelope.none) event.drop_first(fields, attrs, problems_before);
  if (named_within_) follow_names(event, 0, event.field_count(), arena);
  else if (named_begin_ != named_end_) follow_names(event, named_begin_, named_end_, arena);
  const bool dropped = structured_data_taken_ && !envelope.none && event.drop_structured_data();
  if (writer_.replaced() || envelope.none || dropped) event.keep_original = true;
  if (extracted_.problems() != 0) event.note(Problem::kFormat, 0);
  if (writer_.took_out()) event.drop_nulls();
  return true;
}

bool Executor::enter(const Plan& plan, uint32_t pack, const Envelope& envelope, size_t depth, Arena& arena, Event& event,
                     Observer* observer) {
  Frame& frame = frames_[depth];
  frame.clear();
  const std::string_view given[kEnvelopeVars] = {envelope.text, envelope.app,   envelope.msgid,
                                                 envelope.host, envelope.pid,   envelope.level,
                                                 envelope.structured_data,
                                                 envelope.json ? std::string_view("true") : std::string_view{}};
  for (uint32_t var = 0; var < kEnvelopeVars; ++var) {
    frame.values[var] = given[var];
    if (given[var].data()) frame.assign(var, given[var]);
    frame.use(var);
  }
  Running running{plan, plan.packs()[pack], pack, frame, arena, event, observer, depth, envelope.utc_offset_s};
  if (observer) observer->begin(pack);
  if (envelope.json) adopt(running, *envelope.json, taken_[depth]);
  const bool understood = run_program(running);
  if (understood) flush(running);
  if (understood && envelope.json) {
    const size_t gone = settle(running, *envelope.json, taken_[depth], false);
    if (depth == 0) {
      attrs_taken_ = gone;
      named_begin_ = envelope.json->fields;
      named_end_ = envelope.json->fields_end - taken_[0].field_count;
    }
  }
  if (observer) observer->end(pack, understood);
  return understood;
}

bool Executor::run_program(Running& r) {
  const std::span<const OpRow> ops = r.plan.ops();
  for (uint32_t at = r.pack.op;;) {
    const OpRow& op = ops[at];
    uint32_t next = at + 1;
    bool applied = true;
    switch (static_cast<Op>(op.op)) {
      case Op::kEnd: return true;
      case Op::kRefuse:
        if (r.observer) r.observer->op(r.pack_index, at, false, r.frame);
        return false;
      case Op::kJump: at = op.target; continue;
      case Op::kMatch: at = match(r, at); continue;
      case Op::kTake: applied = take(r, op); break;
      case Op::kMap: map(r, op); break;
      case Op::kSet:
        for (const Constant& constant : r.plan.constants(op.a, op.b)) {
          if (constant.kind == DestKind::kVar) r.frame.assign(constant.target, constant.value.text);
          else writer_.set(constant);
        }
        break;
      case Op::kTest: applied = test(r, r.plan.tests()[op.a]); break;
      case Op::kTestNot: applied = !test(r, r.plan.tests()[op.a]); break;
      case Op::kSwitch: applied = choose(r, op, next); break;
      case Op::kPack: applied = nested(r, op); break;
      case Op::kJoin: join(r, op); break;
      case Op::kTime: applied = time(r, op); break;
      case Op::kJson: applied = json(r, op); break;
      case Op::kCount: applied = false; break;
    }
    if (r.observer) r.observer->op(r.pack_index, at, applied, r.frame);
    at = applied ? next : op.target;
  }
}

/// Where it goes on: behind the first alternative that fits, or where the last of them leads.
uint32_t Executor::match(Running& r, uint32_t at) {
  const uint32_t var = r.plan.ops()[at].b;
  const bool has = has_input(r.frame, var);
  const std::string_view text = has ? input(r.frame, var) : std::string_view();
  const Plan::Empties& empties = r.plan.empties(r.pack_index);
  for (const MatchChains::Link* link = r.plan.chains().from(at);; ++link) {
    if (!r.observer) link = MatchChains::may_fit(link, text);  // who looks on is told of each
    if (link->pattern == kNone) return link->op;
    const bool fits = has && match_pattern(r.plan.pattern(link->pattern), r.plan.patterns()[link->pattern].open, text, captures_);
    for (size_t i = 0; fits && i < captures_.count; ++i) {
      const Capture& capture = captures_.items[i];
      if (!r.plan.is_empty(r.pack_index, empties, capture.text)) r.frame.assign(capture.var, capture.text);
    }
    if (r.observer) r.observer->op(r.pack_index, link->op, fits, r.frame);
    if (fits) return link->op + 1;
  }
}

bool Executor::forgotten(const Running& r, std::string_view name, uint32_t var) {
  return name.starts_with('_') && r.plan.variable(r.pack.var_first + var).dests.empty();
}

BlockResult Executor::extract(const Block& block, std::string_view text, Arena& arena) {
  if (!block.declared()) return block.extract(text, arena, extracted_);
  // What another format's pack took for a declaration is none of this one.
  DeclaredColumns* columns = declared_.find(sender_);
  if (columns && columns->owner != owner_) {
    if (!text.starts_with('#')) return BlockResult::kNoMatch;
    columns->names.clear();
  }
  const BlockResult result = block.extract_declared(text, sender_, declared_, arena, extracted_);
  if (result == BlockResult::kMatch && (columns = declared_.find(sender_))) columns->owner = owner_;
  return result;
}

bool Executor::take(Running& r, const OpRow& op) {
  if (!has_input(r.frame, op.b)) return false;
  const size_t first = extracted_.size();
  if (extract(r.plan.block(op.a), input(r.frame, op.b), r.arena) != BlockResult::kMatch) return false;
  if (op.b == kVarStructuredData) structured_data_taken_ |= r.plan.block(op.a).takes_whole(input(r.frame, op.b));
  const std::string_view prefix = r.plan.text(r.pack.prefix);
  const StringTable& table = r.plan.table(r.pack.names);
  NameOrder::Walk names(name_order_, r.pack_index, table, prefix);
  const Plan::Empties& empties = r.plan.empties(r.pack_index);
  Frame& frame = r.frame;
  for (const ExtractedField& field : extracted_.since(first)) {
    if (r.plan.is_empty(r.pack_index, empties, field.value)) continue;
    NameOrder::Known* const known = names.find(field.name);
    uint32_t var = known ? known->var : table.find(field.name);
    // What is forgotten at the end only the pack writes, and may write again.
    if (var < kVarsMax && forgotten(r, field.name, var)) {
      if (op.c != 0) {
        frame.assign(var, field.value);
        continue;
      }
      var = kNone;
    }
    // Of a repeated name the first is the variable's.
    if (var < kVarsMax && !frame.has(var)) {
      frame.assign(var, field.value);
      continue;
    }
    names_repeated_ |= var < kVarsMax || names.repeats(known);
    if (r.pack.rest_count != 0) {
      const Plan::OwnName own = r.plan.own_name(r.pack, field.name);
      writer_.attr(own.prefix, own.rest, field.value);
    } else if (known && !prefix.empty()) {
      writer_.attr(known->text, known->size(), field.value);
    } else {
      writer_.attr(prefix, field.name, field.value);
    }
  }
  return true;
}

bool Executor::nested(Running& r, const OpRow& op) {
  if (r.depth + 1 >= kDepthMax || !has_input(r.frame, op.b)) return false;
  Envelope envelope{input(r.frame, op.b), r.frame.values[kVarApp], r.frame.values[kVarMsgid], r.frame.values[kVarHost],
                    r.frame.values[kVarPid], r.frame.values[kVarLevel], {}, r.utc_offset_s};
  const Event::Mark before = r.event.mark();
  const size_t replaced = writer_.replaced_count();
  JsonRange range;
  const uint32_t flags = r.plan.packs()[op.a].flags;
  if ((flags & kPackJson) && read_json(envelope.text, r.arena, r.event, range)) envelope.json = &range;
  if (!envelope.json && (flags & kPackJsonOnly)) return false;
  if (enter(r.plan, op.a, envelope, r.depth + 1, r.arena, r.event, r.observer)) {
    if (op.b != kNone) r.frame.use(op.b);
    return true;
  }
  writer_.restore(replaced);
  r.event.rewind(before);
  return false;
}

void Executor::map(Running& r, const OpRow& op) {
  Frame& frame = r.frame;
  const Sending* row = r.plan.mappings(op.a, op.b).data();
  const uint64_t* vars = r.plan.stretches(op.a);
  const Sending* const end = row + op.b;
  while (row < end) {
    // Of most maps most names are absent: those that are not are looked for, in the rows' order.
    const bool few = row->stretch < kStretchMin;
    const uint64_t first = row->var, all = few ? 1 : *vars;
    for (uint64_t left = few ? frame.has(row->var) : frame.set(row->var) & all; left != 0; left &= left - 1) {
      const Sending& one = row[std::popcount(all & ~left & (left - 1))];
      if (&one >= end) return;
      const uint8_t state = frame.states[one.var];
      frame.states[one.var] = state | Frame::kUsed;
      const std::string_view value = frame.values[one.var];
      if (one.way != Way::kVar) [[likely]] {
        writer_.send(r.plan, one, value, state & Frame::kJson);
        continue;
      }
      const uint32_t to = one.dests[0].target;
      const Convert convert = one.dests[0].convert;
      const std::string_view other = writer_.converted(convert, value);
      if (!other.data()) continue;
      frame.assign(to, other, convert == Convert::kNone && (state & Frame::kJson));
      // A row further on may send it.
      if (to > one.var && to - first < 64) left |= uint64_t{1} << (to - first) & all;
    }
    const size_t done = few ? 1 : row->stretch;
    row += done;
    vars += done;
  }
}

/// Strings and values in turn, as one text; nothing when one of the values is missing.
void Executor::join(Running& r, const OpRow& op) {
  const auto items = r.plan.lists().subspan(op.a, op.b);
  size_t size = 0;
  for (size_t i = 0; i < items.size(); i += 2) {
    const uint32_t var = items[i + 1].value;
    if (var != kNone && !r.frame.has(var)) return;
    size += r.plan.text(items[i].value).size() + (var == kNone ? 0 : r.frame.values[var].size());
  }
  char* const whole = r.arena.take(size);
  if (!whole) return r.event.note(Problem::kTooComplex, 0);
  char* p = whole;
  const auto append = [&p](std::string_view text) {
    std::memcpy(p, text.data(), text.size());
    p += text.size();
  };
  for (size_t i = 0; i < items.size(); i += 2) {
    append(r.plan.text(items[i].value));
    if (items[i + 1].value != kNone) append(r.frame.values[items[i + 1].value]);
  }
  const auto dests = r.plan.destinations(op.c, op.d);
  if (dests.size() == 1 && dests[0].kind == DestKind::kVar) r.frame.assign(dests[0].target, {whole, size});
  else writer_.send_other(r.plan, dests, {whole, size}, false);
}

/// The variables with a blank between, as one date; those without a value are left out, not the first.
bool Executor::time(Running& r, const OpRow& op) {
  constexpr size_t kTimeMax = 128;
  char text[kTimeMax + kPadding];
  const auto vars = r.plan.lists().subspan(op.b, op.c & ~kTimeTells);
  if (!r.frame.has(vars[0].value)) return false;
  std::string_view whole = r.frame.values[vars[0].value];
  bool fits = whole.size() < kTimeMax;
  if (fits && vars.size() > 1) {
    size_t size = 0;
    for (const ListRow& row : vars) {
      if (!r.frame.has(row.value)) continue;
      const std::string_view value = r.frame.values[row.value];
      if (!(fits = size + value.size() + 1 <= kTimeMax)) break;
      if (size != 0) text[size++] = ' ';
      std::memcpy(text + size, value.data(), value.size());
      size += value.size();
    }
    whole = {text, size};
  }
  int64_t ns;
  if (!fits || !r.plan.block(op.a).time(whole, {r.event.created_ns, r.utc_offset_s}, ns)) {
    if (op.c & kTimeTells) r.event.note(Problem::kFormat, 0);
    return false;
  }
  for (const ListRow& row : vars) r.frame.use(row.value);
  const DestRow& dest = r.plan.dests()[op.d];
  if (static_cast<DestKind>(dest.kind) == DestKind::kField) writer_.put(r.plan.field(dest.target), Value::of_int(ns));
  else writer_.timestamp(ns);
  return true;
}

bool Executor::test(const Running& r, const TestRow& row) const {
  if (!r.frame.has(row.var)) return false;
  return holds(r.plan, row, r.frame.values[row.var]);
}

bool Executor::choose(Running& r, const OpRow& op, uint32_t& next) const {
  if (!r.frame.has(op.b)) return false;
  const std::string_view value = r.frame.values[op.b];
  if (op.c && value.size() > kFoldBytes) return false;  // no case is as long
  char folded[kFoldBytes];
  const uint32_t place = r.plan.table(op.a).find(op.c ? lower_case(value, folded) : value);
  if (place == kNone) return false;
  next = place;
  return true;
}

/// What no step has used goes where its name says.
void Executor::flush(Running& r) {
  for (uint32_t word = 0; word * 64 < r.pack.var_count; ++word) {
    for (uint64_t left = r.frame.unused(word * 64); left != 0; left &= left - 1) {
      const uint32_t var = word * 64 + static_cast<uint32_t>(std::countr_zero(left));
      if (var >= r.pack.var_count) return;
      writer_.send(r.plan, r.plan.variable(r.pack.var_first + var), r.frame.values[var], r.frame.is_json(var));
    }
  }
}

}  // namespace penstock::packs
