#include "packs/blocks/cef.h"

#include "packs/blocks/extensions.h"

namespace penstock::packs {
namespace {

constexpr std::string_view kMark = "CEF:";
constexpr std::string_view kHeader[] = {"cefVersion",         "deviceVendor", "deviceProduct", "deviceVersion",
                                        "deviceEventClassId", "name",         "severity"};

constexpr ByteSet kHeaderMarks("|\\");

bool is_blank(char c) { return static_cast<unsigned char>(c) <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n'); }

/// Takes \x back for each x in `escaped`; `lines`: \n and \r too.
std::string_view plain(std::string_view text, std::string_view escaped, bool lines, Arena& scratch, Extracted& out,
                       uint8_t& flags) {
  const char* p = static_cast<const char*>(std::memchr(text.data(), '\\', text.size()));
  if (!p) return text;
  char* const start = scratch.take(text.size());
  if (!start) return out.note(BlockProblem::kScratchFull), text;
  const char* const end = text.data() + text.size();
  const size_t before = static_cast<size_t>(p - text.data());
  std::memcpy(start, text.data(), before);
  char* to = start + before;
  while (p < end) {
    char c = *p++;
    if (c == '\\' && p < end) {
      if (escaped.find(*p) != escaped.npos) c = *p++;
      else if (lines && (*p == 'n' || *p == 'r')) c = *p++ == 'n' ? '\n' : '\r';
    }
    *to++ = c;
  }
  const size_t size = static_cast<size_t>(to - start);
  if (size == text.size()) return scratch.give_back(size), text;
  scratch.give_back(text.size() - size);
  flags |= kFieldRewritten;
  return {start, size};
}

/// The header from after the mark; answers where the extension begins.
const char* header(const char* p, const char* end, Arena& scratch, Extracted& out) {
  Extracted::Appender fields(out);
  for (const std::string_view name : kHeader) {
    const char* const start = p;
    bool escapes = false;
    for (p = kHeaderMarks.find(p, end); p < end && *p == '\\'; p = kHeaderMarks.find(p, end)) {
      p += p + 1 < end ? 2 : 1;
      escapes = true;
    }
    // The last field of a header without extension may end with the text.
    if (p >= end && name != "severity") out.note(BlockProblem::kMalformed);
    uint8_t flags = kFieldHeader;
    std::string_view value{start, static_cast<size_t>(p - start)};
    if (escapes) value = plain(value, "|\\", false, scratch, out, flags);
    while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
    while (!value.empty() && is_blank(value.front())) value.remove_prefix(1);
    if (!value.empty() && !fields.add(name, value, flags)) return end;
    if (p >= end) return end;
    ++p;
  }
  return p;
}

/// Fields `first` on: those with a label by the label's name.
void resolve_labels(size_t first, CefLabels labels, Extracted& out) {
  constexpr std::string_view kLabel = "Label";
  constexpr unsigned kFarMax = 64;  // labels that do not stand beside their field are looked for, so many
  const size_t fields = out.size();
  unsigned far = 0;
  for (size_t i = first; i < fields; ++i) {
    if (out[i].name.back() != kLabel.back()) continue;  // most names
    const ExtractedField label = out[i];
    if (label.name.size() <= kLabel.size() || !label.name.ends_with(kLabel) || label.value.empty()) continue;
    const std::string_view name = label.name.substr(0, label.name.size() - kLabel.size());
    size_t at = fields;
    if (i + 1 < fields && out[i + 1].name == name) at = i + 1;
    else if (i > first && out[i - 1].name == name) at = i - 1;
    else if (far++ < kFarMax)
      for (at = first; at < fields && out[at].name != name;) ++at;
    if (at == fields) continue;
    if (labels == CefLabels::kAdd) {
      if (!out.add(label.value, out[at].value, static_cast<uint8_t>(out[at].flags | kFieldLabelled))) return;
    } else {
      out[at].name = label.value;
      out[at].flags |= kFieldLabelled;
      out[i].name = {};
    }
  }
  if (labels == CefLabels::kReplace) out.remove_nameless(first);
}

}  // namespace

size_t find_format_mark(std::string_view text, std::string_view name) {
  for (size_t at = 0; (at = text.find(name, at)) != text.npos; ++at) {
    size_t p = at + name.size();
    while (p < text.size() && text[p] == ' ') ++p;
    const size_t digits = p;
    while (p < text.size() && ((text[p] >= '0' && text[p] <= '9') || text[p] == '.')) ++p;
    if (p > digits && p < text.size() && text[p] == '|') return at;
  }
  return text.npos;
}

BlockResult extract_cef(std::string_view text, const CefOptions& options, Arena& scratch, Extracted& out) {
  const size_t at = find_format_mark(text, kMark);
  if (at == text.npos) return BlockResult::kNoMatch;
  const char* const end = text.data() + text.size();
  const char* const extension = header(text.data() + at + kMark.size(), end, scratch, out);
  const size_t first = out.size();
  {
    Extracted::Appender fields(out);
    each_extension(extension, end, out, [&](std::string_view name, std::string_view value, bool escapes) {
      if (!escapes) [[likely]] return fields.add(name, value);
      uint8_t flags = 0;
      value = plain(value, "=\\", true, scratch, out, flags);
      return fields.add(name, value, flags);
    });
  }
  if (options.labels != CefLabels::kKeep) resolve_labels(first, options.labels, out);
  return BlockResult::kMatch;
}

}  // namespace penstock::packs
