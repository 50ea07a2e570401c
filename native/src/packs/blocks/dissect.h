// Dissect: a line taken apart by the texts between its fields. Elastic's dissect specification
// (https://github.com/elastic/dissect-specification).
#pragma once

#include "packs/blocks/extracted.h"

#include <string>
#include <vector>

namespace penstock::packs {

/// A pattern such as `%{ts->} %{+name/2} %{+name/1}: %{?skipped}%{*key}=%{&value}`, compiled when a plan is loaded.
///
/// A field goes to the first place where the text that follows it in the pattern is found; the last one, when nothing follows
/// it, takes the rest. `->` swallows repetitions of the text that follows. `+name` appends, in the order of `/n`; `?name` and
/// the empty name are not kept; the value of `&name` is kept under the text of `*name`.
class Dissect {
 public:
  static constexpr size_t kFieldsMax = 128;

  /// `separator` stands between appended parts. False: `error` says why, for the pattern's author.
  bool compile(std::string_view pattern, std::string_view separator, std::string& error);

  BlockResult extract(std::string_view text, Arena& scratch, Extracted& out) const;

 private:
  enum class Kind : uint8_t { kPlain, kSkipped, kAppended, kName, kValue };

  struct Field {
    Kind kind = Kind::kPlain;
    bool padded = false;   ///< repetitions of `after` are swallowed
    bool first = true;     ///< of its name: the one that yields a field
    uint32_t order = 0;    ///< among appended parts
    std::string name;
    std::string after;     ///< the text that ends it; empty: it takes the rest
    std::vector<uint16_t> parts;  ///< fields joined to its value, in their order; empty: its own value alone
    uint16_t pair = 0;     ///< kValue: the kName field
  };

  bool parse_field(std::string_view key, Field& field, std::string& error) const;
  bool resolve(std::string& error);
  std::string_view joined(const Field& field, const std::string_view* values, Arena& scratch, Extracted& out) const;

  std::string before_;  ///< what the text begins with
  std::string separator_;
  std::vector<Field> fields_;
};

}  // namespace penstock::packs
