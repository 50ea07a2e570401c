// Whether a JSON document fits a schema, and where it does not first.
#pragma once

#include "kernels/json_tokens.h"
#include "validation/schema.h"

namespace penstock::validation {

/// One a thread. Nothing is allocated per document, but to grow to the largest seen.
class Validator {
 public:
  static constexpr size_t kReasonMax = 512;

  Validator(uint32_t document_bytes_max, uint32_t depth_max);

  /// `document`: any bytes, kPadding readable behind them. `arena` holds unescaped strings and is left as it was.
  bool check(const Schema& schema, std::string_view document, Arena& arena);
  /// After a check that failed: the JSON pointer (RFC 6901) of what does not fit, and why not: "/user/id: must be integer". UTF-8;
  /// cut at kReasonMax bytes.
  std::string_view reason() const { return {reason_, reason_size_}; }

 private:
  struct Step {
    std::string_view key;  ///< as it stands in the document, without quotes; data() == nullptr: an index
    uint32_t index;
  };
  struct Value;

  bool index_document(std::string_view document);
  bool fits(uint32_t node, uint32_t i);
  bool holds(const Check& check, Value& value);
  bool is_one_of(const Check& check, Value& value);
  bool items_fit(const Check& check, uint32_t i);
  bool contains(const Check& check, uint32_t i);
  bool unique(uint32_t i);
  bool properties_fit(const Check& check, uint32_t i);
  bool has_property(uint32_t i, std::string_view name);
  bool below(uint32_t node, uint32_t i, Step step);
  bool quietly(uint32_t node, uint32_t i);
  uint64_t hash(uint32_t i);
  bool count(uint32_t i, uint32_t least, uint32_t most);
  bool spent();
  std::string_view content(uint32_t i);
  std::string_view content_of(std::string_view raw);
  double number(uint32_t i) const;
  bool is_int64(uint32_t i) const;
  bool is_integer(uint32_t i) const;
  bool fail(std::string_view says, std::string_view name = {});
  void put(std::string_view text);
  void put_key(std::string_view key);

  JsonTokens tokens_;
  uint32_t depth_max_;
  const Schema* schema_ = nullptr;
  Arena* arena_ = nullptr;
  std::vector<uint32_t> after_;  ///< of a token that begins a value: the token behind the value
  std::vector<uint32_t> open_;
  std::vector<Step> path_;
  std::vector<uint64_t> hashes_;
  uint64_t seed_ = 0;
  uint32_t quiet_ = 0;   ///< within branches whose failing says nothing
  uint32_t nested_ = 0;  ///< calls of fits() within each other
  uint64_t steps_left_ = 0;
  bool too_much_ = false;
  char reason_[kReasonMax];
  size_t reason_size_ = 0;
};

}  // namespace penstock::validation
