#include "packs/blocks/headed.h"

#include <algorithm>

#include "packs/blocks/repair.h"

namespace penstock::packs {
namespace {

std::string_view without_line_end(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

/// Cut to what fits.
template <size_t kSize>
void keep(char (&to)[kSize], std::string_view text) {
  const size_t size = utf8_valid_prefix(text.data(), std::min(text.size(), kSize - 1));
  std::memcpy(to, text.data(), size);
  to[size] = '\0';
}

/// Takes \xHH back, in place of Zeek's other characters.
std::string_view without_hex(std::string_view text, Arena& scratch, Extracted& out, uint8_t& flags) {
  size_t at = text.find("\\x");
  if (at == text.npos) return text;
  char* const start = scratch.take(text.size());
  if (!start) return out.note(BlockProblem::kScratchFull), text;
  char* to = start;
  size_t from = 0;
  for (; at != text.npos; at = text.find("\\x", at)) {
    const int high = at + 3 < text.size() ? hex_digit(text[at + 2]) : -1;
    const int low = high < 0 ? -1 : hex_digit(text[at + 3]);
    if (low < 0) {
      at += 2;
      continue;
    }
    std::memcpy(to, text.data() + from, at - from);
    to += at - from;
    *to++ = static_cast<char>(high * 16 + low);
    from = at += 4;
  }
  std::memcpy(to, text.data() + from, text.size() - from);
  to += text.size() - from;
  const size_t size = static_cast<size_t>(to - start);
  scratch.give_back(text.size() - size);
  if (size != text.size()) flags |= kFieldRewritten;
  return repair_utf8({start, size}, scratch, out);
}

/// What follows the directive's name and its separator.
std::string_view directive_value(std::string_view text, std::string_view name) {
  text.remove_prefix(name.size());
  if (!text.empty()) text.remove_prefix(1);
  return text;
}

void heed(std::string_view name, std::string_view value, DeclaredColumns& declared, Extracted& out) {
  if (name == "#separator") {
    const bool hex = value.size() == 4 && value.starts_with("\\x");
    const int code = hex ? hex_digit(value[2]) * 16 + hex_digit(value[3]) : value.size() == 1 ? value[0] : -1;
    // Only ASCII parts text without cutting characters.
    if (code > 0 && code < 0x80) declared.delimiter = static_cast<char>(code);
    else out.note(BlockProblem::kMalformed);
  } else if (name == "#fields") {
    if (!declared.names.assign(value, declared.delimiter, false)) out.note(BlockProblem::kTooManyFields);
  } else if (name == "#path") {
    keep(declared.path, value);
  } else if (name == "#unset_field") {
    keep(declared.unset, value);
  } else if (name == "#empty_field") {
    keep(declared.empty, value);
  }
}

}  // namespace

DeclaredColumns* DeclaredColumnsTable::find(uint64_t sender) {
  ++clock_;
  if (last_ >= ids_.size() || ids_[last_] != sender) {
    const size_t at = static_cast<size_t>(std::find(ids_.begin(), ids_.end(), sender) - ids_.begin());
    if (at == ids_.size()) return nullptr;
    last_ = at;
  }
  senders_[last_].used = clock_;
  return &senders_[last_];
}

DeclaredColumns& DeclaredColumnsTable::make(uint64_t sender) {
  if (DeclaredColumns* known = find(sender)) return *known;
  if (senders_.size() < kSendersMax) {
    // All at once: names that events hold must not move when another sender declares its columns.
    senders_.reserve(kSendersMax);
    last_ = senders_.size();
    senders_.emplace_back();
    ids_.push_back(sender);
  } else {
    const auto oldest = std::min_element(senders_.begin(), senders_.end(),
                                         [](const auto& a, const auto& b) { return a.used < b.used; });
    last_ = static_cast<size_t>(oldest - senders_.begin());
    senders_[last_] = DeclaredColumns();
    ids_[last_] = sender;
  }
  senders_[last_].used = clock_;
  return senders_[last_];
}

BlockResult extract_w3c(std::string_view text, const W3cOptions& options, uint64_t sender, DeclaredColumnsTable& table,
                        Arena& scratch, Extracted& out) {
  text = without_line_end(text);
  if (text.empty()) return BlockResult::kNoMatch;
  if (text[0] == '#') {
    const std::string_view name = text.substr(0, text.find(':'));
    if (name.size() < 2 || name.size() == text.size()) return BlockResult::kNoMatch;
    std::string_view value = directive_value(text, name);
    while (!value.empty() && value[0] == ' ') value.remove_prefix(1);
    if (name == "#Fields" && !table.make(sender).names.assign(value, options.delimiter, true))
      out.note(BlockProblem::kTooManyFields);
    out.add(name, value, kFieldHeader);
    return BlockResult::kMatch;
  }
  const DeclaredColumns* const declared = table.find(sender);
  const ColumnNames& names = declared && !declared->names.empty() ? declared->names : options.names;
  if (names.empty()) return BlockResult::kNoMatch;
  const ColumnFormat format{options.delimiter, '"', options.delimiter == ' ', false, "-", false};
  extract_columns(text, format, names, scratch, out);
  return BlockResult::kMatch;
}

BlockResult extract_zeek(std::string_view text, uint64_t sender, DeclaredColumnsTable& table, Arena& scratch,
                         Extracted& out) {
  text = without_line_end(text);
  if (text.empty()) return BlockResult::kNoMatch;
  if (text[0] == '#') {
    const std::string_view name = text.substr(0, text.find_first_of("\t "));
    constexpr std::string_view kDirectives = "#separator #set_separator #empty_field #unset_field #path #open #close #fields #types ";
    const size_t at = kDirectives.find(name);
    if (at == kDirectives.npos || kDirectives[at + name.size()] != ' ') return BlockResult::kNoMatch;
    const std::string_view value = directive_value(text, name);
    // A log begins with its separator: what was declared before is another's.
    if (name == "#separator") table.make(sender).names.clear();
    heed(name, value, table.make(sender), out);
    out.add(name, value, kFieldHeader);
    return BlockResult::kMatch;
  }
  const DeclaredColumns* const declared = table.find(sender);
  if (!declared || declared->names.empty()) return BlockResult::kNoMatch;
  if (declared->path[0] && !out.add("_path", declared->path, kFieldHeader)) return BlockResult::kMatch;
  const size_t first = out.size();
  const ColumnFormat format{declared->delimiter, '\0', false, false, declared->unset, false};
  extract_columns(text, format, declared->names, scratch, out);
  for (size_t i = first; i < out.size(); ++i) {
    out[i].value = out[i].value == declared->empty ? std::string_view{""}
                                                   : without_hex(out[i].value, scratch, out, out[i].flags);
  }
  return BlockResult::kMatch;
}

}  // namespace penstock::packs
