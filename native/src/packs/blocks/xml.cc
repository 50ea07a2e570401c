#include "packs/blocks/xml.h"

#include <array>

#include "packs/blocks/xml_marks.h"
#include "packs/blocks/xml_steps.h"
#include "packs/blocks/xml_text.h"
#include "packs/same_bytes.h"

namespace penstock::packs {
namespace {

constexpr size_t kAttributesMax = 64;
constexpr size_t kPathBytesMax = 1024;

/// What ends a name, and the colon within one.
constexpr ByteSet kNameMarks(" \t\r\n>/=<\"':");
constexpr auto kNameStarts = [] {
  std::array<bool, 256> starts{};
  for (unsigned c = 0; c < 256; ++c) starts[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || c >= 0x80;
  return starts;
}();
bool is_name_start(char c) { return kNameStarts[static_cast<uint8_t>(c)]; }

std::string_view local_name(std::string_view name) {
  const size_t colon = name.rfind(':');
  return colon == name.npos || colon + 1 == name.size() ? name : name.substr(colon + 1);
}

class XmlReader {
 public:
  /// `steps`: what they did not know, to be told; or nullptr.
  XmlReader(std::string_view text, const XmlOptions& options, Arena& scratch, Extracted& out, XmlSteps* steps)
      : options_(options), scratch_(scratch), out_(out), p_(text.data()), end_(text.data() + text.size()), steps_(steps) {
    if (steps_) steps_->begin(text);
  }

  BlockResult run() {
    while (p_ < end_ && (is_xml_blank(*p_) || starts("\xef\xbb\xbf"))) p_ += is_xml_blank(*p_) ? 1 : 3;
    if (end_ - p_ < 2 || *p_ != '<' || !(is_name_start(p_[1]) || starts("<?xml") || starts("<!"))) return BlockResult::kNoMatch;
    const Extracted::Mark before = out_.mark();
    while (going_ && p_ < end_) *p_ == '<' ? markup() : text();
    if (!rooted_) return out_.rewind(before), BlockResult::kNoMatch;
    if (depth_ > 0 && going_) malformed();
    if (steps_) steps_->done(going_ && out_.problems() == 0);
    // What was open when the reading ended has the text that was read.
    while (depth_ > 0) close();
    return BlockResult::kMatch;
  }

 private:
  // Without constructors: they are many, and most are never used.
  struct Element {
    const char* tag;        ///< as written, for its end tag
    const char* text_data;
    size_t tag_size, text_size;
    size_t path_size;       ///< of the names above it
    uint8_t flags;
    bool colon;             ///< in its tag

    std::string_view text() const { return {text_data, text_size}; }
    void set_text(std::string_view text) { text_data = text.data(), text_size = text.size(); }
  };
  struct Name {
    std::string_view text;
    bool colon;
    std::string_view local() const { return colon ? local_name(text) : text; }
  };
  struct Attribute {
    const char* name_data;
    const char* value_data;
    size_t name_size, value_size;
    bool colon;       ///< in its name
    bool references;  ///< may be in its value

    std::string_view name() const { return {name_data, name_size}; }
    std::string_view value() const { return {value_data, value_size}; }
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
    bool references = false;
    for (p_ = kXmlTextMarks.find(p_, end_); p_ < end_ && *p_ == '&'; p_ = kXmlTextMarks.find(p_ + 1, end_)) references = true;
    const std::string_view run(start, static_cast<size_t>(p_ - start));
    if (steps_ && (references || !xml_trimmed(run).empty())) steps_->unfit();
    if (depth_ == 0) {
      if (!xml_trimmed(run).empty()) out_.note(BlockProblem::kBareText);
      return;
    }
    uint8_t flags = 0;
    const std::string_view decoded = references ? xml_decode(run, scratch_, out_, flags) : run;
    join(decoded, flags);
  }

  void join(std::string_view more, uint8_t flags) {
    Element& element = elements_[depth_ - 1];
    element.flags |= flags;
    const std::string_view text = element.text();
    if (xml_trimmed(text).empty()) return element.set_text(more);
    if (more.empty() || (element.flags & kJoinFailed)) return;
    if (xml_trimmed(more).empty()) return;
    char* const joined = scratch_.take(text.size() + more.size());
    if (!joined) {
      element.flags |= kJoinFailed;
      return out_.note(BlockProblem::kScratchFull);
    }
    std::memcpy(joined, text.data(), text.size());
    std::memcpy(joined + text.size(), more.data(), more.size());
    element.set_text({joined, text.size() + more.size()});
    element.flags |= kFieldRewritten;
  }

  void markup() {
    if (end_ - p_ > 1 && p_[1] == '/') return end_tag();
    if (end_ - p_ > 1 && is_name_start(p_[1])) return start_tag();
    if (starts("<!--")) {
      p_ += 4;
      up_to("-->");
    } else if (starts("<![CDATA[")) {
      p_ += 9;
      const std::string_view data = up_to("]]>");
      if (steps_) steps_->unfit();
      if (depth_ > 0) join(data, 0);
    } else if (starts("<!")) {
      document_type();
    } else if (starts("<?")) {
      up_to("?>");
    } else {
      malformed();
    }
  }

  void end_tag() {
    p_ += 2;
    if (depth_ > 0) {
      const Element& element = elements_[depth_ - 1];
      const size_t size = element.tag_size;
      // As it is nearly always written: nothing else stands between.
      if (size < static_cast<size_t>(end_ - p_) && p_[size] == '>' && same_bytes(p_, element.tag, size)) return p_ += size + 1, close();
    }
    const std::string_view tag = xml_trimmed(up_to(">"));
    if (!going_) return;
    if (depth_ == 0 || tag != std::string_view(elements_[depth_ - 1].tag, elements_[depth_ - 1].tag_size)) return malformed();
    close();
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

  /// Up to what ends it; it may be empty.
  Name name() {
    const char* const start = p_;
    bool colon = false;
    for (p_ = kNameMarks.find(p_, end_); p_ < end_ && *p_ == ':'; p_ = kNameMarks.find(p_ + 1, end_)) colon = true;
    return {{start, static_cast<size_t>(p_ - start)}, colon};
  }

  void start_tag() {
    ++p_;
    const Name tag = name();
    if (tag.text.empty() || !is_name_start(tag.text[0]) || (rooted_ && depth_ == 0)) return malformed();
    Attribute attributes[kAttributesMax];
    size_t count = 0;
    bool empty = false;
    if (!read_attributes(attributes, count, empty)) return malformed();
    rooted_ = true;
    if (!open(tag, attributes, count)) return;
    if (steps_ && !named_plainly(tag, attributes, count)) steps_->unfit();
    for (size_t i = 0; i < count && going_; ++i) {
      const Attribute& attribute = attributes[i];
      const std::string_view name = attribute.name();
      if (i == named_by_ || (name[0] == 'x' && (name == "xmlns" || name.starts_with("xmlns:")))) continue;
      uint8_t flags = 0;
      const std::string_view decoded = decode(attribute, flags);
      const size_t above = path_size_;
      if (append(Name{name, attribute.colon}.local())) {
        if (steps_) tell(attribute.value_data[-1] == '"' ? XmlSteps::Kind::kQuot : XmlSteps::Kind::kApos, attribute.value(), above, i);
        add(decoded, flags);
      }
      path_size_ = above;
    }
    if (!going_) return;
    if (empty) close();
    else leaf(tag.text);
  }

  /// An element with a text alone, as most are: it ends at once. Any other is left to those who read on.
  void leaf(std::string_view tag) {
    const char* to = kXmlTextMarks.find(p_, end_);
    bool references = false;
    for (; to < end_ && *to == '&'; to = kXmlTextMarks.find(to + 1, end_)) references = true;
    // "</", the tag and '>'.
    if (static_cast<size_t>(end_ - to) < tag.size() + 3 || to[0] != '<' || to[1] != '/' || to[2 + tag.size()] != '>') return;
    if (!same_bytes(to + 2, tag.data(), tag.size())) return;
    const std::string_view run(p_, static_cast<size_t>(to - p_));
    if (steps_) tell(XmlSteps::Kind::kText, run, path_size_, 0);
    Element& element = elements_[depth_ - 1];
    element.set_text(references ? xml_decode(run, scratch_, out_, element.flags) : run);
    p_ = to + tag.size() + 3;
    close();
  }

  /// Whether an element's fields are called so whatever its values are: what names it, if anything does, comes first.
  bool named_plainly(const Name& tag, const Attribute* attributes, size_t count) const {
    if (options_.named_element.empty() || !same_text(tag.local(), options_.named_element)) return true;
    for (size_t i = 0; i < count; ++i) {
      const bool first = i == 0 && named_by_ == 0 && !attributes[i].references;
      if (!first && same_text(attributes[i].name(), options_.named_attribute)) return false;
    }
    return true;
  }

  /// A value of the field that the path names, of which the first `path` bytes name the element.
  void tell(XmlSteps::Kind kind, std::string_view text, size_t path, size_t attribute) {
    steps_->value(kind, text, {path_, path_size_}, path, attribute);
    for (unsigned i = 0; i < depth_; ++i) steps_->within({elements_[i].tag, elements_[i].tag_size});
  }

  std::string_view decode(const Attribute& attribute, uint8_t& flags) {
    return attribute.references ? xml_decode(attribute.value(), scratch_, out_, flags) : attribute.value();
  }

  bool read_attributes(Attribute* attributes, size_t& count, bool& empty) {
    for (;;) {
      while (p_ < end_ && is_xml_blank(*p_)) ++p_;
      if (p_ >= end_) return false;
      if (*p_ == '>') return ++p_, true;
      if (*p_ == '/') {
        if (end_ - p_ < 2 || p_[1] != '>') return false;
        p_ += 2;
        return empty = true;
      }
      const Name called = name();
      while (p_ < end_ && is_xml_blank(*p_)) ++p_;
      if (called.text.empty() || p_ >= end_ || *p_ != '=') return false;
      ++p_;
      while (p_ < end_ && is_xml_blank(*p_)) ++p_;
      if (p_ >= end_ || (*p_ != '"' && *p_ != '\'')) return false;
      const ByteSet& marks = *p_++ == '"' ? kXmlQuotMarks : kXmlAposMarks;
      const char* const start = p_;
      bool references = false;
      for (p_ = marks.find(p_, end_); p_ < end_ && *p_ == '&'; p_ = marks.find(p_ + 1, end_)) references = true;
      if (p_ >= end_) return false;
      if (count == kAttributesMax) out_.note(BlockProblem::kTooManyFields);
      else attributes[count++] = {called.text.data(), start, called.text.size(), static_cast<size_t>(p_ - start), called.colon, references};
      ++p_;
    }
  }

  /// Puts an element on the stack and its name on the path.
  bool open(const Name& tag, const Attribute* attributes, size_t count) {
    if (depth_ == kXmlDepthMax) return out_.note(BlockProblem::kTooDeep), going_ = false;
    elements_[depth_] = {tag.text.data(), nullptr, tag.text.size(), 0, path_size_, 0, tag.colon};
    std::string_view name = tag.local();
    named_by_ = kAttributesMax;
    if (!options_.named_element.empty() && same_text(name, options_.named_element)) {
      for (size_t i = 0; i < count; ++i) {
        uint8_t flags = 0;
        if (attributes[i].value_size == 0 || !same_text(attributes[i].name(), options_.named_attribute)) continue;
        name = decode(attributes[i], flags);
        named_by_ = i;
      }
    }
    if ((depth_ > 0 || options_.keep_root) && !append(name)) return false;
    if (depth_++ > 0) elements_[depth_ - 2].flags |= kHasChildren;
    return true;
  }

  void close() {
    const Element& element = elements_[--depth_];
    const std::string_view value = xml_trimmed(element.text());
    // The root without its name in the path has its tag's.
    if (path_size_ == 0 && !value.empty()) append(Name{{element.tag, element.tag_size}, element.colon}.local());
    if (!value.empty() || !(element.flags & kHasChildren)) add(value, element.flags & kFieldRewritten);
    path_size_ = element.path_size;
  }

  /// `name` is padded.
  bool append(std::string_view name) {
    const size_t dot = path_size_ > 0;
    if (path_size_ + dot + name.size() > kPathBytesMax) return out_.note(BlockProblem::kTooDeep), going_ = false;
    if (dot) path_[path_size_++] = '.';
    copy_xml_name(path_ + path_size_, name.data(), name.size());
    path_size_ += name.size();
    return true;
  }

  /// A field under the path.
  void add(std::string_view value, uint8_t flags) {
    if (path_size_ == 0 || (value.empty() && !options_.keep_empty)) return;
    if (out_.full()) return out_.note(BlockProblem::kTooManyFields), void(going_ = false);
    char* const name = scratch_.take(path_size_);
    if (!name) return out_.note(BlockProblem::kScratchFull), void(going_ = false);
    copy_xml_name(name, path_, path_size_);
    out_.add({name, path_size_}, value.data() ? value : std::string_view{""}, flags);
  }

  // Beside FieldFlags in Element::flags.
  static constexpr uint8_t kJoinFailed = 128, kHasChildren = 64;

  const XmlOptions& options_;
  Arena& scratch_;
  Extracted& out_;
  const char* p_;
  const char* const end_;
  XmlSteps* const steps_;
  bool going_ = true;
  bool rooted_ = false;
  unsigned depth_ = 0;
  size_t named_by_ = kAttributesMax;
  size_t path_size_ = 0;
  Element elements_[kXmlDepthMax];
  char path_[kPathBytesMax + kPadding];
};

}  // namespace

BlockResult extract_xml(std::string_view text, const XmlOptions& options, Arena& scratch, Extracted& out, XmlSteps* steps) {
  if (options.keep_empty) steps = nullptr;
  if (steps && steps->read(text, scratch, out)) return BlockResult::kMatch;
  return XmlReader(text, options, scratch, out, steps && steps->learns() ? steps : nullptr).run();
}

}  // namespace penstock::packs
