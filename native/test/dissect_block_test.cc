// Dissect: the specification's cases, then ours.
#include "block_case.h"
#include "dissect_spec_cases.h"
#include "packs/blocks/dissect.h"

#include <algorithm>
#include <vector>

using namespace block_test;

namespace {

constexpr DissectCase kOwn[] = {
    {"%{a} %{b}", " x", "", "a=|b=x"},
    {"%{a}: %{a}", "1: 2", "", "a=1|a=2"},
    {"%{+a} %{b} %{+a}", "1 2 3", " ", "a=1 3|b=2"},
    {"%{*k}=%{&k} %{rest}", "=v r", "", "rest=r !bare_text"},
    {"%{a->} ", "x    ", "", "a=x"},
    {"%{a}", "", "", "a="},
    {"%{a->}", "x  ", "", "a=x  "},
    {"<%{pri}>%{?x}:%{}:%{m}", "<1>a:b:c:d", "", "m=c:d|pri=1"},
    {"%{a}%{b}", "xy", "", "no match"},
    {"%{a", "xy", "", "no match"},
    {"%{+}", "x", "", "no match"},
    {"%{+a/x}", "x", "", "no match"},
    {"%{*k} %{b}", "x y", "", "no match"},
    {"%{a b}", "x", "", "no match"},
};

/// The fields by name, as the specification tells them.
std::string sorted(const std::string& described) {
  const size_t end = std::min(described.find(" !"), described.size());
  std::vector<std::string> fields;
  for (size_t at = 0; at <= end; ++at) {
    const size_t bar = std::min(described.find('|', at), end);
    std::string field = described.substr(at, bar - at);
    std::erase(field, '~');
    fields.push_back(field);
    at = bar;
  }
  std::stable_sort(fields.begin(), fields.end(), [](const std::string& a, const std::string& b) {
    return a.substr(0, a.find('=')) < b.substr(0, b.find('='));
  });
  std::string all;
  for (const std::string& field : fields) all += (all.empty() ? "" : "|") + field;
  return all + described.substr(end);
}

template <size_t kCount>
void check_patterns(const DissectCase (&cases)[kCount]) {
  for (const auto& [pattern, text, separator, expected] : cases) {
    Dissect dissect;
    std::string error, actual = "no match";
    if (dissect.compile(pattern, separator, error)) {
      actual = run(text, [&](auto t, auto& scratch, auto& out) { return dissect.extract(t, scratch, out); });
      if (actual != "no match") actual = sorted(actual);
    } else {
      CHECK(!error.empty());
    }
    ++check::checks;
    if (actual != expected)
      check::failed(__FILE__, __LINE__, std::string(pattern) + "\n  is  " + actual + "\n  not " + std::string(expected));
  }
}

void limits() {
  std::string many, error;
  for (int i = 0; i < 129; ++i) many += "%{a} ";
  Dissect dissect;
  CHECK(!dissect.compile(many, "", error));
  // No memory to join: the first part, said.
  CHECK(dissect.compile("%{+a} %{+a}", "", error));
  CHECK_EQ(run("x y", [&](auto t, auto& scratch, auto& out) { return dissect.extract(t, scratch, out); }, 8, 1),
           std::string("a=x~ !too_complex"));
  // Padding without end is read once.
  CHECK(dissect.compile("%{a->} %{b}", "", error));
  const std::string spaces = "x" + std::string(1 << 20, ' ') + "y";
  CHECK_EQ(run(spaces, [&](auto t, auto& scratch, auto& out) { return dissect.extract(t, scratch, out); }),
           std::string("a=x|b=y"));
}

}  // namespace

int main() {
  check_patterns(kDissectSpec);
  check_patterns(kOwn);
  limits();
  return check::done();
}
