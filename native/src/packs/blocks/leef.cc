#include "packs/blocks/leef.h"

#include "packs/blocks/cef.h"
#include "packs/blocks/extensions.h"
#include "packs/blocks/repair.h"

namespace penstock::packs {
namespace {

constexpr std::string_view kMark = "LEEF:";
constexpr size_t kDelimiterBytesMax = 6;
constexpr std::string_view kHeader[] = {"leefVersion", "deviceVendor", "deviceProduct", "deviceVersion",
                                        "deviceEventClassId"};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r' || text.back() == '\n')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

/// What the delimiter field of 2.0 spells; false when it is none and belongs to the attributes.
bool delimiter_of(std::string_view field, char& delimiter) {
  if (field.empty()) return delimiter = '\t', true;
  if (field.size() == 1) return delimiter = field[0], true;
  if (field == "\\t") return delimiter = '\t', true;
  if (field.starts_with("0") || field.starts_with("\\")) field.remove_prefix(1);
  if (field.size() < 2 || field.size() > 5 || (field[0] | 32) != 'x') return false;
  unsigned value = 0;
  for (const char c : field.substr(1)) {
    const int digit = hex_digit(c);
    if (digit < 0) return false;
    value = value * 16 + static_cast<unsigned>(digit);
  }
  // A delimiter is one byte of ASCII: a cut within a character would leave halves of it.
  if (value == 0 || value > 0x7f) return false;
  return delimiter = static_cast<char>(value), true;
}

void attributes(std::string_view text, char delimiter, Extracted& out) {
  while (!text.empty()) {
    const size_t cut = text.find(delimiter);
    const std::string_view pair = text.substr(0, cut);
    text = cut == text.npos ? std::string_view{} : text.substr(cut + 1);
    const size_t equals = pair.find('=');
    const std::string_view name = trimmed(pair.substr(0, equals));
    if (equals == pair.npos || name.empty()) {
      if (!trimmed(pair).empty()) out.note(BlockProblem::kBareText);
      continue;
    }
    if (!out.add(name, trimmed(pair.substr(equals + 1)))) return;
  }
}

}  // namespace

BlockResult extract_leef(std::string_view text, Arena&, Extracted& out) {
  const size_t at = find_format_mark(text, kMark);
  if (at == text.npos) return BlockResult::kNoMatch;
  std::string_view rest = text.substr(at + kMark.size());
  bool second = false;
  for (const std::string_view name : kHeader) {
    const size_t cut = rest.find('|');
    const std::string_view value = trimmed(rest.substr(0, cut));
    if (name == "leefVersion") second = value.starts_with('2');
    if (!value.empty() && !out.add(name, value, kFieldHeader)) return BlockResult::kMatch;
    if (cut == rest.npos) {
      if (name != "deviceEventClassId") out.note(BlockProblem::kMalformed);
      return BlockResult::kMatch;
    }
    rest.remove_prefix(cut + 1);
  }
  char delimiter = '\t';
  if (const size_t cut = second ? rest.find('|') : rest.npos; cut != rest.npos) {
    const std::string_view field = rest.substr(0, cut);
    if (delimiter_of(field, delimiter)) {
      if (!field.empty() && !out.add("leefDelimiter", field, kFieldHeader)) return BlockResult::kMatch;
      rest.remove_prefix(cut + 1);
    } else if (field.size() <= kDelimiterBytesMax && field.find('=') == field.npos) {
      out.note(BlockProblem::kMalformed);
      rest.remove_prefix(cut + 1);
    }
  }
  if (delimiter == '\t' && rest.find('\t') == rest.npos) {
    each_extension(rest.data(), rest.data() + rest.size(), out,
                   [&](std::string_view name, std::string_view value, bool) { return out.add(name, value); });
  } else {
    attributes(rest, delimiter, out);
  }
  return BlockResult::kMatch;
}

}  // namespace penstock::packs
