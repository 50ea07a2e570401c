#include "packs/pattern.h"

#include <array>
#include <bit>

#include "kernels/json_fit.h"
#include "kernels/swar.h"
#include "packs/find_text.h"

namespace penstock::packs {
namespace {

constexpr bool is_digit(char c) { return static_cast<unsigned>(c - '0') < 10; }
constexpr bool is_hex(char c) { return is_digit(c) || static_cast<unsigned>((c | 32) - 'a') < 6; }
constexpr bool is_address_char(char c) { return is_hex(c) || c == '.' || c == ':'; }
constexpr bool is_number_char(char c) { return is_digit(c) || c == '.' || c == '-' || c == '+'; }

constexpr uint16_t bit_of(PartKind kind) { return static_cast<uint16_t>(1u << static_cast<unsigned>(kind)); }
static_assert(static_cast<unsigned>(PartKind::kCount) <= 16);

/// By byte: in which kinds of captures that are runs of one kind of bytes it may stand.
constexpr auto kRuns = [] {
  std::array<uint16_t, 256> kinds{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    if (is_digit(c) || c == '-') kinds[byte] |= bit_of(PartKind::kInt);
    if (is_number_char(c)) kinds[byte] |= bit_of(PartKind::kNumber);
    if (is_address_char(c)) kinds[byte] |= bit_of(PartKind::kIp);
    if (is_hex(c)) kinds[byte] |= bit_of(PartKind::kHex);
    if (c == ' ' || c == '\t') kinds[byte] |= bit_of(PartKind::kSpaces);
  }
  return kinds;
}();
bool runs(PartKind kind, char c) { return kRuns[static_cast<uint8_t>(c)] & bit_of(kind); }

constexpr uint64_t kBlanks = 0x2020202020202020, kLows = 0x7f7f7f7f7f7f7f7f;
/// The highest bit of each of eight bytes that is a blank.
uint64_t blanks_in(uint64_t bytes) {
  const uint64_t other = bytes ^ kBlanks;
  return ~((other & kLows) + kLows | other | kLows);
}
/// The first blank of [from, to), else `to`.
size_t find_blank(std::string_view text, size_t from, size_t to) {
  for (; to - from >= 8; from += 8)
    if (const uint64_t blanks = blanks_in(load64(text.data() + from))) return from + static_cast<size_t>(std::countr_zero(blanks)) / 8;
  while (from < to && text[from] != ' ') ++from;
  return from;
}
/// Behind the last blank of [from, to), else `from`.
size_t behind_blank(std::string_view text, size_t from, size_t to) {
  for (; to - from >= 8; to -= 8)
    if (const uint64_t blanks = blanks_in(load64(text.data() + to - 8))) return to - static_cast<size_t>(std::countl_zero(blanks)) / 8;
  while (to > from && text[to - 1] != ' ') --to;
  return to;
}

/// The highest bit of each of eight bytes that is no digit.
uint64_t no_digits_in(uint64_t bytes) {
  const uint64_t digits = bytes ^ 0x3030303030303030;
  return (((digits & kLows) + 0x7676767676767676) | digits) & ~kLows;
}

constexpr bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_integer(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  for (const char c : text) if (!is_digit(c)) return false;
  return !text.empty();
}

bool valid(PartKind kind, std::string_view text) {
  switch (kind) {
    case PartKind::kInt: return is_integer(text);
    case PartKind::kIp: return is_ip_address(text);
    case PartKind::kWord:  // its end was the first blank
    case PartKind::kNumber:
    case PartKind::kHex:
    case PartKind::kSpaces: return !text.empty();
    default: return true;
  }
}

bool is_run(PartKind kind) {
  return kind == PartKind::kInt || kind == PartKind::kNumber || kind == PartKind::kIp || kind == PartKind::kHex ||
         kind == PartKind::kSpaces;
}

/// The first place of `mark` at or behind `from` that no backslash precedes.
size_t find_unescaped(std::string_view text, std::string_view mark, size_t from) {
  for (size_t i = from; i < text.size(); ++i) {
    if (text[i] == '\\' && mark[0] != '\\') {
      ++i;
      continue;
    }
    if (text[i] == mark[0] && text.substr(i).starts_with(mark)) return i;
  }
  return text.npos;
}

class Matcher {
 public:
  Matcher(std::span<const PatternPart> parts, std::string_view text, Captures& out)
      : parts_(parts), text_(text), end_(text.size()), out_(out) {}

  bool from_left(size_t count) {
    for (size_t i = 0; i < count; ++i)
      if (!(parts_[i].kind == PartKind::kLiteral ? take_literal(parts_[i].mark) : take_left(i))) return false;
    return true;
  }
  bool from_right(size_t first) {
    for (size_t i = parts_.size(); i-- > first;)
      if (!(parts_[i].kind == PartKind::kLiteral ? take_last_literal(parts_[i].mark) : take_right(i))) return false;
    return true;
  }
  bool finish() const { return at_ == end_; }
  void capture_open(size_t i) { out_.add(parts_[i].var, text_.substr(at_, end_ - at_)); }

