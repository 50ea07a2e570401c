// Which packs a JSON object may be of, from the names that stand in it: a decision made of the marks of all packs.
#pragma once

#include <span>
#include <vector>

#include "kernels/event.h"
#include "kernels/json.h"
#include "packs/plan_rows.h"
#include "packs/string_table.h"

namespace penstock::packs {

class Plan;

/// The part of an event that one JSON object became: places of its fields and attributes.
struct JsonRange {
  size_t fields = 0, fields_end = 0, attrs = 0, attrs_end = 0;
  std::string_view message;  ///< its `message`, where that is the event's
};

class JsonRecognition final : public JsonWantedNames {
 public:
  static constexpr size_t kHitsMax = 64;  ///< candidates one object can have; more are not tried

  void build(const Plan& plan);
  bool any() const { return any_; }
  /// Whether candidates are found by this name: an object without such a name has none.
  bool has(std::string_view dotted_name) const override { return keys_.find(dotted_name) != kNone; }
  /// The candidates whose marks all hold, in the order to try them.
  size_t candidates(const Plan& plan, const Event& event, const JsonRange& range, uint32_t (&hits)[kHitsMax]) const;

 private:
  struct Mark {
    std::string_view name;
    EcsField field;  ///< kUnknown: none of ECS
    uint64_t bit;    ///< of its name
    bool message;    ///< it is `message`
  };
  /// Bits of an object's names: one that is not set has no name.
  struct Names {
    uint64_t attrs = 0, fields = 0;
    bool none() const { return (attrs | fields) == 0; }
  };
  static Names names_of(const Event& event, const JsonRange& range);
  bool holds(const Plan& plan, const Event& event, const JsonRange& range, const Names& names, const CandidateRow& row) const;
  bool value_fits(const Plan& plan, const JsonMarkRow& row, const Value& value) const;

  bool any_ = false;
  uint64_t hints_[64] = {};           ///< by size of a name: first bytes (their low six bits) of names that packs look for
  StringTable keys_;                  ///< name → row of json_keys
  std::vector<uint32_t> field_keys_;  ///< the same by ECS field
  std::vector<Mark> marks_;           ///< by row of json_marks
};

}  // namespace penstock::packs
