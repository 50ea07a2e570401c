// The structured data of RFC 5424 as a building block: a case a line, and what a stranger may send.
#include "block_case.h"
#include "packs/blocks/structured_data.h"

using namespace block_test;
using namespace std::string_view_literals;

namespace {

constexpr Case kCases[] = {
    {R"([a@1 x="1" y="2"])", "x=1|y=2"},
    {R"([a@1 x="1"][b@1 x="3" z=""])", "x=1|x=3|z="},
    // Section 6.3.3: three characters are escaped; any other backslash is one.
    {R"([a@1 x="q\"b\\s\]e" y="C:\dir"])", R"(x=q"b\s]e~|y=C:\dir)"},
    {R"([a@1 x="a]b"])", "x=a]b"},
    // What speaks of the message's way is passed over, and alone is none.
    {R"([timeQuality tzKnown="1"][a@1 x="1"][origin ip="192.0.2.1"][meta sequenceId="7"])", "x=1"},
    {R"([timeQuality tzKnown="1" isSynced="1"])", "no match"},
    {R"([a@1][b@1 x="1"])", "x=1"},
    {R"([a@1])", "no match"},
    {R"([a@1 x="1" ])", "x=1"},
    {R"([a@1  x="1"])", "x=1"},
    // What follows the elements is no part of them.
    {R"([a@1 x="1"] text [b@1 y="2"])", "x=1"},
    // Not well-formed.
    {R"([a@1 x="1" y])", "x=1 !malformed"},
    {R"([a@1 x="1" y="2)", "x=1 !malformed"},
    {R"([a@1 x="1" y="2\)", "x=1 !malformed"},
    {R"([a@1 x="1"y="2"])", "x=1 !malformed"},
    {R"([a@1 x="1"][)", "x=1 !malformed"},
    {R"([a@1 x="1"][])", "x=1 !malformed"},
    {R"([a@1 ="1"])", "no match"},
    {R"([a@1 x=1])", "no match"},
    {"[", "no match"},
    {"", "no match"},
    {R"( [a@1 x="1"])", "no match"},
    {"[a@1 x=\"\0\n\xc3\xa9\"]"sv, "x=\0\n\xc3\xa9"sv},
};

void whole() {
  CHECK(is_whole_structured_data(R"([a@1 x="1"][b@1 y="\]"])"));
  CHECK(!is_whole_structured_data(R"([a@1 x="1"][origin ip="192.0.2.1"])"));
  CHECK(!is_whole_structured_data(R"([a@1 x="1"][b@1])"));
  CHECK(!is_whole_structured_data(R"([a@1 x="1"][b@1 y])"));
}

void hostile() {
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "[e" + std::to_string(i) + " a=\"1\" b=\"\\\"\"]";
  const Padded padded(many);
  Extracted out;
  Arena scratch(64);
  CHECK(extract_structured_data(padded.view(), scratch, out) == BlockResult::kMatch);
  CHECK_EQ(out.size(), Extracted::kDefaultCapacity);
  CHECK(out.has(BlockProblem::kTooManyFields));
  CHECK(out.has(BlockProblem::kScratchFull));
  CHECK_EQ(out.fields().back().value, std::string_view("\\\""));
}

}  // namespace

int main() {
  check_cases(kCases, extract_structured_data);
  whole();
  hostile();
  return check::done();
}
