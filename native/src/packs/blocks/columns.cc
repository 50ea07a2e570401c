#include "packs/blocks/columns.h"

namespace penstock::packs {
namespace {

/// "column" and a number, in the scratch memory.
std::string_view numbered(size_t number, Arena& scratch) {
  char text[6 + 20] = {'c', 'o', 'l', 'u', 'm', 'n'};
  char digits[20];
  size_t count = 0, size = 6;
  do digits[count++] = static_cast<char>('0' + number % 10);
  while (number /= 10);
  while (count) text[size++] = digits[--count];
  return scratch.copy({text, size});
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

/// Cuts one column off `rest`.
std::string_view next_column(std::string_view& rest, bool& more, const ColumnFormat& format, Arena& scratch,
                             Extracted& out, uint8_t& flags) {
  const auto cut = [&](size_t end) {
    more = end != rest.npos && end < rest.size();
    const std::string_view column = rest.substr(0, end);
    rest = more ? rest.substr(end + 1) : std::string_view{};
    if (more && format.runs) {
      while (!rest.empty() && rest.front() == format.delimiter) rest.remove_prefix(1);
      more = !rest.empty();
    }
    return column;
  };
  if (format.quote == '\0') return cut(rest.find(format.delimiter));
  const size_t lead = format.trim ? std::min(rest.find_first_not_of(' '), rest.size()) : 0;
  if (lead == rest.size() || rest[lead] != format.quote) return cut(rest.find(format.delimiter));
  const size_t start = lead + 1;
  size_t close = start;
  bool doubled = false;
  for (; (close = rest.find(format.quote, close)) != rest.npos; close += 2) {
    if (close + 1 == rest.size() || rest[close + 1] != format.quote) break;
    doubled = true;
  }
  flags |= kFieldQuoted;
  if (close == rest.npos) {
    out.note(BlockProblem::kUnterminatedQuote);
    return cut(rest.npos).substr(start);
  }
  const std::string_view inside = rest.substr(start, close - start);
  const size_t end = rest.find(format.delimiter, close + 1);
  if (!trimmed(rest.substr(close + 1, end == rest.npos ? end : end - close - 1)).empty())
    out.note(BlockProblem::kTextAfterQuote);
  cut(end);
  return doubled ? unescape(inside, Escapes::kDoubled, format.quote, scratch, out, flags) : inside;
}

std::string_view without_line_end(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool ColumnNames::assign(std::string_view text, char separator, bool runs) {
  std::vector<std::string> names;
  bool more = true;
  while (more) {
    const size_t cut = text.find(separator);
    more = cut != text.npos;
    if (!runs || cut != 0) names.emplace_back(text.substr(0, cut));
    if (more) text.remove_prefix(cut + 1);
    if (names.size() > kMax) return false;
  }
  if (runs && !names.empty() && names.back().empty()) names.pop_back();
  return assign(names);
}

bool ColumnNames::assign(const std::vector<std::string>& names) {
  size_t bytes = 0;
  for (const std::string& name : names) bytes += name.size();
  if (names.size() > kMax || bytes > kBytesMax) return false;
  text_.clear();
  ends_.clear();
  for (const std::string& name : names) {
    text_ += name;
    ends_.push_back(static_cast<uint32_t>(text_.size()));
  }
  return true;
}

bool extract_columns(std::string_view line, const ColumnFormat& format, const ColumnNames& names, Arena& scratch,
                     Extracted& out) {
  bool more = true;
  size_t column = 0;
  for (; more; ++column) {
    uint8_t flags = 0;
    std::string_view value = next_column(line, more, format, scratch, out, flags);
    if (format.trim && !(flags & kFieldQuoted)) value = trimmed(value);
    const bool extra = column >= names.size();
    if (extra && !names.empty() && !value.empty()) out.note(BlockProblem::kExtraColumns);
    if (value.empty() ? !format.keep_empty : value == format.unset && !(flags & kFieldQuoted)) continue;
    const std::string_view name = extra ? numbered(column + 1, scratch) : names[column];
    if (name.empty()) {
      if (extra) out.note(BlockProblem::kScratchFull);
      continue;
    }
    if (!out.add(name, value.data() ? value : std::string_view{""}, flags)) return false;
  }
  if (column < names.size() && !format.fewer) out.note(BlockProblem::kMissingColumns);
  return true;
}

BlockResult extract_csv(std::string_view text, const CsvOptions& options, Arena& scratch, Extracted& out) {
  text = without_line_end(text);
  if (text.empty()) return BlockResult::kNoMatch;
  if (options.least > 1) {
    // Delimiters inside quotes count too: this is a first look, the names of the pack decide the rest.
    uint32_t delimiters = 0;
    for (const char c : text) delimiters += c == options.format.delimiter;
    if (delimiters + 1 < options.least) return BlockResult::kNoMatch;
  }
  extract_columns(text, options.format, options.names, scratch, out);
  return BlockResult::kMatch;
}

}  // namespace penstock::packs
