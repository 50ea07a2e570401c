#include "packs/match_chains.h"

#include "packs/plan.h"

namespace penstock::packs {

void MatchChains::build(const Plan& plan) {
  const std::span<const OpRow> ops = plan.ops();
  const auto is_match = [](const OpRow& op) { return static_cast<Op>(op.op) == Op::kMatch; };
  places_.assign(ops.size(), kNone);
  for (uint32_t first = 0; first < ops.size(); ++first) {
    if (!is_match(ops[first]) || places_[first] != kNone) continue;
    // Where it leads into a chain that is written already, it ends.
    uint32_t at = first;
    for (; is_match(ops[at]) && ops[at].b == ops[first].b && places_[at] == kNone; at = ops[at].target) {
      places_[at] = static_cast<uint32_t>(links_.size());
      Link& link = links_.emplace_back(Link{0, 0, at, ops[at].a});
      const PatternRow& pattern = plan.patterns()[ops[at].a];
      if (pattern.part_count == 0) continue;
      const PartRow& part = plan.parts()[pattern.part_first];
      if (static_cast<PartKind>(part.kind) != PartKind::kLiteral) continue;
      const std::string_view literal = plan.text(part.text).substr(0, sizeof link.bytes);
      std::memcpy(&link.bytes, literal.data(), literal.size());
      std::memset(&link.mask, 0xff, literal.size());
    }
    links_.push_back({0, 0, at, kNone});
  }
}

}  // namespace penstock::packs
