// The blocks a pack can name, each with its parameters read once.
#include "packs/block.h"

#include <cstdlib>
#include <vector>

#include "packs/blocks/audit.h"
#include "packs/blocks/cef.h"
#include "packs/blocks/columns.h"
#include "packs/blocks/dissect.h"
#include "packs/blocks/headed.h"
#include "packs/blocks/kv.h"
#include "packs/blocks/leef.h"
#include "packs/blocks/regex.h"
#include "packs/blocks/structured_data.h"
#include "packs/blocks/url.h"
#include "packs/blocks/user_agent.h"
#include "packs/blocks/xml.h"
#include "packs/blocks/xml_steps.h"

namespace penstock::packs {
namespace {

/// A block whose options are plain data.
template <typename Options, BlockResult (*kExtract)(std::string_view, const Options&, Arena&, Extracted&)>
class Plain final : public Block {
 public:
  explicit Plain(const Options& options) : options_(options) {}
  BlockResult extract(std::string_view text, Arena& scratch, Extracted& out) const override {
    return kExtract(text, options_, scratch, out);
  }

 private:
  Options options_;
};

using Params = std::span<const std::string_view>;

/// "name=value" at `i`.
struct Param {
  std::string_view name, value;
  explicit Param(std::string_view text) {
    const size_t equals = text.find('=');
    name = text.substr(0, equals);
    value = equals == text.npos ? std::string_view{} : text.substr(equals + 1);
  }
};

std::unique_ptr<Block> unknown(std::string_view name, std::string& error) {
  error = "a format pack gives a building block an option it does not know: " + std::string(name);
  return nullptr;
}


std::unique_ptr<Block> make_kv(Params params, bool logfmt, std::string& error) {
  KvOptions options = logfmt ? logfmt_options() : KvOptions{};
  bool own_pairs = false, own_values = false;
  for (const std::string_view text : params) {
    const Param param(text);
    if (param.name == "pairs" || param.name == "values") {
      Separators& set = param.name == "pairs" ? options.pairs : options.values;
      bool& own = param.name == "pairs" ? own_pairs : own_values;
      if (!own) set = Separators{};
      own = true;
      if (!set.add(param.value)) return unknown(text, error);
    } else if (param.name == "quotes") {
      options.quotes = ByteSet(param.value);
    } else if (param.name == "escapes") {
      options.escapes = param.value == "text" ? Escapes::kText : param.value == "doubled" ? Escapes::kDoubled
                        : param.value == "none" ? Escapes::kNone : Escapes::kBackslash;
    } else if (param.name == "spaces" && param.value == "in_values") {
      options.value_end = KvValueEnd::kAtNextName;
    } else if (param.name == "bare" && param.value == "keep") {
      options.keep_bare = true;
    } else {
      return unknown(text, error);
    }
  }
  return std::make_unique<Plain<KvProgram, extract_kv>>(KvProgram(options));
}

std::unique_ptr<Block> make_audit(Params params, std::string& error) {
  AuditOptions options;
  for (const std::string_view text : params) {
    if (text == "arguments=joined") options.join_arguments = true;
    else return unknown(text, error);
  }
  return std::make_unique<Plain<AuditOptions, extract_audit>>(options);
}

BlockResult leef(std::string_view text, const int&, Arena& scratch, Extracted& out) { return extract_leef(text, scratch, out); }

class StructuredDataBlock final : public Block {
 public:
  BlockResult extract(std::string_view text, Arena& scratch, Extracted& out) const override {
    return extract_structured_data(text, scratch, out);
  }
  bool takes_whole(std::string_view text) const override { return is_whole_structured_data(text); }
};

std::unique_ptr<Block> make_cef(Params params, std::string& error) {
  CefOptions options;
  for (const std::string_view text : params) {
    if (text == "labels=keep") options.labels = CefLabels::kKeep;
    else if (text == "labels=add") options.labels = CefLabels::kAdd;
    else if (text == "labels=replace") options.labels = CefLabels::kReplace;
    else return unknown(text, error);
  }
  return std::make_unique<Plain<CefOptions, extract_cef>>(options);
}

class DissectBlock final : public Block {
 public:
  Dissect dissect;
  BlockResult extract(std::string_view text, Arena& scratch, Extracted& out) const override {
    return dissect.extract(text, scratch, out);
  }
};

/// Params: the pattern, and what stands between appended parts.
std::unique_ptr<Block> make_dissect(Params params, std::string& error) {
  auto block = std::make_unique<DissectBlock>();
  if (params.empty()) return error = "a dissect pattern is missing", nullptr;
  if (!block->dissect.compile(params[0], params.size() > 1 ? params[1] : "", error)) return nullptr;
  return block;
}

class RegexBlock final : public Block {
 public:
  Regex regex;
  RegexOptions options;
  BlockResult extract(std::string_view text, Arena& scratch, Extracted& out) const override {
    return extract_regex(text, options, scratch, out);
  }
};

/// Params: the expression, then "group=name".
std::unique_ptr<Block> make_regex(Params params, std::string& error) {
  auto block = std::make_unique<RegexBlock>();
  if (params.empty()) return error = "a regular expression is missing", nullptr;
  if (!block->regex.compile(params[0], error)) return nullptr;
  block->options.regex = &block->regex;
  for (const std::string_view text : params.subspan(1)) {
    const Param param(text);
    uint32_t group = 0;
    for (const char c : param.name) group = group * 10 + static_cast<uint32_t>(c - '0');
    if (group == 0 || group >= block->regex.groups() || param.value.empty()) return unknown(text, error);
    block->options.captures.push_back({group, param.value});
  }
  return block;
}

std::unique_ptr<Block> make_csv(Params params, std::string& error) {
  CsvOptions options;
  std::vector<std::string> names;
  for (const std::string_view text : params) {
    const Param param(text);
    if (param.name == "delimiter" && param.value.size() == 1) options.format.delimiter = param.value[0];
    else if (param.name == "quote" && param.value.size() <= 1) options.format.quote = param.value.empty() ? '\0' : param.value[0];
    else if (param.name == "column") names.emplace_back(param.value);
    else if (param.name == "least") options.least = static_cast<uint32_t>(std::atoi(std::string(param.value).c_str())), options.format.fewer = true;
    else if (param.name == "trim") options.format.trim = true;
    else return unknown(text, error);
  }
  if (!options.names.assign(names)) return error = "a format pack names too many columns", nullptr;
  return std::make_unique<Plain<CsvOptions, extract_csv>>(options);
}

class XmlBlock final : public Block {
 public:
  XmlOptions options;
  BlockResult extract(std::string_view text, Arena& scratch, Extracted& out) const override {
    return extract_xml(text, options, scratch, out, steps_.get());
  }

