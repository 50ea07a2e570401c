// Regular expressions with captures, through the Rust addon's functions.
#include "block_case.h"
#include "packs/blocks/regex.h"
#include "regex_abi_loader.h"

using namespace block_test;

namespace {

RegexOptions options_for(Regex& regex) {
  RegexOptions options;
  options.regex = &regex;
  constexpr std::string_view kNames[] = {"a", "b", "c"};
  for (uint32_t group = 1; group < regex.groups() && group <= 3; ++group) options.captures.push_back({group, kNames[group - 1]});
  return options;
}

struct PatternCase {
  std::string_view pattern, text, expected;
};

constexpr PatternCase kCases[] = {
    {"^(\\S+) from (\\S+)", "root from 192.0.2.1 port 1", "a=root|b=192.0.2.1"},
    {"(x)?(y)", "zy", "b=y"},
    {"(x*)(y)", "y", "b=y"},
    {"(a)|(b)", "b", "b=b"},
    {"(.)", "\xc3\xa9", "a=\xc3\xa9"},
    {"none", "some", "no match"},
    {"some", "some", ""},
    {"(a)(b)(c)(d)", "abcd", "a=a|b=b|c=c"},
    {"()", "", ""},
};

void blocks() {
  for (const auto& [pattern, text, expected] : kCases) {
    Regex regex;
    std::string error;
    CHECK(regex.compile(pattern, error));
    const RegexOptions options = options_for(regex);
    CHECK_EQ(run(text, [&](auto t, auto& scratch, auto& out) { return extract_regex(t, options, scratch, out); }),
             std::string(expected));
  }
}

void limits() {
  std::string error;
  Regex regex;
  for (const char* pattern : {"(", "a{0,1000000000}", "(\\w{1000}){1000}", "(?=look)", "(a)\\1", "\xff", "(?-u:.)"}) {
    error.clear();
    CHECK(!regex.compile(pattern, error));
    CHECK(!error.empty());
  }
  CHECK(!regex.ready());
  std::string groups;
  for (int i = 0; i < 300; ++i) groups += "(a)";
  CHECK(!regex.compile(groups, error));
  // What backtracks without end elsewhere.
  CHECK(regex.compile("^(a+)+$", error));
  const std::string evil = std::string(1 << 20, 'a') + "!";
  RegexSpan spans[2];
  CHECK(!regex.find(evil, false, spans, 2));
  // Anchored: at the start or not at all.
  CHECK(regex.compile("b", error));
  CHECK(!regex.find("ab", true, spans, 1));
  CHECK(regex.find("ab", false, spans, 1));
  CHECK_EQ(spans[0].start, 1u);
  // More spans asked for than there are groups.
  RegexSpan many[4];
  CHECK(regex.find("ab", false, many, 4));
  CHECK_EQ(many[3].start, kNoSpan);
  Regex moved = std::move(regex);
  CHECK(moved.ready() && !regex.ready());
  CHECK(!regex.find("b", false, spans, 1));
}

}  // namespace

int main() {
  CHECK(!set_regex_abi(nullptr));
  Regex early;
  std::string error;
  CHECK(!early.compile("a", error));
  CHECK(load_regex_abi());
  if (regex_abi()) blocks(), limits();
  return check::done();
}
