#include "packs/blocks/xml.h"

#include "packs/blocks/xml_text.h"

namespace penstock::packs {
namespace {

constexpr size_t kAttributesMax = 64;
constexpr size_t kPathBytesMax = 1024;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool ends_name(char c) { return is_blank(c) || c == '>' || c == '/' || c == '=' || c == '<' || c == '"' || c == '\''; }
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || static_cast<uint8_t>(c) >= 0x80;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}

std::string_view local_name(std::string_view name) {
  const size_t colon = name.rfind(':');
  return colon == name.npos || colon + 1 == name.size() ? name : name.substr(colon + 1);
}

class XmlReader {
 public:
  XmlReader(std::string_view text, const XmlOptions& options, Arena& scratch, Extracted& out)
      : options_(options), scratch_(scratch), out_(out), p_(text.data()), end_(text.data() + text.size()) {}

  BlockResult run() {
    while (p_ < end_ && (is_blank(*p_) || starts("\xef\xbb\xbf"))) p_ += is_blank(*p_) ? 1 : 3;
    if (end_ - p_ < 2 || *p_ != '<' || !(is_name_start(p_[1]) || starts("<?xml") || starts("<!"))) return BlockResult::kNoMatch;
    const Extracted::Mark before = out_.mark();
    while (going_ && p_ < end_) *p_ == '<' ? markup() : text();
    if (!rooted_) return out_.rewind(before), BlockResult::kNoMatch;
    if (depth_ > 0 && going_) malformed();
    // What was open when the reading ended has the text that was read.
    while (depth_ > 0) close();
    return BlockResult::kMatch;
  }

 private:
  struct Element {
    std::string_view tag;   ///< as written, for its end tag
    size_t path_size;       ///< of the names above it
    std::string_view text;
    uint8_t flags;
  };
  struct Attribute {
    std::string_view name, value;
  };

  bool starts(std::string_view what) const {
    return static_cast<size_t>(end_ - p_) >= what.size() && std::memcmp(p_, what.data(), what.size()) == 0;
  }
  void malformed() { out_.note(BlockProblem::kMalformed), going_ = false; }

  /// Moves past the next `what`; what stands before it. Without one the text ends here.
  std::string_view up_to(std::string_view what) {
    const std::string_view rest(p_, static_cast<size_t>(end_ - p_));
    const size_t at = rest.find(what);
    if (at == rest.npos) return malformed(), p_ = end_, rest;
    p_ += at + what.size();
    return rest.substr(0, at);
  }

  void text() {
    const char* const start = p_;
    const void* const found = std::memchr(p_, '<', static_cast<size_t>(end_ - p_));
    p_ = found ? static_cast<const char*>(found) : end_;
    const std::string_view run(start, static_cast<size_t>(p_ - start));
    if (depth_ == 0) {
      if (!trimmed(run).empty()) out_.note(BlockProblem::kBareText);
      return;
    }
    uint8_t flags = 0;
    const std::string_view decoded = xml_decode(run, scratch_, out_, flags);
    join(decoded, flags);
  }

  void join(std::string_view more, uint8_t flags) {
    Element& element = elements_[depth_ - 1];
    element.flags |= flags;
    if (trimmed(element.text).empty()) return void(element.text = more);
    if (more.empty() || (element.flags & kJoinFailed)) return;
    if (trimmed(more).empty()) return;
    char* const joined = scratch_.take(element.text.size() + more.size());
    if (!joined) {
      element.flags |= kJoinFailed;
      return out_.note(BlockProblem::kScratchFull);
    }
    std::memcpy(joined, element.text.data(), element.text.size());
    std::memcpy(joined + element.text.size(), more.data(), more.size());
    element.text = {joined, element.text.size() + more.size()};
    element.flags |= kFieldRewritten;
  }

  void markup() {
    if (starts("<!--")) {
      p_ += 4;
      up_to("-->");
    } else if (starts("<![CDATA[")) {
      p_ += 9;
      const std::string_view data = up_to("]]>");
      if (depth_ > 0) join(data, 0);
    } else if (starts("<!")) {
      document_type();
    } else if (starts("<?")) {
      up_to("?>");
    } else if (starts("</")) {
      p_ += 2;
      const std::string_view tag = trimmed(up_to(">"));
      if (!going_) return;
      if (depth_ == 0 || tag != elements_[depth_ - 1].tag) return malformed();
      close();
    } else {
      start_tag();
    }
  }

  /// Skipped with its internal subset, quotes and nested declarations.
  void document_type() {
    out_.note(BlockProblem::kRefusedEntity);
    unsigned brackets = 0;
    for (char quote = '\0'; p_ < end_; ++p_) {
      if (quote != '\0') quote = *p_ == quote ? '\0' : quote;
      else if (*p_ == '"' || *p_ == '\'') quote = *p_;
      else if (*p_ == '[') ++brackets;
      else if (*p_ == ']' && brackets > 0) --brackets;
      else if (*p_ == '>' && brackets == 0) return void(++p_);
    }
    malformed();
  }

