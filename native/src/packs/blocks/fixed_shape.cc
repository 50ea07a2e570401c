#include "packs/blocks/fixed_shape.h"

#include <bitset>

namespace penstock::packs {
namespace {

using Bytes = std::bitset<256>;

bool is_word(char c) {
  return static_cast<unsigned>(c - '0') < 10 || static_cast<unsigned>((c | 32) - 'a') < 26;
}

/// Means itself, in a class and outside.
bool is_plain(char c) { return is_word(c) || std::string_view(" :_/,=;%@").find(c) != std::string_view::npos; }

/// Reads an expression from left to right; what it does not know makes `known` false.
class Reader {
 public:
  explicit Reader(std::string_view expression) : left_(expression) {}

  bool done() const { return left_.empty(); }
  bool take(std::string_view mark) {
    if (!left_.starts_with(mark)) return false;
    left_.remove_prefix(mark.size());
    return true;
  }
  /// Behind "(": the name of a group, or none.
  bool group_name() {
    if (!take("?P<") && !take("?<")) return !left_.starts_with('?');
    const size_t end = left_.find('>');
    if (end == left_.npos || end == 0 || !is_word(left_[0])) return false;
    left_.remove_prefix(end + 1);
    return true;
  }
  /// One byte, or a class.
  bool bytes(Bytes& out) {
    if (!take("[")) return byte(out, false);
    while (!take("]"))
      if (!byte(out, true)) return false;
    return out.any();
  }
  /// "{n}", or nothing: once.
  bool count(size_t& out) {
    out = 1;
    if (left_.starts_with('?') || left_.starts_with('*') || left_.starts_with('+')) return false;
    if (!take("{")) return true;
    for (out = 0; !left_.empty() && static_cast<unsigned>(left_[0] - '0') < 10 && out <= FixedShape::kSizeMax; left_.remove_prefix(1))
      out = out * 10 + static_cast<size_t>(left_[0] - '0');
    return take("}") && out > 0 && out <= FixedShape::kSizeMax && !left_.starts_with('?');
  }

 private:
  /// In a class also a range.
  bool byte(Bytes& out, bool ranges) {
    if (left_.empty() || !is_plain(left_[0])) return false;
    const char first = left_[0];
    char last = first;
    left_.remove_prefix(1);
    if (ranges && take("-")) {
      if (left_.empty() || !is_word(first) || !is_word(left_[0]) || left_[0] < first) return false;
      last = left_[0];
      left_.remove_prefix(1);
    }
    for (char c = first; c <= last; ++c) out.set(static_cast<uint8_t>(c));
    return true;
  }
  std::string_view left_;
};

}  // namespace

bool FixedShape::read(std::string_view expression) {
  Reader reader(expression);
  std::vector<Bytes> classes;
  std::vector<uint8_t> wanted;
  std::vector<RegexSpan> groups{{0, 0}};
  bool open = false;
  if (!reader.take("^")) return false;
  while (!reader.done()) {
    size_t count;
    if (reader.take("(")) {
      if (open || !reader.group_name()) return false;
      open = true;
      groups.push_back({static_cast<uint32_t>(wanted.size()), 0});
    } else if (reader.take(")")) {
      // A group comes once.
      if (!open || !reader.count(count) || count != 1) return false;
      open = false;
      groups.back().end = static_cast<uint32_t>(wanted.size());
    } else {
      Bytes bytes;
      if (!reader.bytes(bytes) || !reader.count(count) || wanted.size() + count > kSizeMax) return false;
      size_t place = 0;
      while (place < classes.size() && classes[place] != bytes) ++place;
      if (place == kClassesMax) return false;
      if (place == classes.size()) classes.push_back(bytes);
      wanted.insert(wanted.end(), count, static_cast<uint8_t>(1u << place));
    }
  }
  if (open || wanted.empty()) return false;
  groups[0].end = static_cast<uint32_t>(wanted.size());
  classes_of_ = {};
  for (size_t place = 0; place < classes.size(); ++place)
    for (size_t byte = 0; byte < 256; ++byte)
      if (classes[place][byte]) classes_of_[byte] |= static_cast<uint8_t>(1u << place);
  wanted_ = std::move(wanted);
  groups_ = std::move(groups);
  return true;
}

}  // namespace penstock::packs
