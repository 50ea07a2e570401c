// A plan as workers hold it: the tables of plan_rows.h, checked once, and what is built from them.
#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/networks.h"
#include "generated/ecs_fields.h"
#include "kernels/event.h"
#include "packs/json_recognition.h"
#include "packs/match_chains.h"
#include "packs/plan_rows.h"
#include "packs/string_table.h"

namespace penstock::packs {

class Block;

/// Variables that every program begins with; the first of each pack's.
enum EnvelopeVar : uint32_t {
  kVarText, kVarApp, kVarMsgid, kVarHost, kVarPid, kVarLevel, kVarStructuredData, kVarJson, kEnvelopeVars
};

/// Most values go one of a few ways, which are short.
enum class Way : uint8_t {
  kText,  ///< to a field of a text, a single one, as it is and nowhere else
  kInt,   ///< the same of a whole number
  kField, ///< as it is to any other field
  kAttr,  ///< as it is to an attribute
  kVar,   ///< to another variable
  kOther,
};

/// Where a value goes, with what the event path asks of its field at hand: the table of all ECS fields is too large for the cache.
struct Dest {
  DestKind kind;
  Convert convert;
  EcsType type;        ///< of the field
  bool repeated;       ///< the field is a list
  Way way;             ///< how it is written where it is the only destination
  EcsField field;      ///< kField
  uint16_t flags;      ///< DestFlags
  uint32_t target;     ///< kVar: the variable
  uint32_t param;      ///< as DestRow has it
  std::string_view name;  ///< kAttr: the attribute; kField: the field
};

/// A variable and where its value goes: a row of maps() or vars().
struct Sending {
  uint32_t var;
  Way way;         ///< of its only destination; kOther: there are several, or none
  uint8_t stretch; ///< of a map: so many rows from here on have variables in ascending order, the last less than 64 behind the first
  EcsField field;  ///< of the only destination
  std::span<const Dest> dests;
};

/// A part of a pattern.
struct PatternPart {
  PartKind kind;
  uint32_t var;
  std::string_view mark;  ///< of a literal
};

/// A constant and where it goes.
struct Constant {
  DestKind kind;
  bool repeated;
  EcsField field;
  uint32_t target;
  std::string_view name;  ///< kAttr
  Value value;
};

class Plan {
 public:
  /// Copies and checks. False, with the reason in `error`, when the bytes are no plan of this version.
  bool load(const uint8_t* bytes, size_t size, std::string& error);
  Plan();
  ~Plan();

#define SECTION(name, Row) \
  std::span<const Row> name() const { return name##_; }
  PENSTOCK_PLAN_SECTIONS(SECTION)
#undef SECTION
  std::string_view text(uint32_t string) const { return {pool_ + strings_[string].offset, strings_[string].size}; }
  EcsField field(uint32_t row) const { return ecs_[row]; }
  /// As dests(), consts(), maps() and vars(), row by row.
  std::span<const Dest> destinations(uint32_t first, uint32_t count) const { return {destinations_.data() + first, count}; }
  std::span<const Constant> constants(uint32_t first, uint32_t count) const { return {constants_.data() + first, count}; }
  std::span<const Sending> mappings(uint32_t first, uint32_t count) const { return {mappings_.data() + first, count}; }
  /// As maps(): a bit for each variable of the stretch of rows that begins there, the first's lowest.
  const uint64_t* stretches(uint32_t first) const { return stretches_.data() + first; }
  const Sending& variable(uint32_t row) const { return variables_[row]; }
  /// A name that neither ECS nor a map knows: what stands before it, and what of it stays.
  struct OwnName {
    std::string_view prefix, rest;
  };
  OwnName own_name(const PackRow& pack, std::string_view name) const {
    for (uint32_t i = 0; i < pack.rest_count; i += 2) {
      const std::string_view from = text(lists_[pack.rest_first + i].value);
      if (name.starts_with(from)) return {text(lists_[pack.rest_first + i + 1].value), name.substr(from.size())};
    }
    return {text(pack.prefix), name};
  }
  /// The texts that stand for no value in a pack, by what most values differ from all of them in: a bit for each size below 63, one for
  /// those above, and one for each first byte.
  struct Empties {
    uint64_t sizes = 1;
    uint64_t firsts[4] = {};
    bool may_be(size_t size) const { return sizes >> (size < 63 ? size : 63) & 1; }
  };
  const Empties& empties(uint32_t pack) const { return empties_[pack]; }
  /// Whether the value stands for none: empty, or one that the pack says does. `empties`: the pack's.
  bool is_empty(uint32_t pack, const Empties& empties, std::string_view value) const {
    if (!empties.may_be(value.size())) [[likely]] return false;
    if (value.empty()) return true;
    const auto first = static_cast<uint8_t>(value[0]);
    return (empties.firsts[first / 64] >> (first % 64) & 1) && stands_for_none(pack, value);
  }
  bool is_empty(uint32_t pack, std::string_view value) const { return is_empty(pack, empties_[pack], value); }
  const StringTable& table(uint32_t row) const { return lookups_[row]; }
  /// Those that a test of kNetwork names by its table.
  const enrich::Networks& networks(uint32_t table) const { return networks_.find(table)->second; }
  const StringTable& app_table() const { return apps_table_; }
  const MatchChains& chains() const { return chains_; }
  std::span<const PatternPart> pattern(uint32_t row) const {
    return {pattern_parts_.data() + patterns_[row].part_first, patterns_[row].part_count};
  }
  const Block& block(uint32_t row) const { return *built_[row]; }
  bool any_pack() const { return !packs_.empty(); }
  /// Whether some pack heeds columns that senders declare.
  bool declares() const { return declares_; }
  const JsonRecognition& json() const { return json_; }

 private:
  bool sections(std::string& error);
  bool check(std::string& error) const;
  bool build(std::string& error);

  std::vector<uint32_t> words_;
  size_t bytes_ = 0;
  const char* pool_ = nullptr;
#define SECTION(name, Row) std::span<const Row> name##_;
  PENSTOCK_PLAN_SECTIONS(SECTION)
#undef SECTION
  bool stands_for_none(uint32_t pack, std::string_view value) const;
  void resolve();

  std::vector<EcsField> ecs_;
  std::vector<Dest> destinations_;
  std::vector<Constant> constants_;
  std::vector<Sending> mappings_, variables_;
  std::vector<uint64_t> stretches_;  ///< as maps()
  std::vector<Empties> empties_;  ///< by pack
  std::vector<StringTable> lookups_;
  std::map<uint32_t, enrich::Networks> networks_;  ///< by table
  std::vector<PatternPart> pattern_parts_;  ///< as parts()
  MatchChains chains_;
  StringTable apps_table_;
  std::vector<std::unique_ptr<Block>> built_;
  JsonRecognition json_;
  bool declares_ = false;
};

}  // namespace penstock::packs