 private:
  const std::unique_ptr<XmlSteps> steps_ = std::make_unique<XmlSteps>();
};

std::unique_ptr<Block> make_xml(Params params, std::string& error) {
  auto block = std::make_unique<XmlBlock>();
  XmlOptions& options = block->options;
  for (const std::string_view text : params) {
    const Param param(text);
    if (param.name == "root") options.keep_root = true;
    else if (param.name == "named_element") options.named_element = param.value;
    else if (param.name == "named_attribute") options.named_attribute = param.value;
    else return unknown(text, error);
  }
  return block;
}

class W3cBlock final : public Block {
 public:
  W3cOptions options;
  bool declared() const override { return true; }
  BlockResult extract(std::string_view, Arena&, Extracted&) const override { return BlockResult::kNoMatch; }
  BlockResult extract_declared(std::string_view text, uint64_t sender, DeclaredColumnsTable& table, Arena& scratch,
                               Extracted& out) const override {
    return extract_w3c(text, options, sender, table, scratch, out);
  }
};

std::unique_ptr<Block> make_w3c(Params params, std::string& error) {
  auto block = std::make_unique<W3cBlock>();
  std::vector<std::string> names;
  for (const std::string_view text : params) {
    const Param param(text);
    if (param.name == "delimiter" && param.value.size() == 1) block->options.delimiter = param.value[0];
    else if (param.name == "column") names.emplace_back(param.value);
    else return unknown(text, error);
  }
  if (!block->options.names.assign(names)) return error = "a format pack names too many columns", nullptr;
  return block;
}

class ZeekBlock final : public Block {
 public:
  bool declared() const override { return true; }
  BlockResult extract(std::string_view, Arena&, Extracted&) const override { return BlockResult::kNoMatch; }
  BlockResult extract_declared(std::string_view text, uint64_t sender, DeclaredColumnsTable& table, Arena& scratch,
                               Extracted& out) const override {
    return extract_zeek(text, sender, table, scratch, out);
  }
};

/// The parts under their ECS names. Param: "host=true": a host may stand without a scheme.
class UrlBlock final : public Block {
 public:
  bool has_host = false;
  BlockResult extract(std::string_view text, Arena& scratch, Extracted& out) const override {
    static constexpr std::string_view kNames[] = {"url.scheme", "url.username", "url.password", "url.domain",  "url.port",
                                                  "url.path",   "url.extension", "url.query",    "url.fragment"};
    const size_t first = out.size();
    if (extract_url(text, has_host, scratch, out) != BlockResult::kMatch) return BlockResult::kNoMatch;
    for (size_t i = first; i < out.size(); ++i)
      for (const std::string_view name : kNames)
        if (name.substr(4) == out[i].name) out[i].name = name;
    return BlockResult::kMatch;
  }
};

std::unique_ptr<Block> make_url(Params params, std::string& error) {
  auto block = std::make_unique<UrlBlock>();
  for (const std::string_view text : params) {
    if (text == "host=allowed") block->has_host = true;
    else return unknown(text, error);
  }
  return block;
}

BlockResult query(std::string_view text, const int&, Arena& scratch, Extracted& out) { return extract_query(text, scratch, out); }

class UserAgentBlock final : public Block {
 public:
  std::unique_ptr<UserAgents> agents = std::make_unique<UserAgents>();
  BlockResult extract(std::string_view text, Arena& scratch, Extracted& out) const override { return agents->extract(text, scratch, out); }
};

std::unique_ptr<Block> make_user_agent(Params params, std::string& error) {
  auto block = std::make_unique<UserAgentBlock>();
  if (!block->agents->compile(params, error)) return nullptr;
  return block;
}

class Dates final : public Block {
 public:
  std::vector<DateFormat> formats;
  bool nearest = false;
  BlockResult extract(std::string_view, Arena&, Extracted&) const override { return BlockResult::kNoMatch; }
  bool time(std::string_view text, const DateDefaults& defaults, int64_t& ns) const override {
    bool found = false;
    for (const DateFormat& format : formats) {
      int64_t one;
      if (!format.parse(text, defaults, one)) continue;
      if (!found || distance(one, defaults.reference_ns) < distance(ns, defaults.reference_ns)) ns = one;
      found = true;
      if (!nearest) break;
    }
    return found;
  }

