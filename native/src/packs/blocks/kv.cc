#include "packs/blocks/kv.h"

namespace penstock::packs {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(const char* from, const char* to) {
  while (from < to && is_blank(*from)) ++from;
  while (from < to && is_blank(to[-1])) --to;
  return {from, static_cast<size_t>(to - from)};
}

class KvReader {
 public:
  KvReader(std::string_view text, const KvProgram& options, Arena& scratch, Extracted& out)
      : options_(options), scratch_(scratch), out_(out), p_(text.data()), end_(text.data() + text.size()),
        scan_(options.marks, text.data(), options.plain ? end_ : text.data()) {}

  BlockResult run() {
    const Extracted::Mark before = out_.mark();
    while (p_ < end_) {
      if (const size_t size = options_.pairs.match(p_, end_)) {
        p_ += size;
        continue;
      }
      if (!(options_.plain ? plain_pair() : pair())) break;
    }
    if (pairs_ > 0) return BlockResult::kMatch;
    out_.rewind(before);
    return BlockResult::kNoMatch;
  }

 private:
  /// The next byte of `set`, which is part of the marks.
  const char* find(const char* p, const ByteSet& set) { return scan_.find(p, set); }

  /// As `pair`, which has what is not plain: `name=value` or `name="value"`, with a pair separator behind.
  bool plain_pair() {
    const char* const name = p_;
    const char* const equals = find(p_, options_.ends_name);
    if (equals >= end_ || equals == name || !options_.values.first().has(*equals) || options_.pairs.first().has(*equals)) return pair();
    if (is_blank(*name) || is_blank(equals[-1]) || options_.quotes.has(*name)) return pair();
    const char* const value = equals + 1;
    const std::string_view called(name, static_cast<size_t>(equals - name));
    if (value >= end_ || (is_blank(*value) && !options_.pairs.first().has(*value))) return pair();
    if (!options_.quotes.has(*value)) {
      p_ = find(value, options_.pairs.first());
      ++pairs_;
      return out_.add(called, trimmed(value, p_));
    }
    const char* const close = find(value + 1, options_.in_quotes);
    if (close >= end_ || *close != *value || (close + 1 < end_ && !options_.pairs.first().has(close[1]))) return pair();
    p_ = close + 1;
    ++pairs_;
    return out_.add(called, {value + 1, static_cast<size_t>(close - value - 1)}, kFieldQuoted);
  }

  /// A name with or without its value. False: no room for more fields.
  bool pair() {
    const char* const start = p_;
    size_t separator = 0;
    for (p_ = options_.ends_name.find(p_, end_); p_ < end_; p_ = options_.ends_name.find(p_ + 1, end_))
      if (options_.pairs.match(p_, end_) > 0 || (separator = options_.values.match(p_, end_)) > 0) break;
    std::string_view name = trimmed(start, p_);
    if (name.size() >= 2 && options_.quotes.has(name[0]) && name.back() == name[0]) name = name.substr(1, name.size() - 2);
    if (separator == 0) {
      if (!options_.keep_bare || name.empty()) return true;
      return out_.add(name, std::string_view{p_, 0}, kFieldNoValue);
    }
    p_ += separator;
    uint8_t flags = 0;
    const std::string_view value = this->value(flags);
    if (name.empty()) return out_.note(BlockProblem::kBareText), true;
    ++pairs_;
    return out_.add(name, value, flags);
  }

  std::string_view value(uint8_t& flags) {
    const char* start = p_;
    while (start < end_ && is_blank(*start) && !options_.pairs.match(start, end_)) ++start;
    if (start < end_ && options_.quotes.has(*start)) {
      p_ = start;
      return quoted(flags);
    }
    if (options_.value_end == KvValueEnd::kAtNextName) return to_next_name();
    p_ = options_.pairs.find(p_, end_);
    return trimmed(start, p_);
  }

  bool at_value_end(const char* p) const {
    while (p < end_ && is_blank(*p) && !options_.pairs.match(p, end_)) ++p;
    return p >= end_ || options_.pairs.match(p, end_) > 0;
  }

  std::string_view quoted(uint8_t& flags) {
    const char quote = *p_++;
    const char* const start = p_;
    const char* first = nullptr;
    const char* close = nullptr;
    bool escapes = false;
    const bool doubled = options_.escapes == Escapes::kDoubled;
    const bool backslash = !doubled && options_.escapes != Escapes::kNone;
    for (const char* p = options_.in_quotes.find(start, end_); p < end_; p = options_.in_quotes.find(p + 1, end_)) {
      if (*p == '\\') {
        if (backslash) ++p, escapes = true;
      } else if (*p == quote) {
        if (doubled && p + 1 < end_ && p[1] == quote) {
          ++p, escapes = true;
        } else {
          if (!first) first = p;
          // A quote that a separator does not follow is text that was not escaped, unless no other follows.
          if (hopeless_) break;
          if (at_value_end(p + 1)) {
            close = p;
            break;
          }
        }
      }
    }
    flags |= kFieldQuoted;
    if (!close && first) {
      // Nothing to find in what is left: the next quotes need not look again.
      hopeless_ = true;
      close = first;
    }
    if (!close) {
      out_.note(BlockProblem::kUnterminatedQuote);
      close = p_ = end_;
    } else {
      p_ = close + 1;
      if (!at_value_end(p_)) skip_after_quote();
    }
    const std::string_view text(start, static_cast<size_t>(close - start));
    return escapes ? unescape(text, options_.escapes, quote, scratch_, out_, flags) : text;
  }

  void skip_after_quote() {
    out_.note(BlockProblem::kTextAfterQuote);
    p_ = options_.pairs.find(p_, end_);
  }

  std::string_view to_next_name() {
    const char* const start = p_;
    const char* name_start = nullptr;  // after the last pair separator
    const char* value_end = nullptr;   // before it
    for (const char* p = options_.ends_name.find(start, end_); p < end_; p = options_.ends_name.find(p, end_)) {
      if (const size_t size = options_.pairs.match(p, end_)) {
        if (name_start != p) value_end = p;  // a run of separators counts as one
        p += size;
        name_start = p;
        continue;
      }
      if (name_start && options_.values.match(p, end_)) {
        if (p > name_start) {
          p_ = name_start;
          return trimmed(start, value_end);
        }
        name_start = nullptr;
      }
      ++p;
    }
    p_ = end_;
    while (p_ > start && is_blank(p_[-1])) --p_;
    const std::string_view value = trimmed(start, p_);
    p_ = end_;
    return value;
  }

  const KvProgram& options_;
  Arena& scratch_;
  Extracted& out_;
  const char* p_;
  const char* const end_;
  ByteScan scan_;
  size_t pairs_ = 0;
  bool hopeless_ = false;
};

}  // namespace

KvOptions logfmt_options() {
  KvOptions options;
  options.escapes = Escapes::kText;
  options.keep_bare = true;
  return options;
}

KvProgram::KvProgram(const KvOptions& options) : KvOptions(options), ends_name(options.pairs.first()), in_quotes("\\") {
  ends_name.add(options.values.first());
  in_quotes.add(options.quotes);
  marks.add(ends_name);
  marks.add(in_quotes);
  plain = pairs.single() && values.single() && value_end == KvValueEnd::kAtSeparator && marks.ascii();
  for (unsigned c = 0; c < 256; ++c) plain &= !(quotes.has(static_cast<char>(c)) && ends_name.has(static_cast<char>(c)));
}

BlockResult extract_kv(std::string_view text, const KvProgram& program, Arena& scratch, Extracted& out) {
  return KvReader(text, program, scratch, out).run();
}

}  // namespace penstock::packs
