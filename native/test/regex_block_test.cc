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

/// Expressions of a fixed size are compared place by place; with a group around them they go another way, to the same answer.
void fixed_shapes() {
  constexpr std::string_view kShapes[] = {
      "^(?P<a>[0-9a-f:]{17}):(?P<b>[0-9a-f:]{17}):", "^[0-9A-Fa-f]{4}", "^(ab)(c{2})[x_]", "^a()b", "^([a-c]{1})(x){1}", "^( [0-9])[0-9]%",
  };
  constexpr std::string_view kTexts[] = {
      "00:11:22:33:44:55:66:77:88:99:aa:bb:08:00", "00:11:22:33:44:55:66:77:88:99:aa:bb", "00:11:22:33:44:5G:66:77:88:99:aa:bb:08:00",
      ":::::::::::::::::::::::::::::::::::::", "beEF1", "beE", "beE\xc3\xa9", "abccx", "abcc_", "abccy", "abcx", "ab", "acb", "bx", "dx", " 12%", " 1", "",
  };
  for (const std::string_view shape : kShapes) {
    FixedShape fixed;
    CHECK(fixed.read(shape) && fixed.usable());
    const std::string around = "(?:" + std::string(shape) + ")";
    CHECK(!FixedShape().read(around));
    Regex regex;
    std::string error;
    CHECK(regex.compile(around, error));
    for (const std::string_view text : kTexts) {
      RegexSpan spans[4], expected[4];
      const bool found = fixed.find(text, spans, 4);
      CHECK_EQ(found, regex.find(text, false, expected, 4));
      for (size_t i = 0; found && i < 4; ++i) CHECK(spans[i].start == expected[i].start && spans[i].end == expected[i].end);
    }
  }
  for (const std::string_view other :
       {"a", "^", "^a+", "^a?", "^a*", "^a{2,3}", "^a{2}?", "^a{0}", "^a|b", "^a$", "^.", "^\\d", "^[^a]", "^[a-]", "^[[:alpha:]]", "^[a&&b]", "^(a(b))",
        "^(a){2}", "^(a", "^(?i)a", "^(?:a)", "^(?i:a)", "^a{257}", "^a{200}b{57}", "^abcdefghi", "^\xc3\xa9", "^[]a]", "^[a", "^a{", "^a)", "^(?<>a)"})
    CHECK(!FixedShape().read(other));
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
  if (regex_abi()) blocks(), fixed_shapes(), limits();
  return check::done();
}