 private:
  static uint64_t distance(int64_t a, int64_t b) {
    return a < b ? static_cast<uint64_t>(b) - static_cast<uint64_t>(a) : static_cast<uint64_t>(a) - static_cast<uint64_t>(b);
  }
};

std::unique_ptr<Block> make_dates(Params params, std::string& error) {
  auto block = std::make_unique<Dates>();
  // The first parameter says which of the formats that fit counts.
  if (params.empty() || (params[0] != "first" && params[0] != "nearest")) return error = "neither first nor nearest", nullptr;
  block->nearest = params[0] == "nearest";
  for (const std::string_view text : params.subspan(1))
    if (!block->formats.emplace_back().compile(text, error)) return nullptr;
  return block;
}

}  // namespace

std::unique_ptr<Block> make_block(std::string_view kind, std::span<const std::string_view> params, std::string& error) {
  if (kind == "kv") return make_kv(params, false, error);
  if (kind == "logfmt") return make_kv(params, true, error);
  if (kind == "audit") return make_audit(params, error);
  if (kind == "cef") return make_cef(params, error);
  if (kind == "leef") return std::make_unique<Plain<int, leef>>(0);
  if (kind == "dissect") return make_dissect(params, error);
  if (kind == "regex" || kind == "grok") return make_regex(params, error);
  if (kind == "csv") return make_csv(params, error);
  if (kind == "xml") return make_xml(params, error);
  if (kind == "structured_data") return std::make_unique<StructuredDataBlock>();
  if (kind == "w3c") return make_w3c(params, error);
  if (kind == "zeek") return std::make_unique<ZeekBlock>();
  if (kind == "url") return make_url(params, error);
  if (kind == "query") return std::make_unique<Plain<int, query>>(0);
  if (kind == "user_agent") return make_user_agent(params, error);
  if (kind == "time") return make_dates(params, error);
  error = "there is no building block " + std::string(kind);
  return nullptr;
}

}  // namespace penstock::packs