 private:
  /// That of the literal at `i`, or none.
  std::string_view mark_at(size_t i) const { return i < parts_.size() ? parts_[i].mark : std::string_view{}; }

  bool take_literal(std::string_view mark) {
    if (end_ - at_ < mark.size() || text_[at_] != mark[0]) return false;  // most that differ do so at once
    if (!same_bytes(text_.data() + at_, mark.data(), mark.size())) return false;
    at_ += mark.size();
    return true;
  }
  bool take_last_literal(std::string_view mark) {
    if (end_ - at_ < mark.size() || text_[end_ - 1] != mark.back()) return false;
    if (!same_bytes(text_.data() + end_ - mark.size(), mark.data(), mark.size())) return false;
    end_ -= mark.size();
    return true;
  }
  bool take_left(size_t i) {
    const PartKind part = parts_[i].kind;
    const std::string_view mark = mark_at(i + 1);
    size_t to = end_;
    if (part == PartKind::kInt && end_ - at_ >= 8 && (mark.empty() || !runs(part, mark[0]))) {
      // Most numbers are a few digits alone, which need no second look.
      const size_t digits = static_cast<size_t>(std::countr_zero(no_digits_in(load64(text_.data() + at_)))) / 8;
      to = at_ + digits;
      if (digits - 1 < 7 && !runs(part, text_[to])) return keep(i, at_, to), at_ = to, true;
    }
    if (is_run(part)) {
      for (to = at_; to < end_ && runs(part, text_[to]);) ++to;
      // "address:port": the run holds the mark as well.
      if (part != PartKind::kSpaces && !mark.empty() && runs(part, mark[0])) to = last_mark(mark, to);
    } else if (part == PartKind::kWord) {
      if (mark.empty() || mark[0] == ' ') to = find_blank(text_, at_, end_);
      else for (to = at_; to < end_ && text_[to] != ' ' && !begins(mark, to);) ++to;
    } else if (!mark.empty()) {
      to = part == PartKind::kQuoted ? find_unescaped(text_.substr(0, end_), mark, at_) : find_text(text_.substr(0, end_), mark, at_);
      if (to == text_.npos) return false;
    }
    return capture(i, at_, to) && (at_ = to, true);
  }
  bool begins(std::string_view mark, size_t at) const {
    return !mark.empty() && text_[at] == mark[0] && text_.substr(at).starts_with(mark);
  }
  size_t last_mark(std::string_view mark, size_t to) const {
    const size_t place = text_.substr(at_, std::min(end_, to + mark.size()) - at_).rfind(mark);
    return place == text_.npos ? to : at_ + place;
  }
  bool take_right(size_t i) {
    const PartKind part = parts_[i].kind;
    const std::string_view mark = i > 0 ? parts_[i - 1].mark : std::string_view{};
    size_t from = at_;
    if (part == PartKind::kInt && end_ - at_ >= 8) {
      const size_t digits = static_cast<size_t>(std::countl_zero(no_digits_in(load64(text_.data() + end_ - 8)))) / 8;
      from = end_ - digits;
      if (digits - 1 < 7 && !runs(part, text_[from - 1])) return keep(i, from, end_), end_ = from, true;
      from = at_;
    }
    if (is_run(part)) {
      for (from = end_; from > at_ && runs(part, text_[from - 1]);) --from;
    } else if (part == PartKind::kWord) {
      const char last = mark.empty() ? ' ' : mark.back();
      if (last == ' ') from = behind_blank(text_, at_, end_);
      else for (from = end_; from > at_ && text_[from - 1] != ' '; --from)
        if (text_[from - 1] == last && text_.substr(at_, from - at_).ends_with(mark)) break;
    } else if (!mark.empty()) {
      const size_t place = text_.substr(at_, end_ - at_).rfind(mark);
      if (place == text_.npos) return false;
      from = at_ + place + mark.size();
    }
    return capture(i, from, end_) && (end_ = from, true);
  }
  bool capture(size_t i, size_t from, size_t to) {
    const std::string_view value = text_.substr(from, to - from);
    if (!valid(parts_[i].kind, value)) return false;
    out_.add(parts_[i].var, parts_[i].kind == PartKind::kTrimmed ? trimmed(value) : value);
    return true;
  }
  void keep(size_t i, size_t from, size_t to) { out_.add(parts_[i].var, text_.substr(from, to - from)); }

  std::span<const PatternPart> parts_;
  std::string_view text_;
  size_t at_ = 0;
  size_t end_;
  Captures& out_;
};

}  // namespace

bool match_pattern(std::span<const PatternPart> parts, uint32_t open, std::string_view text, Captures& out) {
  out.count = 0;
  Matcher matcher(parts, text, out);
  if (open == kNone) return matcher.from_left(parts.size()) && matcher.finish();
  if (!matcher.from_left(open) || !matcher.from_right(open + 1)) return false;
  matcher.capture_open(open);
  return true;
}

}  // namespace penstock::packs