  void start_tag() {
    const char* const start = ++p_;
    while (p_ < end_ && !ends_name(*p_)) ++p_;
    const std::string_view tag(start, static_cast<size_t>(p_ - start));
    if (tag.empty() || !is_name_start(tag[0]) || (rooted_ && depth_ == 0)) return malformed();
    Attribute attributes[kAttributesMax];
    size_t count = 0;
    bool empty = false;
    if (!read_attributes(attributes, count, empty)) return malformed();
    rooted_ = true;
    if (!open(tag, attributes, count)) return;
    for (size_t i = 0; i < count && going_; ++i) {
      const auto [name, value] = attributes[i];
      if (name == "xmlns" || name.starts_with("xmlns:") || (i == named_by_)) continue;
      uint8_t flags = 0;
      const std::string_view decoded = xml_decode(value, scratch_, out_, flags);
      const size_t above = path_size_;
      if (append(local_name(name))) add(decoded, flags);
      path_size_ = above;
    }
    if (empty && going_) close();
  }

  bool read_attributes(Attribute* attributes, size_t& count, bool& empty) {
    for (;;) {
      while (p_ < end_ && is_blank(*p_)) ++p_;
      if (p_ >= end_) return false;
      if (*p_ == '>') return ++p_, true;
      if (*p_ == '/') {
        if (end_ - p_ < 2 || p_[1] != '>') return false;
        p_ += 2;
        return empty = true;
      }
      const char* const start = p_;
      while (p_ < end_ && !ends_name(*p_)) ++p_;
      const std::string_view name(start, static_cast<size_t>(p_ - start));
      while (p_ < end_ && is_blank(*p_)) ++p_;
      if (name.empty() || p_ >= end_ || *p_ != '=') return false;
      ++p_;
      while (p_ < end_ && is_blank(*p_)) ++p_;
      if (p_ >= end_ || (*p_ != '"' && *p_ != '\'')) return false;
      const char quote = *p_++;
      const void* const close = std::memchr(p_, quote, static_cast<size_t>(end_ - p_));
      if (!close) return false;
      const auto* const value_end = static_cast<const char*>(close);
      if (count == kAttributesMax) out_.note(BlockProblem::kTooManyFields);
      else attributes[count++] = {name, {p_, static_cast<size_t>(value_end - p_)}};
      p_ = value_end + 1;
    }
  }

  /// Puts an element on the stack and its name on the path.
  bool open(std::string_view tag, const Attribute* attributes, size_t count) {
    if (depth_ == kXmlDepthMax) return out_.note(BlockProblem::kTooDeep), going_ = false;
    elements_[depth_] = {tag, path_size_, {}, 0};
    std::string_view name = local_name(tag);
    named_by_ = kAttributesMax;
    if (!options_.named_element.empty() && name == options_.named_element) {
      for (size_t i = 0; i < count; ++i) {
        uint8_t flags = 0;
        if (attributes[i].name != options_.named_attribute || attributes[i].value.empty()) continue;
        name = xml_decode(attributes[i].value, scratch_, out_, flags);
        named_by_ = i;
      }
    }
    if ((depth_ > 0 || options_.keep_root) && !append(name)) return false;
    if (depth_++ > 0) elements_[depth_ - 2].flags |= kHasChildren;
    return true;
  }

  void close() {
    const Element& element = elements_[--depth_];
    // The root without its name in the path has its tag's.
    if (path_size_ == 0 && !trimmed(element.text).empty()) append(local_name(element.tag));
    const std::string_view value = trimmed(element.text);
    if (!value.empty() || !(element.flags & kHasChildren)) add(value, element.flags & kFieldRewritten);
    path_size_ = element.path_size;
  }

  bool append(std::string_view name) {
    const size_t dot = path_size_ > 0;
    if (path_size_ + dot + name.size() > kPathBytesMax) return out_.note(BlockProblem::kTooDeep), going_ = false;
    if (dot) path_[path_size_++] = '.';
    std::memcpy(path_ + path_size_, name.data(), name.size());
    path_size_ += name.size();
    return true;
  }

  /// A field under the path.
  void add(std::string_view value, uint8_t flags) {
    if (path_size_ == 0 || (value.empty() && !options_.keep_empty)) return;
    if (out_.full()) return out_.note(BlockProblem::kTooManyFields), void(going_ = false);
    const std::string_view name = scratch_.copy({path_, path_size_});
    if (name.data() == nullptr) return out_.note(BlockProblem::kScratchFull), void(going_ = false);
    out_.add(name, value.data() ? value : std::string_view{""}, flags);
  }

  // Beside FieldFlags in Element::flags.
  static constexpr uint8_t kJoinFailed = 128, kHasChildren = 64;

  const XmlOptions& options_;
  Arena& scratch_;
  Extracted& out_;
  const char* p_;
  const char* const end_;
  bool going_ = true;
  bool rooted_ = false;
  unsigned depth_ = 0;
  size_t named_by_ = kAttributesMax;
  size_t path_size_ = 0;
  Element elements_[kXmlDepthMax];
  char path_[kPathBytesMax];
};

}  // namespace

BlockResult extract_xml(std::string_view text, const XmlOptions& options, Arena& scratch, Extracted& out) {
  return XmlReader(text, options, scratch, out).run();
}

}  // namespace penstock::packs
