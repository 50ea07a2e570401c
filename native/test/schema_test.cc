// Input schemas: what fits and what does not, and why; the naive judge on the same documents; plans damaged in every word; names by hash.
#include "validation/validator.h"

#include <cstring>

#include "check.h"
#include "regex_abi_loader.h"
#include "schema_files.h"
#include "schema_oracle.h"

using namespace penstock;
using namespace schema_test;

namespace {

constexpr uint32_t kDepthMax = 64;

std::string reason_of(const Schema& schema, std::string_view document) {
  static Validator validator(1 << 20, kDepthMax);
  static Arena arena(8 << 20);
  std::string padded(document);
  padded.append(kPadding, '"');
  const bool good = validator.check(schema, {padded.data(), document.size()}, arena);
  CHECK_EQ(arena.mark(), size_t{0});
  CHECK_EQ(good, validator.reason().empty());
  return std::string(validator.reason());
}

struct Case {
  std::string_view schema, document, reason;
};

constexpr Case kCases[] = {
    {"event", R"({"@timestamp":"2026-03-01T12:00:00Z","message":"x"})", ""},
    {"event", R"({"@timestamp":"2026-02-30T12:00:00Z","message":"x"})", "/@timestamp: must be a date-time"},
    {"event", R"({"message":"x"})", "(document): must have the property @timestamp"},
    {"event", R"({"@timestamp":"2016-12-31T23:59:60Z","message":"x","user":{"id":7,"name":"a"},"tags":["a","b"]})", ""},
    {"event", R"({"@timestamp":"2016-12-31T23:59:60Z","message":"x","user":{"id":4294967296}})", "/user/id: must be <= 4294967295"},
    {"event", R"({"@timestamp":"2016-12-31T23:59:60Z","message":"x","user":{"id":1,"no":1}})", "/user/no: must not be there"},
    {"event", R"({"@timestamp":"2016-12-31T23:59:60Z","message":"x","tags":["a","\u0061"]})", "/tags: must not have an element twice"},
    {"event", R"({"message":)", "(document): is not well-formed JSON"},
    {"event", "", "(document): is not well-formed JSON"},
    {"event", "\xef\xbb\xbf", "(document): is not well-formed JSON"},
    {"event", "\xef\xbb\xbf{\"@timestamp\":\"2016-12-31T23:59:60Z\"}", "(document): must have the property message"},
    {"keywords", R"({"all":1.5,"x-":"","\u00e9":7})", ""},
    {"keywords", R"({"\u00e9":"7"})", "/\xc3\xa9: must be integer"},
    {"keywords", R"({"never":1})", "/never: must not be there"},
    {"keywords", R"({"other":{"x-":1}})", "/other/x-: must be string"},
    {"record", R"({"at":1,"kind":"OK","address":"\u0000\u0001\u0002\u00ff"})", ""},
    {"record", R"({"at":1,"kind":"NO","address":"abcd"})", "/kind: must be one of [\"OK\",\"FAILED\"]"},
    {"record", R"({"at":1,"kind":"OK","address":"abcd","inner":{"org.example.Login":{"at":1,"kind":"OK","address":"abcd"}}})", ""},
    {"wide", R"({"a":1,"p89":1,"\u0070\u0038":1,"":"","longer than eight bytes too":0})", ""},
    {"wide", R"({"a":1,"p89":1,"p90":1})", "/p90: must be boolean"},
    {"wide", R"({"p89":1,"p90":true})", "(document): must have the property a"},
    {"wide", R"({"a":1,"p89":1,"longer than eight bytes to":0})", "/longer than eight bytes to: must be boolean"},
};

bool load(Schema& schema, std::string_view plan) {
  std::string error;
  const bool good = schema.load(reinterpret_cast<const uint8_t*>(plan.data()), plan.size(), error);
  CHECK_EQ(good, error.empty());
  return good;
}

void judge(const Schema& schema, std::string_view document) {
  const Verdict verdict = Oracle(schema).judge(document, kDepthMax);
  const std::string reason = reason_of(schema, document);
  if (verdict == Verdict::kUnknown || reason.ends_with("too many steps")) return;
  CHECK_EQ(reason.empty(), verdict == Verdict::kFits);
}

void cases(const std::vector<SchemaFile>& files) {
  for (const SchemaFile& file : files) {
    Schema schema;
    std::string error;
    schema.load(reinterpret_cast<const uint8_t*>(file.plan.data()), file.plan.size(), error);
    CHECK_EQ(error, "");
    for (const Case& one : kCases) {
      if (one.schema == file.name) CHECK_EQ(reason_of(schema, one.document), std::string(one.reason));
      judge(schema, one.document);
      for (size_t i = 0; i < one.document.size(); ++i) {  // a byte gone
        std::string damaged(one.document);
        judge(schema, damaged.erase(i, 1));
      }
    }
  }
}

/// A damaged plan is refused, or whatever it says is done without harm: the sanitizers watch.
void damage(const std::vector<SchemaFile>& files) {
  size_t refused = 0, taken = 0;
  for (const SchemaFile& file : files) {
    const size_t step = file.plan.size() > 8192 ? 28 : 4;
    for (size_t at = 0; at + 4 <= file.plan.size(); at += step) {
      for (const uint32_t value : {0u, 1u, 7u, 0x7fffffffu, 0xffffffffu}) {
        std::string plan = file.plan;
        std::memcpy(plan.data() + at, &value, 4);
        Schema schema;
        std::string error;
        if (!schema.load(reinterpret_cast<const uint8_t*>(plan.data()), plan.size(), error)) {
          CHECK(!error.empty());
          ++refused;
          continue;
        }
        ++taken;
        for (const Case& one : kCases)
          if (one.schema == file.name) judge(schema, one.document);
      }
    }
    for (size_t size = 0; size < file.plan.size(); size += 61) {
      Schema schema;
      CHECK(!load(schema, std::string_view(file.plan).substr(0, size)));
    }
  }
  CHECK(refused > 100 && taken > 100);
}

void names() {
  std::vector<std::string> texts = {"", "a", "b", "ab", "ba", std::string(3, '\0'), std::string(4, '\0')};
  for (int i = 0; i < 1000; ++i) texts.push_back("property " + std::to_string(i * 7919));
  for (size_t size = 1; size < 40; ++size) texts.push_back(std::string(size, 'x'));
  for (size_t count = 0; count <= texts.size(); count += count < 20 ? 1 : 173) {
    NameTable table;
    CHECK(table.build({texts.begin(), texts.begin() + static_cast<ptrdiff_t>(count)}));
    for (size_t k = 0; k < texts.size(); ++k) CHECK_EQ(table.find(texts[k]), k < count ? static_cast<uint32_t>(k) : NameTable::kNone);
    CHECK_EQ(table.find("property"), NameTable::kNone);
    CHECK_EQ(table.find(std::string(100'000, 'x')), NameTable::kNone);
  }
  NameTable twice;
  CHECK(!twice.build({"a", "b", "a"}));
}

}  // namespace

int main() {
  names();
  CHECK(block_test::load_regex_abi());
  const std::vector<SchemaFile> files = schema_files();
  CHECK(files.size() >= 5);
  cases(files);
  damage(files);
  return check::done();
}
