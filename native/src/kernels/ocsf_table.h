// What becomes of ECS in OCSF: the table of schema/ocsf/mapping.yaml, as tools/generators/ocsf.mjs writes it.
#pragma once

#include "kernels/json_items.h"

namespace penstock::ocsf {

/// How a value is written.
enum class How : uint8_t { kCopy, kMs, kNsToMs, kInteger, kBasename, kDirection, kOutcome, kList };

/// Entries [first, last) of a table.
struct Span {
  uint16_t first, last;
};
/// A field (JsonItem::id) has the value; without one: it is there.
struct Term {
  uint16_t id;
  std::string_view value;
};
struct Activity {
  uint8_t id;
  Span when;  ///< of kGroups: each has to hold
};
struct Row {
  uint16_t id;    ///< JsonItem::id
  uint16_t path;  ///< of kPaths
  How how;
};
struct From {
  uint16_t id;
  How how;
};
/// Written when the path has no value, and some path of `under` has one, and some of `also`.
struct Default {
  uint16_t path;
  Span under, also;  ///< of kPaths; empty: always
  Span from;   ///< of kFroms
  std::string_view value;
  bool raw;  ///< JSON as it is, not a text
};
/// The object of these paths is written only with one of kNeeded.
struct Need {
  Span object;
  Span any;
};
struct Class {
  uint16_t uid;
  uint8_t category;
  std::string_view name, category_name;
  Span when, activities, rows, defaults;
};

inline constexpr size_t kPathsMax = 256;
inline constexpr size_t kClassesMax = 16;

extern const std::string_view kPaths[];  ///< dotted, in the order of nested objects; "[]" behind a name: an array of one
extern const Term kTerms[];
extern const Span kGroups[];  ///< of kTerms: one of them has to hold
extern const Activity kActivities[];
extern const Row kRows[];
extern const From kFroms[];
extern const Default kDefaults[];
extern const uint16_t kNeeded[];
extern const Need kNeeds[];
extern const Class kClasses[];  ///< the last is that of all others
extern const size_t kPathCount, kNeedCount, kClassCount;

}  // namespace penstock::ocsf
