#include "packs/blocks/url.h"

#include "packs/blocks/decode_text.h"

namespace penstock::packs {
namespace {

constexpr size_t kExtensionBytesMax = 16;

bool is_alnum(char c) {
  return static_cast<unsigned char>((c | 32) - 'a') < 26 || static_cast<unsigned char>(c - '0') < 10;
}

/// Size of the scheme before "://", 0 when there is none.
size_t scheme_size(std::string_view text) {
  const size_t end = text.find("://");
  if (end == text.npos || end == 0) return 0;
  for (const char c : text.substr(0, end))
    if (!is_alnum(c) && c != '+' && c != '-' && c != '.') return 0;
  return end;
}

std::string_view lower(std::string_view text, Arena& scratch) {
  bool capitals = false;
  for (const char c : text) capitals |= c >= 'A' && c <= 'Z';
  char* const to = capitals ? scratch.take(text.size()) : nullptr;
  if (!to) return text;
  for (size_t i = 0; i < text.size(); ++i) to[i] = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] | 32) : text[i];
  return {to, text.size()};
}

class UrlParts {
 public:
  explicit UrlParts(Extracted& out) : out_(out) {}

  /// False: not what stands between "//" and a path.
  bool authority(std::string_view text) {
    if (text.find_first_of(" \t\"<>") != text.npos) return false;
    if (const size_t at = text.rfind('@'); at != text.npos) {
      const std::string_view user = text.substr(0, at);
      const size_t colon = user.find(':');
      add("username", user.substr(0, colon));
      if (colon != user.npos) add("password", user.substr(colon + 1));
      text = text.substr(at + 1);
    }
    size_t host_end = text.find(':');
    if (text.starts_with('[')) {
      const size_t close = text.find(']');
      if (close == text.npos) return false;
      add("domain", text.substr(1, close - 1));
      host_end = close + 1;
      if (host_end < text.size() && text[host_end] != ':') return false;
    } else {
      add("domain", text.substr(0, host_end));
    }
    if (host_end >= text.size()) return true;
    const std::string_view port = text.substr(host_end + 1);
    for (const char c : port)
      if (static_cast<unsigned char>(c - '0') >= 10) return false;
    if (port.size() > 5) return false;
    add("port", port);
    return true;
  }

  void rest(std::string_view text) {
    if (const size_t hash = text.find('#'); hash != text.npos) {
      add("fragment", text.substr(hash + 1));
      text = text.substr(0, hash);
    }
    if (const size_t mark = text.find('?'); mark != text.npos) {
      add("query", text.substr(mark + 1));
      text = text.substr(0, mark);
    }
    add("path", text);
    const std::string_view file = text.substr(text.rfind('/') + 1);
    const size_t dot = file.rfind('.');
    if (dot == file.npos || dot == 0 || file.size() - dot - 1 > kExtensionBytesMax) return;
    add("extension", file.substr(dot + 1));
  }

  void add(std::string_view name, std::string_view value) {
    if (!value.empty()) out_.add(name, value);
  }

 private:
  Extracted& out_;
};

}  // namespace

BlockResult extract_url(std::string_view text, bool has_host, Arena& scratch, Extracted& out) {
  if (text.empty()) return BlockResult::kNoMatch;
  const Extracted::Mark before = out.mark();
  UrlParts parts(out);
  const size_t scheme = scheme_size(text);
  if (scheme > 0) {
    parts.add("scheme", lower(text.substr(0, scheme), scratch));
    text.remove_prefix(scheme + 1);
  }
  const bool slashes = text.starts_with("//");
  if (slashes) text.remove_prefix(2);
  if (slashes || (has_host && text[0] != '/')) {
    const size_t end = std::min(text.find_first_of("/?#"), text.size());
    if (!parts.authority(text.substr(0, end))) return out.rewind(before), BlockResult::kNoMatch;
    text.remove_prefix(end);
  }
  parts.rest(text);
  return BlockResult::kMatch;
}

BlockResult extract_query(std::string_view text, Arena& scratch, Extracted& out) {
  const Extracted::Mark before = out.mark();
  bool any = false;
  if (text.starts_with('?')) text.remove_prefix(1);
  while (!text.empty()) {
    const size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    const size_t equals = pair.find('=');
    uint8_t flags = 0, name_flags = 0;
    const std::string_view name = decode_percent(pair.substr(0, equals), true, scratch, out, name_flags);
    if (name.empty()) {
      if (!pair.empty()) out.note(BlockProblem::kBareText);
      continue;
    }
    std::string_view value = "";
    if (equals == pair.npos) flags |= kFieldNoValue;
    else value = decode_percent(pair.substr(equals + 1), true, scratch, out, flags);
    any = true;
    if (!out.add(name, value, flags)) break;
  }
  if (any) return BlockResult::kMatch;
  out.rewind(before);
  return BlockResult::kNoMatch;
}

}  // namespace penstock::packs
