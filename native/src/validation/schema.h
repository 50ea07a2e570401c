// A JSON Schema as a plan: nodes of checks, compiled by engine/validation/compile.ts (which draws the layout) and checked here once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "packs/blocks/regex.h"
#include "validation/name_table.h"

namespace penstock::validation {

inline constexpr uint32_t kSchemaMagic = 0x53434a50;
inline constexpr uint32_t kSchemaVersion = 2;
inline constexpr uint32_t kNoNode = UINT32_MAX;

/// What a check of a node asks. The arguments stand behind it, in words: native/validation.ts has the same list.
enum class Op : uint32_t {
  kNever,          ///< nothing fits
  kType,           ///< bits of JsonType
  kOneOf,          ///< count, then each: JsonType, text (strings), or number
  kMinimum,        ///< number
  kMaximum,
  kAbove,
  kBelow,
  kMultipleOf,
  kMinLength,      ///< characters
  kMaxLength,
  kPattern,        ///< number of the pattern
  kFormat,         ///< Format
  kMinItems,
  kMaxItems,
  kUnique,
  kItems,          ///< node of the rest, count, nodes of the first ones
  kContains,       ///< node, least, most
  kMinProperties,
  kMaxProperties,
  kProperties,     ///< node of the others, node of names, counts, 0 (where load() puts the number of its NameTable, from 1), properties
                   ///< (text, node, flags), patterns (number, node)
  kDependent,      ///< text, node: where the object has the property
  kAll,            ///< count, nodes
  kAny,
  kOne,
  kNot,            ///< node
  kIf,             ///< node, node of then, node of else
  kCount,
};

enum JsonType : uint32_t { kNull = 1, kBool = 2, kObject = 4, kArray = 8, kNumber = 16, kString = 32, kInteger = 64, kTrue = 128 };
enum class Format : uint32_t { kDateTime, kDate, kIpv4, kIpv6, kUuid, kCount };
enum PropertyFlag : uint32_t { kRequired = 1, kDeclared = 2 };

/// Properties of one object that a schema may name.
inline constexpr uint32_t kPropertiesMax = 1024;
/// From so many on they are looked up by hash.
inline constexpr uint32_t kHashedFrom = 8;
/// Words of kProperties before its properties.
inline constexpr uint32_t kPropertiesHead = 5;

/// One check; views into the plan.
struct Check {
  Op op;
  std::string_view says;  ///< what does not hold when it fails
  const uint32_t* args;
  uint32_t count;
};

/// Of one thread: the matchers of its patterns are.
class Schema {
 public:
  /// Takes a copy of the plan. False: `error` says what is wrong with it.
  bool load(const uint8_t* data, size_t size, std::string& error);

  /// Words of a node's checks, one after the other; `end` behind the last.
  const uint32_t* begin(uint32_t node, const uint32_t*& end) const {
    end = words_ + node_at_[node + 1];
    return words_ + node_at_[node];
  }
  /// The check that begins at `word`, which moves to the next.
  Check next(const uint32_t*& word) const {
    const Check check{static_cast<Op>(word[0]), text(word + 2), word + 4, word[1] - 4};
    word += word[1];
    return check;
  }
  /// Of two words, offset and size.
  std::string_view text(const uint32_t* at) const { return {strings_ + at[0], at[1]}; }
  packs::Regex& pattern(uint32_t number) const { return patterns_[number]; }
  const NameTable& name_table(uint32_t number) const { return name_tables_[number]; }

 private:
  bool check_node(uint32_t node) const;
  bool check_args(const Check& check) const;
  bool hash_names();
  bool is_text(const uint32_t* at) const;
  bool is_node(uint32_t node) const { return node < nodes_; }
  bool is_node_or_none(uint32_t node) const { return node == kNoNode || is_node(node); }

  std::vector<uint32_t> plan_;
  const uint32_t* node_at_ = nullptr;
  const uint32_t* words_ = nullptr;
  const char* strings_ = nullptr;
  uint32_t nodes_ = 0, word_count_ = 0, string_bytes_ = 0;
  mutable std::vector<packs::Regex> patterns_;
  std::vector<NameTable> name_tables_;
};

}  // namespace penstock::validation
