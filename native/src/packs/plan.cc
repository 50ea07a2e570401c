#include "packs/plan.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "kernels/ecs_lookup.h"
#include "kernels/one_of.h"
#include "packs/block.h"
#include "packs/plan_check.h"

namespace penstock::packs {
namespace {

constexpr size_t kPlanBytesMax = 16 << 20;
constexpr size_t kHeaderWords = 5;

#define SECTION(name, Row) +1
constexpr size_t kSections = 0 PENSTOCK_PLAN_SECTIONS(SECTION);
#undef SECTION

/// `field`: of a destination that is one, and the type that its values have to fit.
Way way_of(const DestRow& row, const EcsFieldInfo* field, EcsType type) {
  constexpr uint32_t kRelated = kRelatedIp | kRelatedUser | kRelatedHosts | kRelatedHash;
  if (static_cast<DestKind>(row.kind) == DestKind::kVar) return Way::kVar;
  if (static_cast<Convert>(row.convert) != Convert::kNone) return Way::kOther;
  if (!field) return static_cast<DestKind>(row.kind) == DestKind::kAttr ? Way::kAttr : Way::kOther;
  if (field->repeated || (row.flags & kRelated)) return Way::kField;
  return type == EcsType::kString ? Way::kText : type == EcsType::kInt ? Way::kInt : Way::kField;
}

}  // namespace

Plan::Plan() = default;
Plan::~Plan() = default;

bool Plan::load(const uint8_t* bytes, size_t size, std::string& error) {
  if (size > kPlanBytesMax) return error = "a plan of format packs is larger than 16 MiB", false;
  words_.assign(size / 4 + 1 + kPadding / 4, 0);  // kPadding bytes behind every text may be read
  if (size > 0) std::memcpy(words_.data(), bytes, size);
  bytes_ = size;
  return sections(error) && check_plan(*this, error) && build(error);
}

bool Plan::sections(std::string& error) {
  error = "the plan of format packs is damaged";
  const size_t words = bytes_ / 4;
  if (words < kHeaderWords + 3 * kSections) return false;
  if (words_[0] != kPlanMagic || words_[1] != kPlanVersion || words_[2] != kSections) return false;
  if (words_[3] > bytes_ || words_[4] > bytes_ - words_[3]) return false;
  pool_ = reinterpret_cast<const char*>(words_.data()) + words_[3];
  const uint32_t* header = words_.data() + kHeaderWords;
#define SECTION(name, Row)                                                                            \
  if (header[2] * 4 != sizeof(Row) || header[0] > words || header[1] > (words - header[0]) / header[2]) \
    return error += ": section " #name, false;                                                        \
  name##_ = {reinterpret_cast<const Row*>(words_.data() + header[0]), header[1]};                     \
  header += 3;
  PENSTOCK_PLAN_SECTIONS(SECTION)
#undef SECTION
  for (const StringRow& row : strings_)
    if (row.offset > words_[4] || row.size > words_[4] - row.offset) return error += ": a string", false;
  error.clear();
  return true;
}

bool Plan::build(std::string& error) {
  for (const FieldRow& row : fields_) {
    ecs_.push_back(ecs_field_by_name(text(row.name)));
    if (ecs_.back() == EcsField::kUnknown) return error = "ECS has no field " + std::string(text(row.name)), false;
  }
  resolve();
  for (const TableRow& row : tables_) {
    StringTable& table = lookups_.emplace_back();
    table.reserve(row.entry_count);
    for (const EntryRow& entry : entries_.subspan(row.entry_first, row.entry_count)) table.add(text(entry.text), entry.value);
  }
  for (const TestRow& row : tests_) {
    if (static_cast<TestKind>(row.kind) != TestKind::kNetwork) continue;
    enrich::Networks& networks = networks_[row.a];
    for (const EntryRow& entry : entries_.subspan(tables_[row.a].entry_first, tables_[row.a].entry_count))
      if (!networks.add(text(entry.text))) return error = "no network: " + std::string(text(entry.text)), false;
  }
  for (const PartRow& row : parts_) {
    const auto kind = static_cast<PartKind>(row.kind);
    pattern_parts_.push_back({kind, row.var, kind == PartKind::kLiteral ? text(row.text) : std::string_view()});
  }
  chains_.build(*this);
  apps_table_.reserve(apps_.size());
  for (size_t i = 0; i < apps_.size(); ++i) apps_table_.add(text(apps_[i].text), static_cast<uint32_t>(i));
  json_.build(*this);
  for (const BlockRow& row : blocks_) {
    std::vector<std::string_view> params;
    for (const ListRow& item : lists_.subspan(row.param_first, row.param_count)) params.push_back(text(item.value));
    auto block = make_block(text(row.kind), params, error);
    if (!block) return false;
    declares_ |= block->declared();
    built_.push_back(std::move(block));
  }
  return true;
}

void Plan::resolve() {
  for (const DestRow& row : dests_) {
    const auto kind = static_cast<DestKind>(row.kind);
    const bool field = kind == DestKind::kField;
    const EcsFieldInfo* const info = field ? &kEcsFields[static_cast<size_t>(ecs_[row.target])] : nullptr;
    const auto convert = static_cast<Convert>(row.convert);
    const EcsType type = field ? type_to_fit(ecs_[row.target]) : EcsType::kString;
    destinations_.push_back({kind, convert, type, info && info->repeated, way_of(row, info, type),
                             info ? ecs_[row.target] : EcsField::kUnknown, static_cast<uint16_t>(row.flags), row.target, row.param,
                             info ? info->name : kind == DestKind::kAttr ? text(row.target) : std::string_view()});
  }
  const auto sending = [this](uint32_t var, uint32_t first, uint32_t count) {
    const auto dests = destinations(first, count);
    return Sending{var, count == 1 ? dests[0].way : Way::kOther, 1, count == 1 ? dests[0].field : EcsField::kUnknown, dests};
  };
  for (const MapRow& row : maps_) mappings_.push_back(sending(row.var, row.dest_first, row.dest_count));
  for (size_t first = 0; first < mappings_.size(); ++first) {
    Sending& from = mappings_[first];
    uint64_t& vars = stretches_.emplace_back(1);
    for (size_t i = first + 1; i < mappings_.size() && mappings_[i].var > mappings_[i - 1].var && mappings_[i].var - from.var < 64; ++i) {
      vars |= uint64_t{1} << (mappings_[i].var - from.var);
      ++from.stretch;
    }
  }
  for (const VarRow& row : vars_) variables_.push_back(sending(kNone, row.dest_first, row.dest_count));
  for (const ConstRow& row : consts_) {
    const auto kind = static_cast<DestKind>(row.kind);
    const auto bits = static_cast<int64_t>(uint64_t{row.high} << 32 | row.low);
    Constant& constant = constants_.emplace_back();
    constant.kind = kind;
    constant.target = row.target;
    constant.field = kind == DestKind::kField ? ecs_[row.target] : EcsField::kUnknown;
    constant.repeated = kind == DestKind::kField && kEcsFields[static_cast<size_t>(constant.field)].repeated;
    if (kind == DestKind::kAttr) constant.name = text(row.target);
    // A variable is given the text whatever it spells.
    switch (kind == DestKind::kVar ? ConstKind::kString : static_cast<ConstKind>(row.value_kind)) {
      case ConstKind::kString: constant.value = Value::of_string(text(row.text)); break;
      case ConstKind::kInt: constant.value = Value::of_int(bits); break;
      case ConstKind::kDouble: constant.value = Value::of_double(std::bit_cast<double>(bits)); break;
      case ConstKind::kNone: constant.value = Value(); break;
      default: constant.value = Value::of_bool(bits != 0);
    }
  }
  for (const PackRow& row : packs_) {
    Empties& empties = empties_.emplace_back();
    for (const ListRow& item : lists_.subspan(row.empties_first, row.empties_count)) {
      const std::string_view empty = text(item.value);
      if (empty.empty()) continue;
      const auto first = static_cast<uint8_t>(empty[0]);
      empties.firsts[first / 64] |= uint64_t{1} << (first % 64);
      empties.sizes |= uint64_t{1} << std::min<size_t>(empty.size(), 63);
    }
  }
}

bool Plan::stands_for_none(uint32_t pack, std::string_view value) const {
  const PackRow& row = packs_[pack];
  for (const ListRow& item : lists_.subspan(row.empties_first, row.empties_count))
    if (text(item.value) == value) return true;
  return false;
}

}  // namespace penstock::packs
