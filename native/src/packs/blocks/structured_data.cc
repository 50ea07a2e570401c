#include "packs/blocks/structured_data.h"

#include <algorithm>

namespace penstock::packs {
namespace {

constexpr std::string_view kOfTheWay[] = {"timeQuality", "origin", "meta"};

bool is_of_the_way(std::string_view id) { return std::ranges::find(kOfTheWay, id) != std::end(kOfTheWay); }

/// `text` without the backslashes before '"', '\' and ']'; any other is text (section 6.3.3).
std::string_view unescaped(std::string_view text, Arena& scratch, Extracted& out, uint8_t& flags) {
  char* const start = scratch.take(text.size());
  if (!start) return out.note(BlockProblem::kScratchFull), text;
  char* to = start;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\' || text[i + 1] == ']')) ++i;
    *to++ = text[i];
  }
  const std::string_view plain{start, static_cast<size_t>(to - start)};
  if (plain.size() == text.size()) return text;
  flags |= kFieldRewritten;
  return plain;
}

/// Goes from element to element, from parameter to parameter.
class Reader {
 public:
  explicit Reader(std::string_view text) : p_(text.data()), end_(text.data() + text.size()) {}

  /// The next element's name; data() == nullptr when there is none.
  std::string_view element() {
    if (p_ == end_ || *p_ != '[') return {};
    ++p_;
    return name();
  }
  /// The next parameter of this element, as it is written. False at the element's end, and where it is not well-formed.
  bool parameter(std::string_view& name_out, std::string_view& value, bool& escaped) {
    if (p_ != end_ && *p_ == ']') return ++p_, false;
    if (p_ == end_ || *p_ != ' ') return fail();
    while (p_ != end_ && *p_ == ' ') ++p_;
    if (p_ != end_ && *p_ == ']') return ++p_, false;
    name_out = name();
    if (!name_out.data() || end_ - p_ < 2 || p_[0] != '=' || p_[1] != '"') return fail();
    const char* const from = p_ += 2;
    escaped = false;
    for (; p_ != end_ && *p_ != '"'; ++p_) {
      if (*p_ != '\\' || p_ + 1 == end_) continue;
      escaped = true;
      ++p_;
    }
    if (p_ == end_) return fail();
    value = {from, static_cast<size_t>(p_++ - from)};
    return true;
  }
  bool well_formed() const { return !failed_; }

 private:
  bool fail() {
    failed_ = true;
    p_ = end_;
    return false;
  }
  /// SD-NAME: to the next of ' ', '=', ']' and '"'.
  std::string_view name() {
    const char* const from = p_;
    while (p_ != end_ && *p_ != ' ' && *p_ != '=' && *p_ != ']' && *p_ != '"') ++p_;
    if (p_ == from) return fail(), std::string_view{};
    return {from, static_cast<size_t>(p_ - from)};
  }

  const char* p_;
  const char* const end_;
  bool failed_ = false;
};

}  // namespace

BlockResult extract_structured_data(std::string_view text, Arena& scratch, Extracted& out) {
  const Extracted::Mark before = out.mark();
  Reader reader(text);
  bool any = false;
  for (std::string_view id = reader.element(); id.data(); id = reader.element()) {
    const bool taken = !is_of_the_way(id);
    std::string_view name, value;
    for (bool escaped; reader.parameter(name, value, escaped);) {
      any |= taken;
      uint8_t flags = kFieldQuoted;
      if (!taken) continue;
      if (escaped) value = unescaped(value, scratch, out, flags);
      if (!out.add(name, value, flags)) return BlockResult::kMatch;
    }
  }
  if (!any) return out.rewind(before), BlockResult::kNoMatch;
  if (!reader.well_formed()) out.note(BlockProblem::kMalformed);
  return BlockResult::kMatch;
}

bool is_whole_structured_data(std::string_view text) {
  Reader reader(text);
  for (std::string_view id = reader.element(); id.data(); id = reader.element()) {
    if (is_of_the_way(id)) return false;
    std::string_view name, value;
    bool parameters = false;
    for (bool escaped; reader.parameter(name, value, escaped);) parameters = true;
    // An element that is a name alone says that name.
    if (!parameters) return false;
  }
  return reader.well_formed();
}

}  // namespace penstock::packs
