// The operator's rules: what becomes of an event by what it says. Conditions are a program of the same form as those of format packs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/event.h"
#include "packs/blocks/extracted.h"
#include "packs/plan.h"

namespace penstock::enrich {

inline constexpr size_t kRulesMax = 256;

enum class Redaction : uint8_t { kHash, kMask };

struct RuleAction {
  int32_t route = -1;        ///< −1: the listener's
  double keep = 1;           ///< share of events that is kept
  bool drop = false;
  double risk = 0;           ///< points
  struct Redact {
    std::string name;        ///< ECS field, or an attribute
    EcsField field;
    Redaction how;
  };
  std::vector<Redact> redact;
};

enum class Fate : uint8_t { kKept, kDropped, kSampledOut };

struct RuleOutcome {
  Fate fate = Fate::kKept;
  int32_t route = -1;
  bool redacted = false;
  uint64_t matched[kRulesMax / 64] = {};  ///< a bit for each rule

  bool has(size_t rule) const { return matched[rule / 64] >> (rule % 64) & 1; }
};

class Rules {
 public:
  /// `key`: of the hashes of redaction. False: `error`.
  bool open(const uint8_t* program, size_t size, std::vector<RuleAction> actions, std::string key, std::string& error);
  size_t count() const { return actions_.size(); }
  /// Not for two threads at a time.
  void run(Event& event, Arena& arena, RuleOutcome& outcome);

 private:
  struct Slot {
    EcsField field;      ///< kUnknown: an attribute, or the message
    std::string name;
  };
  void find_fields(const Event& event);
  void match(const Event& event, RuleOutcome& outcome);
  bool holds(const Event& event, const packs::TestRow& test) const;
  bool value_holds(const packs::TestRow& test, const Value& value) const;
  bool element_holds(const packs::TestRow& test, std::string_view array) const;

  packs::Plan plan_;
  std::vector<RuleAction> actions_;
  std::vector<Slot> slots_;
  std::vector<uint16_t> slot_of_;  ///< by EcsField: slot + 1
  std::vector<uint32_t> first_;    ///< by slot: place of the event's first field, or kNone
  Arena* arena_ = nullptr;         ///< of the event
  mutable packs::Extracted notes_{1};  ///< what is said of escapes: that they were well-formed is known
  bool any_redaction_ = false;
  std::string key_;
};

}  // namespace penstock::enrich
