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
      : options_(options), scratch_(scratch), out_(out), p_(text.data()), end_(text.data() + text.size()) {}

  BlockResult run() {
    const Extracted::Mark before = out_.mark();
    while (p_ < end_) {
      if (options_.plain && (!(options_.simple ? plain_pairs<true>() : plain_pairs<false>()) || p_ >= end_)) break;
      if (const size_t size = options_.pairs.match(p_, end_)) {
        p_ += size;
        continue;
      }
      if (!pair()) break;
    }
    if (pairs_ > 0) return BlockResult::kMatch;
    out_.rewind(before);
    return BlockResult::kNoMatch;
  }

 private:
  /// Pairs without surprises, `name=value` or `name="value"`, and words without a value where these are skipped, until there is one
  /// that only `pair` knows: from mark to mark, each met once. `kSimple`: as KvProgram::simple. False: no room for more fields.
  template <bool kSimple>
  bool plain_pairs() {
    using Program = KvProgram;
    // Here, not in the object: that is read again after each byte that is written.
    const uint8_t* const kinds = options_.kinds.data();
    const ByteSet& marks = options_.marks;
    const auto is = [kinds](const char* at, unsigned wanted) { return kinds[static_cast<uint8_t>(*at)] & wanted; };
    const char* const end = end_;
    const char* base = p_;
    const auto places_at = [&marks, end](const char* at) {
      const uint64_t places = marks.places64(at);
      return end - at < 64 ? places & ((uint64_t{1} << (end - at)) - 1) : places;
    };
    uint64_t places = places_at(base);
    const auto next = [&]() -> const char* {
      while (places == 0) [[unlikely]] {
        if (end - base <= 64) return end;
        base += 64;
        places = places_at(base);
      }
      const char* const at = base + std::countr_zero(places);
      places &= places - 1;
      return at;
    };
    const auto text = [](const char* from, const char* to) { return std::string_view(from, static_cast<size_t>(to - from)); };
    const size_t before = out_.size();
    bool room = true;
    const char* p = p_;
    {
      Extracted::Appender fields(out_);
      for (const char* mark = next(); p < end;) {
        if (mark >= end) {
          // A word that is skipped.
          if (kSimple || !options_.keep_bare) p = end;
          break;
        }
        const unsigned kind = is(mark, ~0u);
        if (kind & Program::kPair) {
          if (!kSimple && ((mark != p && options_.keep_bare) || (kind & Program::kValue))) break;
          p = mark + 1;
          mark = next();
          continue;
        }
        // A quote is a mark, too: no name begins with one here.
        if (!(kind & Program::kValue) || mark == p) break;
        // Where nothing follows, what is read is padding: a quote there has no end.
        const char* const value = mark + 1;
        if (!kSimple && (is(p, Program::kBlank) || is(mark - 1, Program::kBlank) || is(value, Program::kBlank))) break;
        const std::string_view name = text(p, mark);
        mark = next();
        if (!is(value, Program::kQuote)) {
          while (mark < end && !is(mark, Program::kPair)) mark = next();
          const char* to = mark;
          while (!kSimple && to > value && is(to - 1, Program::kBlank)) --to;
          p = mark;
          room = fields.add(name, text(value, to));
        } else {
          do mark = next();
          while (mark < end && !is(mark, Program::kInQuotes));
          if (mark >= end || *mark != *value || (mark + 1 < end && !is(mark + 1, Program::kPair))) break;
          p = mark + 1;
          room = fields.add(name, text(value + 1, mark), kFieldQuoted);
          mark = next();
        }
        if (!room) break;
        // What ended the pair, unless it was the end.
        if (kSimple && p < end) {
          ++p;
          mark = next();
        }
      }
    }
    p_ = p;
    pairs_ += out_.size() - before + !room;
    return room;
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
  simple = !keep_bare;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    plain &= !(quotes.has(c) && ends_name.has(c));
    if (pairs.first().has(c)) kinds[byte] |= kPair;
    else if (is_blank(c)) kinds[byte] |= kBlank;
    if (values.first().has(c)) kinds[byte] |= kValue;
    if (quotes.has(c)) kinds[byte] |= kQuote;
    if (in_quotes.has(c)) kinds[byte] |= kInQuotes;
    simple &= !(kinds[byte] & kBlank) && (kinds[byte] & (kPair | kValue)) != (kPair | kValue);
  }
}

BlockResult extract_kv(std::string_view text, const KvProgram& program, Arena& scratch, Extracted& out) {
  return KvReader(text, program, scratch, out).run();
}

}  // namespace penstock::packs
