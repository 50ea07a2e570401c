// Attributes of one name become a list: in order, in the first's place, and where there is no room not at all.
#include "check.h"
#include "packs/repeated_names.h"

#include <string>

using namespace penstock;
using namespace std::string_view_literals;

namespace {

std::string describe(const Event& event) {
  std::string text;
  for (size_t i = 0; i < event.attr_count(); ++i) {
    const AttrEntry& attr = event.attrs()[i];
    text.append(i ? "|" : "").append(attr.name).append(attr.value.kind == ValueKind::kJson ? ":" : "=").append(attr.value.text);
  }
  return text;
}

void fill(Event& event, std::initializer_list<std::string_view> pairs) {
  event.reset();
  for (const std::string_view pair : pairs) event.add_attr(pair.substr(0, 1), Value::of_string(pair.substr(2)));
}

}  // namespace

int main() {
  Event event;
  packs::RepeatedNames names;
  Arena arena(4096);

  fill(event, {"a=1", "b=2", "a=\"", "c=4", "b=5", "a=6"});
  names.join(event, 0, arena);
  CHECK_EQ(describe(event), R"(a:["1","\"","6"]|b:["2","5"]|c=4)");

  // What stood there before is none of its business.
  fill(event, {"a=1", "a=2", "a=3", "b=4"});
  names.join(event, 1, arena);
  CHECK_EQ(describe(event), R"(a=1|a:["2","3"]|b=4)");

  fill(event, {"a=1", "b=2"});
  names.join(event, 0, arena);
  CHECK_EQ(describe(event), "a=1|b=2");

  // Only texts are joined.
  fill(event, {"a=1"});
  event.add_attr("a", Value::of_json("[2]"));
  event.add_attr("a", Value::of_string("3"));
  names.join(event, 0, arena);
  CHECK_EQ(describe(event), R"(a:["1","3"]|a:[2])");

  Arena none(70);
  fill(event, {"a=1", "b=2", "a=3", "a=4", "b=5"});
  names.join(event, 0, none);
  CHECK_EQ(describe(event), R"(a=1|b:["2","5"]|a=3|a=4)");
  CHECK(event.problem == Problem::kTooComplex);

  event.reset();
  Arena large(1 << 20);
  for (size_t i = 0; i < Event::kMaxAttrs; ++i) event.add_attr(i % 2 ? "odd"sv : "even"sv, Value::of_string("x"));
  names.join(event, 0, large);
  CHECK_EQ(event.attr_count(), 2u);
  CHECK_EQ(event.attrs()[1].value.text.size(), 2 + Event::kMaxAttrs / 2 * 4 - 1);
  return check::done();
}
