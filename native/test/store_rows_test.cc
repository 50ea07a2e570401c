// ECS JSON lines → rows of the store.
#include "journal/store_rows.h"

#include "check.h"

using penstock::StoreRows;

namespace {

std::string rows(const std::string& lines) {
  std::vector<char> out;
  StoreRows({"@timestamp", "host.hostname", "process.pid", "tags"}).append(lines, out);
  return {out.begin(), out.end()};
}

}  // namespace

int main() {
  CHECK_EQ(rows(""), "");
  CHECK_EQ(rows("{}\n"), "{\"attrs\":{}}\n");
  CHECK_EQ(rows(R"({"@timestamp":"t","host":{"hostname":"a","os":{"name":"x"}},"process":{"pid":5}})"),
           R"({"@timestamp":"t","host.hostname":"a","process.pid":5,"attrs":{"host.os.name":"x"}})" "\n");
  CHECK_EQ(rows("{\"host.hostname\":\"a\"}\n\n{\"tags\":[\"x\",{\"y\":\"}\"}]}\n"),
           "{\"host.hostname\":\"a\",\"attrs\":{}}\n{\"tags\":[\"x\",{\"y\":\"}\"}],\"attrs\":{}}\n");
  // The first of two under one name is the column, the other is kept; empty objects, nulls elsewhere and odd names too.
  CHECK_EQ(rows(R"({"host":{"hostname":"a"},"host.hostname":"b","tags":null,"x":null,"e":{},"q\"\\":{" ":[ ]}})"),
           R"({"host.hostname":"a","attrs":{"host.hostname":"b","x":null,"e":{},"q\"\\. ":[ ]}})" "\n");
  CHECK_EQ(rows(" { \"process\" : { \"pid\" : 1 , \"a\" : \"\\\\\" } , \"b\" : true } "),
           "{\"process.pid\":1,\"attrs\":{\"process.a\":\"\\\\\",\"b\":true}}\n");
  const std::string unreadable =
      R"({"event.kind":"pipeline_error","error.message":"the event is not a JSON object","event.original":)";
  CHECK_EQ(rows("{\"a\":"), unreadable + "\"{\\\"a\\\":\",\"attrs\":{}}\n");
  CHECK_EQ(rows("[1]"), unreadable + "\"[1]\",\"attrs\":{}}\n");
  CHECK_EQ(rows("{\"a\":\"\xff\"}").substr(0, unreadable.size()), unreadable);
  // Wherever in a text something stands that is not as the rest: texts are read eight bytes at a time.
  for (size_t size = 0; size < 40; ++size) {
    for (size_t place = 0; place < size; ++place) {
      const auto with = [&](const std::string& odd) {
        return "{\"tags\":\"" + std::string(place, '!') + odd + std::string(size - place - 1, '\x7f') + "\"}";
      };
      for (const char* const odd : {"\\\"", "\\\\", "\\u0000", "\xc3\xa9", "\xf0\x9f\x98\x80", "}", "x"})
        CHECK_EQ(rows(with(odd)), with(odd).substr(0, with(odd).size() - 1) + ",\"attrs\":{}}\n");
      for (const char* const odd : {"\"", "\x1f", "\x01", "\\", "\\x", "\x80", "\xff", "\xc3", "\xed\xa0\x80"})
        CHECK_EQ(rows(with(odd)).substr(0, unreadable.size()), unreadable);
    }
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{\"a\":";
  deep += "1" + std::string(100, '}');
  CHECK(rows(deep).find(R"("attrs":{"a.a.a)") != std::string::npos);
  return check::done();
}
