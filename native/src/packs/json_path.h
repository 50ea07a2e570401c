// Values within JSON text: the path that a pack writes behind a name, such as [0].id or [*].name.
#pragma once

#include <span>
#include <string_view>

#include "kernels/common.h"

namespace penstock::packs {

/// The elements of an array, one after the other; of well-formed JSON text. False: no more.
class JsonElements {
 public:
  explicit JsonElements(std::string_view array);
  bool next(std::string_view& element);

 private:
  std::string_view rest_;
};

/// A step of a path: a key, '#' and a number, or "#*" (every element).
struct JsonPath {
  static constexpr size_t kStepsMax = 16;
  std::string_view steps[kStepsMax];
  size_t count = 0;
};

/// What `path`, of keys alone, finds in `json`, well-formed: a slice of it; empty: nothing.
std::string_view member_at(std::string_view json, const JsonPath& path);

/// The JSON text of what `path` finds in `json`, well-formed; data() == nullptr: nothing, or no memory. Of a path with "#*" the array of
/// all it finds. Time is linear in `json`, times the steps.
std::string_view json_at(std::string_view json, const JsonPath& path, Arena& arena);

}  // namespace penstock::packs
