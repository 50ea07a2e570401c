// The tokens of one JSON document: simdjson finds where they begin (and checks UTF-8, control characters and closed
// strings); here they are taken one by one and each is checked to the letter (RFC 8259).
#pragma once

#include "kernels/common.h"
#include "kernels/json_space.h"
#include "kernels/problems.h"
#include "kernels/simdjson_config.h"

namespace penstock {

/// Owns the index of one document at a time; its buffers grow to the largest document seen, at most `bytes_max`.
class JsonTokens {
 public:
  JsonTokens(uint32_t bytes_max, bool portable);

  /// Finds the tokens of `document`. kNone: there is at least one.
  Problem open(std::string_view document);

  uint32_t count() const { return count_; }
  /// First byte of token `i` < count().
  uint8_t first(uint32_t i) const { return text_[index_[i]]; }
  uint32_t offset(uint32_t i) const { return index_[i]; }
  /// Token `i` with the white space after it cut off.
  std::string_view token(uint32_t i) const {
    uint32_t end = index_[i + 1];
    while (is_json_space(text_[end - 1])) --end;
    return view(text_ + index_[i], end - index_[i]);
  }
  /// Text from the start of token `from` to the end of token `to`.
  std::string_view span(uint32_t from, uint32_t to) const {
    const std::string_view last = token(to);
    return {reinterpret_cast<const char*>(text_) + index_[from], index_[to] + last.size() - index_[from]};
  }

  /// The content of a string token, which is a slice of the document, or in `arena` when it holds escapes.
  /// Lone surrogates become U+FFFD. kJsonSyntax: a bad escape; kTooComplex: the arena is full.
  Problem string(std::string_view token, Arena& arena, std::string_view& content) {
    const std::string_view slice(token.data() + 1, token.size() - 2);
    if (!has_escape(slice)) [[likely]] {
      content = slice;
      return Problem::kNone;
    }
    std::string_view unescaped;  // apart, so that `content` can stay in registers
    const Problem problem = unescape(slice, arena, unescaped);
    content = unescaped;
    return problem;
  }
  /// The content of a string that holds escapes, `slice` without its quotes, of any text: a document was opened before.
  Problem unescaped(std::string_view slice, Arena& arena, std::string_view& content) { return unescape(slice, arena, content); }
  static bool utf8_valid(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }
  /// Checks the escapes of a string token whose content is not wanted.
  bool string_valid(std::string_view token) {
    const std::string_view content = token.substr(1, token.size() - 2);
    return !has_escape(content) || escapes_valid(content);
  }
  /// How far escapes were looked for: `revisit` with it allows the tokens visited since to be read again.
  const char* visited() const { return next_escape_; }
  void revisit(const char* visited) { next_escape_ = visited; }
  /// Allows tokens already visited to be read again.
  void rewind() { next_escape_ = reinterpret_cast<const char*>(text_) - 1; }
  /// Checks the value that begins at token `i` with all it holds, and moves `i` past it. `depth` containers are
  /// around it.
  Problem skip_value(uint32_t& i, uint32_t depth, uint32_t depth_max);

 private:
  /// Tokens are visited in order, so one search for backslashes serves the whole document.
  bool has_escape(std::string_view content) {
    if (next_escape_ >= content.data() + content.size()) [[likely]] return false;
    if (next_escape_ < content.data()) find_escape(content.data());
    return next_escape_ < content.data() + content.size();
  }
  void find_escape(const char* from);
  Problem unescape(std::string_view slice, Arena& arena, std::string_view& content);
  static bool escapes_valid(std::string_view content);
  Problem scalar_valid(uint32_t i);

  std::unique_ptr<simdjson::internal::dom_parser_implementation> simdjson_;
  const simdjson::implementation* isa_;
  uint32_t bytes_max_;
  uint32_t count_ = 0;
  const uint8_t* text_ = nullptr;
  const uint32_t* index_ = nullptr;  ///< count() + 1 entries; the last is the document's size
  const char* end_ = nullptr;
  const char* next_escape_ = nullptr;
  uint64_t container_is_object_[16];  ///< bit per level, for skip_value
};

}  // namespace penstock
