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

/// A step that chooses an element by its name, "#Name=UserAgent": the first object whose `key` has the value `name`.
struct NamedStep {
  std::string_view key, name;  ///< key.data() == nullptr: the step is another
  explicit NamedStep(std::string_view step);
};

/// The elements of an array by what their `key` says. One thread uses it; the array that was asked for last is remembered.
class NamedElements {
 public:
  /// Forgets what it read, before those bytes become others.
  void reset() { array_ = {}; }
  /// The first element of `array`, well-formed, that `step` names: the string written as it is, or the number, true or false of that
  /// text. Empty: there is none.
  std::string_view find(std::string_view array, const NamedStep& step);

 private:
  static constexpr size_t kRememberedMax = 64;  ///< those behind are read again for each name
  struct Entry {
    std::string_view name, element;
  };
  void read(std::string_view array, std::string_view key);

  std::string_view array_, key_;
  JsonElements rest_{{}};
  Entry entries_[kRememberedMax];
  size_t count_ = 0;
};

/// A step of a path: a key, '#' and a number, a NamedStep, or "#*" (every element).
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
