#include "packs/plan_check.h"

#include "packs/plan.h"

namespace penstock::packs {
namespace {

class Checker {
 public:
  explicit Checker(const Plan& plan) : p_(plan) {}

  bool all() const {
    if (p_.packs().size() > kPacksMax) return false;
    for (const FieldRow& row : p_.fields()) if (!string(row.name)) return false;
    for (const TableRow& row : p_.tables()) if (!range(row.entry_first, row.entry_count, p_.entries().size())) return false;
    for (const EntryRow& row : p_.entries()) if (!string(row.text) || row.value == kNone) return false;
    for (const PartRow& row : p_.parts()) if (!part(row)) return false;
    for (const PatternRow& row : p_.patterns()) if (!pattern(row)) return false;
    for (const BlockRow& row : p_.blocks()) if (!string(row.kind) || !strings(row.param_first, row.param_count)) return false;
    for (const DestRow& row : p_.dests()) if (!dest(row.kind, row.target) || !converts(row)) return false;
    for (const ConstRow& row : p_.consts()) if (!constant(row)) return false;
    for (const MapRow& row : p_.maps()) if (!var(row.var) || !dests(row.dest_first, row.dest_count)) return false;
    for (const VarRow& row : p_.vars()) if (!string(row.name) || !dests(row.dest_first, row.dest_count)) return false;
    for (const TestRow& row : p_.tests()) if (!test(row)) return false;
    for (const PackRow& row : p_.packs()) if (!pack(row)) return false;
    for (size_t i = 0; i < p_.ops().size(); ++i) if (!op(p_.ops()[i], i)) return false;
    return recognition();
  }

