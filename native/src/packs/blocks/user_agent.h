// What a user agent's text says of browser, operating system and device, by the lists of uap-core (https://github.com/ua-parser/uap-core).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "packs/blocks/extracted.h"
#include "packs/blocks/regex.h"

namespace penstock::packs {

/// One thread's lists, and what the latest texts were found to be: a steady set of clients costs a look-up each. Memory is bounded
/// (kRemembered texts of kTextMax bytes and their answers); a text not seen before costs some hundred microseconds, and allocates. Whoever
/// asks a web server for a page chooses such a text: beyond a burst of kNewMax new ones, one in kNewEvery texts may be new.
class UserAgents {
 public:
  static constexpr size_t kRemembered = 2048;
  static constexpr size_t kWays = 8;  ///< texts that share a place: two that are met in turn do not drive each other out
  static constexpr uint32_t kNewMax = 4096;
  static constexpr uint32_t kNewEvery = 128;
  static constexpr size_t kTextMax = 1024;  ///< a longer text is read so far

  /// Rows "list US pattern US template …" (US: unit separator, 0x1f), in order; list: `browser` (name, then parts of the version),
  /// `system` (the same), `device` (name). A template is a text in which $1 to $9 are groups; an empty one is the group of its place.
  bool compile(std::span<const std::string_view> rows, std::string& error);
  /// user_agent.name, .version, .os.name, .os.version, .os.full and .device.name; what no list knows is called Other, as elsewhere.
  /// kNoMatch: the text is empty, or one new text too many.
  BlockResult extract(std::string_view text, Arena& scratch, Extracted& out);

 private:
  static constexpr size_t kParts = 5;
  struct Row {
    std::string_view templates[kParts];
  };
  struct List {
    size_t parts;  ///< of a name and a version that are heeded
    RegexList patterns;
    std::vector<Row> rows;
  };
  enum Part : uint8_t { kName, kVersion, kSystem, kSystemVersion, kSystemFull, kDevice, kAnswers };
  struct Answer {
    std::string text;  ///< the user agent; empty: none
    std::string values[kAnswers];
  };
  /// The first name and the version's parts with points between; false: no pattern matches.
  static bool look_up(List& list, std::string_view text, std::string& name, std::string& version);
  void answer(std::string_view text, Answer& out);
  const Answer* remembered(std::string_view text);

  List browsers_{4, {}, {}}, systems_{kParts, {}, {}}, devices_{1, {}, {}};
  std::vector<Answer> remembered_;
  uint32_t allowance_ = kNewMax * kNewEvery;
};

}  // namespace penstock::packs
