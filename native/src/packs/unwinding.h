// One event for each element of a JSON document's arrays: the document without the other elements (`unwind:` of a pack).
#pragma once

#include <string>

#include "packs/json_path.h"
#include "packs/packs.h"

namespace penstock::packs {

/// One document at a time; reused.
class Unwinding {
 public:
  static constexpr size_t kLevelsMax = 4;

  /// Whether `event`, which `pack` of `plan` understood, is unwound; then it may be reset. One of more than `elements_max`, or that would
  /// grow too much, notes that, and is an event like others; so is one with an element or none. `json`: the event's original is the
  /// object, else its message begins with it. Views stay those of the event.
  bool open(const Plan& plan, uint32_t pack, Event& event, bool json, uint32_t elements_max);
  /// The next event's text, the original without the other elements; valid until the next. False: there is none left.
  bool next(std::string_view& text);

 private:
  /// An array, and the text up to and from its brackets within the element (or document) that has it.
  struct Level {
    JsonElements elements{{}};
    std::string_view before, behind;
  };

  void begin();
  bool enter(std::string_view text, std::string_view object, size_t level);
  bool step(std::string_view& element);

  std::string_view text_, object_;
  JsonPath paths_[kLevelsMax];
  size_t levels_ = 0;  ///< how many arrays the pack's path leads through
  Level stack_[kLevelsMax];
  size_t depth_ = 0;  ///< how many of these are entered
  std::string joined_;
};

}  // namespace penstock::packs
