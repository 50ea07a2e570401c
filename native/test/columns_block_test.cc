// CSV and its kin, the W3C extended format and Zeek's TSV, one line a case.
#include "block_case.h"
#include "packs/blocks/headed.h"

using namespace block_test;

namespace {

constexpr Case kCsv[] = {
    {"1,2,3\r\n", "a=1|b=2|c=3"},
    {"1,,3", "a=1|c=3"},
    {"\"x,y\",\"say \"\"hi\"\"\",\"\"", "a=x,y|b=say \"hi\"~"},
    {"1,2", "a=1|b=2 !missing_columns"},
    {"1,2,3,4,,6", "a=1|b=2|c=3|column4=4|column6=6 !extra_columns"},
    {"1,2,3,", "a=1|b=2|c=3"},
    {"\"open,2,3", "a=open,2,3 !unterminated_quote !missing_columns"},
    {"\"x\"y,2,3", "a=x|b=2|c=3 !text_after_quote"},
    {"x\"y\",2,3", "a=x\"y\"|b=2|c=3"},
    {" 1 , \"2\" ,3 ", "a= 1 |b= \"2\" |c=3 "},
    {"\xc3\xa9,\xff,\"\xff\"", "a=\xc3\xa9|b=\xff|c=\xff"},
    {"", "no match"},
    {"\n", "no match"},
};

constexpr Case kTrimmedPipes[] = {
    {" 1 |\"2|3\" | - ", "column1=1|column2=2|3"},
    {" |x", "column2=x"},
};

constexpr Case kEmpty[] = {{",\"\",", "a=|b=|c="}};

std::string w3c(std::string_view text, uint64_t sender, DeclaredColumnsTable& table, const W3cOptions& options = {}) {
  return run(text, [&](auto t, auto& scratch, auto& out) { return extract_w3c(t, options, sender, table, scratch, out); });
}

std::string zeek(std::string_view text, uint64_t sender, DeclaredColumnsTable& table) {
  return run(text, [&](auto t, auto& scratch, auto& out) { return extract_zeek(t, sender, table, scratch, out); });
}

void w3c_directives() {
  DeclaredColumnsTable table;
  CHECK_EQ(w3c("2020-01-01 GET", 1, table), "no match");
  CHECK_EQ(w3c("#Software: Microsoft Internet Information Services 10.0", 1, table),
           "#Software=Microsoft Internet Information Services 10.0");
  CHECK_EQ(w3c("#Fields: date  cs-method c-ip cs(User-Agent) ", 1, table), "#Fields=date  cs-method c-ip cs(User-Agent) ");
  CHECK_EQ(w3c("2020-01-01 GET - Mozilla/5.0+(X)\r\n", 1, table), "date=2020-01-01|cs-method=GET|cs(User-Agent)=Mozilla/5.0+(X)");
  CHECK_EQ(w3c("2020-01-01  \"a b\" x y", 1, table), "date=2020-01-01|cs-method=a b|c-ip=x|cs(User-Agent)=y");
  CHECK_EQ(w3c("x y", 2, table), "no match");
  CHECK_EQ(w3c("#Fields: other", 1, table), "#Fields=other");
  CHECK_EQ(w3c("x y", 1, table), "other=x|column2=y !extra_columns");
  CHECK_EQ(w3c("#no colon", 1, table), "no match");
  W3cOptions options;
  CHECK(options.names.assign("d t", ' ', true));
  CHECK_EQ(w3c("1 2", 3, table, options), "d=1|t=2");
  // Too many columns: said, and what was declared before stays.
  std::string many = "#Fields:";
  for (int i = 0; i < 1000; ++i) many += " c" + std::to_string(i);
  CHECK(w3c(many, 1, table).ends_with("!too_many_fields"));
  CHECK_EQ(w3c("x", 1, table), "other=x");
}

void zeek_directives() {
  DeclaredColumnsTable table;
  CHECK_EQ(zeek("#separator \\x09", 1, table), "#separator=\\x09");
  CHECK_EQ(zeek("#empty_field\t(empty)", 1, table), "#empty_field=(empty)");
  CHECK_EQ(zeek("#unset_field\t-", 1, table), "#unset_field=-");
  CHECK_EQ(zeek("#path\tconn", 1, table), "#path=conn");
  CHECK_EQ(zeek("#fields\tts\tuid\tid.orig_h\tservice", 1, table), "#fields=ts\tuid\tid.orig_h\tservice");
  CHECK_EQ(zeek("#types\ttime\tstring\taddr\tstring", 1, table), "#types=time\tstring\taddr\tstring");
  CHECK_EQ(zeek("1.5\tCabc\\x09d\t(empty)\t-", 1, table), "_path=conn|ts=1.5|uid=Cabc\td~|id.orig_h=");
  CHECK_EQ(zeek("1.5\t\\xff\\xg\tx\ty", 1, table), "_path=conn|ts=1.5|uid=\xef\xbf\xbd\\xg~|id.orig_h=x|service=y !invalid_utf8");
  CHECK_EQ(zeek("1.5", 1, table), "_path=conn|ts=1.5 !missing_columns");
  CHECK_EQ(zeek("#close\t2020", 1, table), "#close=2020");
  CHECK_EQ(zeek("#whatever", 1, table), "no match");
  CHECK_EQ(zeek("#separator \\xff", 1, table), "#separator=\\xff !malformed");
  CHECK_EQ(zeek("1.5", 1, table), "no match");
  // The senders seen longest ago are forgotten.
  for (uint64_t sender = 2; sender < 2 + DeclaredColumnsTable::kSendersMax; ++sender)
    CHECK_EQ(zeek("#fields\ta", sender, table), "#fields=a");
  CHECK(table.find(1) == nullptr);
  CHECK(table.find(2) != nullptr);
  table.make(1);
  CHECK(table.find(2) != nullptr);
  CHECK(table.find(3) == nullptr);
}

void limits() {
  CsvOptions options;
  CHECK(!options.names.assign(std::string(1 << 20, ','), ',', false));
  CHECK(!options.names.assign(std::string(1 << 20, 'x'), ',', false));
  const std::string commas = std::string(100'000, ',') + "x";
  options.format.keep_empty = true;
  const Padded padded(commas);
  Arena scratch(1 << 16);
  Extracted out;
  CHECK(extract_csv(padded.view(), options, scratch, out) == BlockResult::kMatch);
  CHECK_EQ(out.size(), Extracted::kDefaultCapacity);
  CHECK(out.has(BlockProblem::kTooManyFields));
  // No memory for the names of columns nobody named.
  CHECK_EQ(run("1,2", [&](auto t, auto& s, auto& o) { return extract_csv(t, options, s, o); }, 8, 7), "column1=1 !too_complex");
  options.least = 4;
  CHECK_EQ(run("1,2", [&](auto t, auto& s, auto& o) { return extract_csv(t, options, s, o); }), "no match");
}

}  // namespace

int main() {
  CsvOptions csv;
  CHECK(csv.names.assign("a,b,c", ',', false));
  check_cases(kCsv, [&](auto t, auto& scratch, auto& out) { return extract_csv(t, csv, scratch, out); });
  CsvOptions empty = csv;
  empty.format.keep_empty = true;
  check_cases(kEmpty, [&](auto t, auto& scratch, auto& out) { return extract_csv(t, empty, scratch, out); });
  CsvOptions pipes;
  pipes.format = {'|', '"', false, true, "-", false};
  check_cases(kTrimmedPipes, [&](auto t, auto& scratch, auto& out) { return extract_csv(t, pipes, scratch, out); });
  w3c_directives();
  zeek_directives();
  limits();
  return check::done();
}
