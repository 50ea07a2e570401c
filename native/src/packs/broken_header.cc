#include "packs/broken_header.h"

#include "kernels/rfc3339.h"

namespace penstock::packs {
namespace {

bool is_digit(char c) { return static_cast<unsigned>(c - '0') < 10; }

/// The word at the front of `text`, cut off with the space behind it; empty: none.
std::string_view next_word(std::string_view& text) {
  const size_t space = text.find(' ');
  if (space == text.npos || space == 0) return {};
  const std::string_view word = text.substr(0, space);
  text.remove_prefix(space + 1);
  return word;
}

/// "<134>1 "
bool skip_priority(std::string_view& text) {
  if (text.empty() || text[0] != '<') return false;
  const size_t close = text.substr(0, 5).find('>');
  if (close == text.npos) return false;
  text.remove_prefix(close + 1);
  const std::string_view version = next_word(text);
  if (version.empty() || version.size() > 3) return false;
  for (const char c : version) if (!is_digit(c)) return false;
  return true;
}

/// "name: " or "name[1]: ".
void take_tag(BrokenHeader& out) {
  constexpr size_t kTagMax = 64;
  const size_t colon = out.text.substr(0, kTagMax).find(": ");
  if (colon == out.text.npos || colon == 0) return;
  std::string_view tag = out.text.substr(0, colon), pid;
  if (tag.back() == ']') {
    const size_t open = tag.find('[');
    if (open == tag.npos || open == 0) return;
    pid = tag.substr(open + 1, tag.size() - open - 2);
    tag = tag.substr(0, open);
  }
  for (const char c : tag) if (c == ' ' || c == '[' || c == '"' || c == '%' || c == '|' || c == '=') return;
  out.app = tag;
  out.pid = pid;
  out.text.remove_prefix(colon + 2);
}

}  // namespace

bool read_broken_header(std::string_view message, bool with_host, BrokenHeader& out) {
  out = BrokenHeader{};
  out.text = message;
  if (!skip_priority(out.text)) return false;
  std::string_view rest = out.text;
  const std::string_view time = next_word(rest);
  if (time.empty()) return !with_host;
  out.has_timestamp = time != "-" && parse_rfc3339(time.data(), time.size(), out.timestamp_ns) == TimeResult::kValid;
  if (!out.has_timestamp && time != "-") return !with_host;
  out.text = rest;
  if (!with_host) return true;
  out.host = next_word(out.text);
  if (out.host.empty() || out.text.empty()) return false;
  if (out.text.starts_with(": ")) out.text.remove_prefix(2);  // "host : %ASA-…"
  take_tag(out);
  return true;
}

}  // namespace penstock::packs
