// Takes values out of an event: out of their fields, and wherever else their text stands, the original bytes included.
#pragma once

#include "enrich/rules.h"

namespace penstock::enrich {

class Redactor {
 public:
  static constexpr size_t kValuesMax = 32;  ///< of one event; with more, all its texts go

  Redactor(Event& event, Arena& arena, std::string_view key) : event_(event), arena_(arena), key_(key) {}
  void field(std::string_view name, EcsField field, Redaction how);
  /// Replaces what `field` has met in all the rest. Whether there was anything.
  bool finish();

 private:
  struct Pair {
    std::string_view value, instead;
    bool in_original;
  };
  Value instead_of(const Value& value, EcsType type, Redaction how);
  std::string_view stand_in(std::string_view value, EcsType type, Redaction how);
  /// `found`: whether a pair's value stands in it. A text without any is answered as it is.
  std::string_view clean(std::string_view text, bool original);

  Event& event_;
  Arena& arena_;
  std::string_view key_;
  Pair pairs_[kValuesMax];
  size_t count_ = 0;
  bool any_ = false, all_ = false;
};

}  // namespace penstock::enrich
