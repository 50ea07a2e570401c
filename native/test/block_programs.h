// Every building block under one signature, with options that a byte chooses: for fuzzing and for tests of all of them.
#pragma once

#include "packs/blocks/audit.h"
#include "packs/blocks/cef.h"
#include "packs/blocks/convert.h"
#include "packs/blocks/decode_text.h"
#include "packs/blocks/dissect.h"
#include "packs/blocks/headed.h"
#include "packs/blocks/kv.h"
#include "packs/blocks/leef.h"
#include "packs/blocks/structured_data.h"
#include "packs/blocks/url.h"
#include "packs/blocks/xml.h"

namespace block_test {

using namespace penstock;
using namespace penstock::packs;

struct Program {
  const char* name;
  BlockResult (*run)(uint8_t option, std::string_view text, Arena& scratch, Extracted& out);
};

inline BlockResult run_kv(uint8_t option, std::string_view text, Arena& scratch, Extracted& out) {
  KvOptions options;
  if (option & 1) options.pairs = Separators::any_of(",;");
  if (option & 2) options.pairs.add("; "), options.values.add("=>");
  if (option & 4) options.value_end = KvValueEnd::kAtNextName;
  options.keep_bare = option & 8;
  options.escapes = static_cast<Escapes>(option >> 4 & 3);
  if (option & 1) options.quotes.add('\'');
  return extract_kv(text, KvProgram(options), scratch, out);
}

inline BlockResult run_audit(uint8_t option, std::string_view text, Arena& scratch, Extracted& out) {
  AuditOptions options;
  options.join_arguments = option & 1;
  return extract_audit(text, options, scratch, out);
}

inline BlockResult run_cef(uint8_t option, std::string_view text, Arena& scratch, Extracted& out) {
  return extract_cef(text, {static_cast<CefLabels>(option % 3)}, scratch, out);
}

inline BlockResult run_leef(uint8_t, std::string_view text, Arena& scratch, Extracted& out) {
  return extract_leef(text, scratch, out);
}

inline BlockResult run_structured_data(uint8_t, std::string_view text, Arena& scratch, Extracted& out) {
  return extract_structured_data(text, scratch, out);
}

inline BlockResult run_dissect(uint8_t option, std::string_view text, Arena& scratch, Extracted& out) {
  constexpr std::string_view kPatterns[] = {"%{a->} %{b}: %{?c}=%{+d/2},%{+d/1} %{}|%{rest}", "%{*k}=%{&k};%{+a} %{+a}", "<%{p}>%{m}"};
  static const std::array<Dissect, 3> compiled = [&] {
    std::array<Dissect, 3> all;
    std::string error;
    for (size_t i = 0; i < all.size(); ++i)
      if (!all[i].compile(kPatterns[i], "--", error)) __builtin_trap();
    return all;
  }();
  return compiled[option % 3].extract(text, scratch, out);
}

inline BlockResult run_csv(uint8_t option, std::string_view text, Arena& scratch, Extracted& out) {
  CsvOptions options;
  options.names.assign("a,b,,d", ',', false);
  if (option & 1) options.names.clear();
  options.format = {option & 2 ? ',' : '\t', option & 4 ? '"' : '\0', (option & 8) != 0, (option & 16) != 0, "-", (option & 32) != 0};
  return extract_csv(text, options, scratch, out);
}

/// Lines of one sender, as they come: what matched of all.
template <class Line>
BlockResult each_line(std::string_view text, Line line) {
  BlockResult all = BlockResult::kNoMatch;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    if (line(text.substr(0, end)) == BlockResult::kMatch) all = BlockResult::kMatch;
    text.remove_prefix(end);
  }
  return all;
}

inline BlockResult run_w3c(uint8_t option, std::string_view text, Arena& scratch, Extracted& out) {
  static DeclaredColumnsTable table;
  table = {};
  W3cOptions options;
  options.delimiter = option & 1 ? '\t' : ' ';
  // Names live until the next declaration: what is kept of a line is what fits before it.
  return each_line(text, [&](std::string_view line) {
    if (line.starts_with('#')) out.reset(), out.add("before", "1");
    return extract_w3c(line, options, 1, table, scratch, out);
  });
}

inline BlockResult run_zeek(uint8_t, std::string_view text, Arena& scratch, Extracted& out) {
  static DeclaredColumnsTable table;
  table = {};
  return each_line(text, [&](std::string_view line) {
    if (line.starts_with('#')) out.reset(), out.add("before", "1");
    return extract_zeek(line, 1, table, scratch, out);
  });
}

inline BlockResult run_xml(uint8_t option, std::string_view text, Arena& scratch, Extracted& out) {
  XmlOptions options;
  options.keep_root = option & 1;
  options.keep_empty = option & 2;
  if (option & 4) options.named_element = {};
  return extract_xml(text, options, scratch, out);
}

inline BlockResult run_url(uint8_t option, std::string_view text, Arena& scratch, Extracted& out) {
  return option & 1 ? extract_query(text, scratch, out) : extract_url(text, option & 2, scratch, out);
}

/// Everything that takes one text and makes another or a number of it.
inline BlockResult run_text(uint8_t option, std::string_view text, Arena& scratch, Extracted& out) {
  const Extracted::Mark before = out.mark();
  std::string_view made;
  int64_t i = 0;
  double d = 0;
  bool b = false;
  int32_t port = 0;
  std::string number;
  switch (option & 7) {
    case 0: made = decode_base64(text, scratch, out); break;
    case 1: made = decode_hex(text, scratch, out); break;
    case 2: made = canonical_ip(text, scratch); break;
    case 3: made = canonical_mac(text, scratch); break;
    case 4: if (split_host_port(text, made, port)) number = std::to_string(port); break;
    case 5: if (to_int(text, i)) number = std::to_string(i); break;
    case 6: if (to_double(text, d) || to_bool(text, b)) number = std::to_string(d) + std::to_string(b); break;
    default: if (to_duration(text, 1'000, i)) number = std::to_string(i);
  }
  if (!number.empty()) made = scratch.copy(number);
  if (made.data() == nullptr) return out.rewind(before), BlockResult::kNoMatch;
  out.add("made", made, made.data() >= text.data() && made.data() <= text.data() + text.size() ? 0 : uint8_t{kFieldRewritten});
  return BlockResult::kMatch;
}

inline constexpr Program kPrograms[] = {{"kv", run_kv},   {"cef", run_cef}, {"leef", run_leef}, {"dissect", run_dissect},
                                        {"csv", run_csv}, {"w3c", run_w3c}, {"zeek", run_zeek},
                                        {"xml", run_xml}, {"url", run_url}, {"text", run_text}, {"audit", run_audit},
                                        {"structured_data", run_structured_data}};

}  // namespace block_test
