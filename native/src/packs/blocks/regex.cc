#include "packs/blocks/regex.h"

#include <atomic>
#include <utility>

namespace penstock::packs {
namespace {

// Written once before any pattern is compiled, read by every worker: release and acquire so that the table is seen whole.
std::atomic<const RegexAbi*> g_abi{nullptr};

}  // namespace

bool set_regex_abi(const RegexAbi* abi) {
  if (!abi || abi->version != kRegexAbiVersion) return false;
  g_abi.store(abi, std::memory_order_release);
  return true;
}

const RegexAbi* regex_abi() { return g_abi.load(std::memory_order_acquire); }

Regex& Regex::operator=(Regex&& other) noexcept {
  std::swap(matcher_, other.matcher_);
  std::swap(groups_, other.groups_);
  std::swap(shape_, other.shape_);
  return *this;
}

Regex::~Regex() {
  if (matcher_) regex_abi()->free(matcher_);
}

bool Regex::compile(std::string_view pattern, std::string& error) {
  const RegexAbi* const abi = regex_abi();
  if (!abi) return error = "regular expressions are not set up", false;
  char text[1024];
  RustMatcher* const matcher = abi->compile(reinterpret_cast<const uint8_t*>(pattern.data()), pattern.size(),
                                            kProgramBytesMax, kCacheBytesMax, text, sizeof(text));
  if (!matcher) return error = text, false;
  const size_t groups = abi->groups(matcher);
  if (groups > kGroupsMax) {
    abi->free(matcher);
    return error = "more than " + std::to_string(kGroupsMax - 1) + " groups", false;
  }
  if (matcher_) abi->free(matcher_);
  matcher_ = matcher;
  groups_ = groups;
  shape_ = FixedShape();
  shape_.read(pattern);
  return true;
}

RegexList::~RegexList() {
  if (list_) regex_abi()->free_list(list_);
}

bool RegexList::compile(std::string_view patterns, std::string& error) {
  const RegexAbi* const abi = regex_abi();
  if (!abi) return error = "regular expressions are not set up", false;
  char text[1024];
  RustList* const list = abi->compile_list(reinterpret_cast<const uint8_t*>(patterns.data()), patterns.size(),
                                           Regex::kProgramBytesMax, Regex::kCacheBytesMax, text, sizeof(text));
  if (!list) return error = text, false;
  if (list_) abi->free_list(list_);
  list_ = list;
  return true;
}

BlockResult extract_regex(std::string_view text, const RegexOptions& options, Arena&, Extracted& out) {
  if (!options.regex) return BlockResult::kNoMatch;
  RegexSpan spans[Regex::kGroupsMax];
  const size_t groups = options.captures.empty() ? 0 : options.regex->groups();
  if (!options.regex->find(text, options.anchored, spans, groups)) return BlockResult::kNoMatch;
  for (const RegexCapture& capture : options.captures) {
    if (capture.group >= groups) continue;
    const auto [start, end] = spans[capture.group];
    if (start == kNoSpan || (start == end && !options.keep_empty)) continue;
    if (!out.add(capture.name, text.substr(start, end - start))) break;
  }
  return BlockResult::kMatch;
}

}  // namespace penstock::packs