 private:
  static bool range(uint32_t first, uint32_t count, size_t size) { return first <= size && count <= size - first; }
  bool string(uint32_t s) const { return s < p_.strings().size(); }
  bool var(uint32_t v) const { return v < kVarsMax; }
  bool var_or_text(uint32_t v) const { return v == kNone || var(v); }
  bool dests(uint32_t first, uint32_t count) const { return range(first, count, p_.dests().size()); }
  bool strings(uint32_t first, uint32_t count) const {
    if (!range(first, count, p_.lists().size())) return false;
    for (const ListRow& row : p_.lists().subspan(first, count)) if (!string(row.value)) return false;
    return true;
  }
  bool dest(uint32_t kind, uint32_t target) const {
    switch (static_cast<DestKind>(kind)) {
      case DestKind::kField: return target < p_.fields().size();
      case DestKind::kAttr: return string(target);
      case DestKind::kVar: return var(target);
      case DestKind::kTimestamp:
      case DestKind::kMessage: return true;
      case DestKind::kCount: break;
    }
    return false;
  }
  bool converts(const DestRow& row) const {
    if (row.convert >= static_cast<uint32_t>(Convert::kCount)) return false;
    const auto convert = static_cast<Convert>(row.convert);
    return (convert != Convert::kScale && convert != Convert::kSplit) || (string(row.param) && !p_.text(row.param).empty());
  }
  bool constant(const ConstRow& row) const {
    return dest(row.kind, row.target) && row.value_kind < static_cast<uint32_t>(ConstKind::kCount) && string(row.text);
  }
  bool part(const PartRow& row) const {
    if (row.kind >= static_cast<uint32_t>(PartKind::kCount)) return false;
    if (row.kind == static_cast<uint32_t>(PartKind::kLiteral)) return string(row.text) && !p_.text(row.text).empty();
    return var_or_text(row.var);
  }
  bool pattern(const PatternRow& row) const {
    if (!range(row.part_first, row.part_count, p_.parts().size())) return false;
    return row.open == kNone || row.open < row.part_count;
  }
  bool test(const TestRow& row) const {
    if (row.kind >= static_cast<uint32_t>(TestKind::kCount) || !var(row.var)) return false;
    const auto kind = static_cast<TestKind>(row.kind);
    if (kind == TestKind::kPresent || kind == TestKind::kIsIp) return true;
    return kind == TestKind::kEquals || kind == TestKind::kNetwork ? row.a < p_.tables().size() : string(row.a);
  }
  bool pack(const PackRow& row) const {
    return string(row.name) && string(row.prefix) && range(row.var_first, row.var_count, p_.vars().size()) &&
           row.var_count >= kEnvelopeVars && row.var_count <= kVarsMax && row.names < p_.tables().size() &&
           row.op < p_.ops().size() && strings(row.empties_first, row.empties_count) && names_fit(row) && picks(row) &&
           strings(row.split_first, row.split_count) && strings(row.unwind_first, row.unwind_count) && strings(row.rest_first, row.rest_count) && row.rest_count % 2 == 0 && (row.split_pack == kNone || row.split_pack < p_.packs().size());
  }
  bool names_fit(const PackRow& row) const {
    const TableRow& table = p_.tables()[row.names];
    for (const EntryRow& entry : p_.entries().subspan(table.entry_first, table.entry_count))
      if (entry.value >= row.var_count) return false;
    return true;
  }
  bool picks(const PackRow& row) const {
    if (!range(row.picks_first, row.picks_count, p_.picks().size())) return false;
    for (const PickRow& pick : p_.picks().subspan(row.picks_first, row.picks_count))
      if (pick.from >= row.var_count || pick.to >= row.var_count || pick.path_count == 0 || !strings(pick.path_first, pick.path_count)) return false;
    return true;
  }
  bool forward(uint32_t target, size_t at) const { return target > at && target < p_.ops().size(); }
  bool op(const OpRow& row, size_t at) const {
    const bool last = at + 1 == p_.ops().size();
    switch (static_cast<Op>(row.op)) {
      case Op::kEnd:
      case Op::kRefuse: return true;
      case Op::kJump: return forward(row.target, at);
      case Op::kMatch: return !last && row.a < p_.patterns().size() && var_or_text(row.b) && forward(row.target, at);
      case Op::kTake: return !last && row.a < p_.blocks().size() && var_or_text(row.b) && forward(row.target, at);
      case Op::kMap: return !last && range(row.a, row.b, p_.maps().size());
      case Op::kSet: return !last && range(row.a, row.b, p_.consts().size());
      case Op::kTest:
      case Op::kTestNot: return !last && row.a < p_.tests().size() && forward(row.target, at);
      case Op::kSwitch: return !last && row.a < p_.tables().size() && var(row.b) && cases(row.a, at) && forward(row.target, at);
      case Op::kPack: return !last && row.a < p_.packs().size() && var_or_text(row.b) && forward(row.target, at);
      case Op::kTime: return !last && (row.c & ~kTimeTells) != 0 && row.a < p_.blocks().size() && vars(row.b, row.c & ~kTimeTells) && row.d < p_.dests().size() && forward(row.target, at);
      case Op::kJoin: return !last && joined(row.a, row.b) && dests(row.c, row.d);
      case Op::kJson: return !last && var_or_text(row.b) && forward(row.target, at);
      case Op::kCount: break;
    }
    return false;
  }
  bool vars(uint32_t first, uint32_t count) const {
    if (!range(first, count, p_.lists().size())) return false;
    for (const ListRow& row : p_.lists().subspan(first, count)) if (!var(row.value)) return false;
    return true;
  }
  /// Pairs: string, variable (or kNone).
  bool joined(uint32_t first, uint32_t count) const {
    if (count % 2 != 0 || !range(first, count, p_.lists().size())) return false;
    for (uint32_t i = 0; i < count; i += 2)
      if (!string(p_.lists()[first + i].value) || !var_or_text(p_.lists()[first + i + 1].value)) return false;
    return true;
  }
  bool cases(uint32_t table, size_t at) const {
    const TableRow& row = p_.tables()[table];
    for (const EntryRow& entry : p_.entries().subspan(row.entry_first, row.entry_count))
      if (!forward(entry.value, at)) return false;
    return true;
  }
  bool candidates(uint32_t first, uint32_t count) const {
    if (!range(first, count, p_.lists().size())) return false;
    for (const ListRow& row : p_.lists().subspan(first, count)) if (row.value >= p_.candidates().size()) return false;
    return true;
  }
  bool recognition() const {
    if (p_.first_bytes().size() != 2 * kFirstBytes) return false;
    for (const FirstByteRow& row : p_.first_bytes()) if (!candidates(row.list_first, row.list_count)) return false;
    for (const AppRow& row : p_.apps()) if (!string(row.text) || !candidates(row.list_first, row.list_count)) return false;
    for (const CandidateRow& row : p_.candidates())
      if (row.pack >= p_.packs().size() || !range(row.literal_first, row.literal_count, p_.literals().size()) ||
          !range(row.json_first, row.json_count, p_.json_marks().size()))
        return false;
    for (const LiteralRow& row : p_.literals())
      if (row.kind >= static_cast<uint32_t>(LiteralKind::kCount) || !strings(row.list_first, row.list_count)) return false;
    for (const JsonKeyRow& row : p_.json_keys()) if (!string(row.text) || !candidates(row.list_first, row.list_count)) return false;
    for (const JsonMarkRow& row : p_.json_marks()) if (!string(row.name) || !strings(row.list_first, row.list_count)) return false;
    return true;
  }

  const Plan& p_;
};

}  // namespace

bool check_plan(const Plan& plan, std::string& error) {
  if (Checker(plan).all()) return true;
  error = "the plan of format packs is damaged: an index is outside its section";
  return false;
}

}  // namespace penstock::packs
