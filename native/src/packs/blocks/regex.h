// Regular expressions with captures, and grok on top of them. The engine is Rust's regex-automata: time linear in the
// text, no backtracking, programs and caches of bounded size. Syntax: https://docs.rs/regex/1/regex/#syntax
#pragma once

#include "packs/blocks/extracted.h"
#include "packs/blocks/fixed_shape.h"
#include "packs/blocks/regex_abi.h"

#include <string>
#include <vector>

namespace penstock::packs {

/// One thread's matcher of one pattern; the program behind it is compiled once in the process.
class Regex {
 public:
  static constexpr size_t kProgramBytesMax = 1 << 20;
  static constexpr size_t kCacheBytesMax = 512 << 10;
  static constexpr size_t kGroupsMax = 256;  ///< the whole match included

  Regex() = default;
  Regex(Regex&& other) noexcept : matcher_(other.matcher_), groups_(other.groups_), shape_(std::move(other.shape_)) { other.matcher_ = nullptr; }
  Regex& operator=(Regex&& other) noexcept;
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;
  ~Regex();

  /// Compiles `pattern` (UTF-8). False: `error` says why. Allocates: for the loading of plans, not for events.
  bool compile(std::string_view pattern, std::string& error);
  bool ready() const { return matcher_ != nullptr; }
  size_t groups() const { return groups_; }

  /// The leftmost match in `text`, or one at its start only when `anchored`. Spans of groups 0 to `count` - 1 are written
  /// when there is one; fewer groups cost less, 0 least.
  bool find(std::string_view text, bool anchored, RegexSpan* spans, size_t count) {
    if (shape_.usable() && matcher_) return shape_.find(text, spans, count);
    return matcher_ && regex_abi()->find(matcher_, reinterpret_cast<const uint8_t*>(text.data()), text.size(), anchored,
                                         spans, count);
  }

 private:
  RustMatcher* matcher_ = nullptr;
  size_t groups_ = 0;
  FixedShape shape_;  ///< usable where the expression has one
};

/// One thread's matcher of a list of patterns, of which the first that matches counts. What patterns need is compiled when they are
/// first tried, so a search may allocate: its callers remember what it answered.
class RegexList {
 public:
  RegexList() = default;
  RegexList(const RegexList&) = delete;
  RegexList& operator=(const RegexList&) = delete;
  ~RegexList();
  /// `patterns`: with a NUL between. False: `error` says why.
  bool compile(std::string_view patterns, std::string& error);
  /// Place of the first that matches, -1: none.
  int32_t find(std::string_view text, RegexSpan* spans, size_t count) {
    return list_ ? regex_abi()->find_first(list_, reinterpret_cast<const uint8_t*>(text.data()), text.size(), spans, count) : -1;
  }

 private:
  RustList* list_ = nullptr;
};

/// Where a group's text goes.
struct RegexCapture {
  uint32_t group;         ///< from 1
  std::string_view name;  ///< owned by the pack
};

struct RegexOptions {
  Regex* regex = nullptr;               ///< of the calling thread
  std::vector<RegexCapture> captures;   ///< in the order wanted; a name may stand for several groups
  bool anchored = false;                ///< only at the text's start
  bool keep_empty = false;              ///< captures that matched the empty text become fields too
};

/// The captures that took part in the leftmost match, as views into `text`.
BlockResult extract_regex(std::string_view text, const RegexOptions& options, Arena& scratch, Extracted& out);

}  // namespace penstock::packs
