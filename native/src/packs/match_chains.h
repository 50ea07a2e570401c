// Alternatives of `match` that are tried one after the other on one text (`first_of`, lists of patterns), side by side: of most the first
// bytes tell that they do not fit.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "packs/plan_rows.h"

namespace penstock::packs {

class Plan;

class MatchChains {
 public:
  /// The literal that a pattern begins with, as far as it goes; behind the last of a chain what any text fits.
  struct Link {
    uint64_t bytes, mask;
    uint32_t op;       ///< the alternative; behind all of them, where to go on
    uint32_t pattern;  ///< kNone: behind all of them
  };
  void build(const Plan& plan);
  /// Of an operation kMatch: itself and those that its refusal leads to, which read the same variable.
  const Link* from(uint32_t op) const { return links_.data() + places_[op]; }
  /// The first that may fit `text`, from `link` on.
  static const Link* may_fit(const Link* link, std::string_view text) {
    if (text.size() < sizeof link->bytes) return link;
    uint64_t first;
    std::memcpy(&first, text.data(), sizeof first);
    while ((first & link->mask) != link->bytes) ++link;
    return link;
  }

 private:
  std::vector<Link> links_;
  std::vector<uint32_t> places_;  ///< by operation
};

}  // namespace penstock::packs
