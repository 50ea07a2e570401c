// Key=value and logfmt, one case a line.
#include "block_case.h"
#include "packs/blocks/kv.h"

using namespace block_test;
using namespace std::string_view_literals;

namespace {

constexpr Case kFortiGate[] = {
    {R"(date=2026-03-01 time=12:00:00 devname="FGT 60" devid="FG60" logid="0000000013" type="traffic" sentbyte=1)",
     "date=2026-03-01|time=12:00:00|devname=FGT 60|devid=FG60|logid=0000000013|type=traffic|sentbyte=1"},
    {R"(msg="a \"quoted\" word" path="C:\Windows\x")", R"(msg=a "quoted" word~|path=C:\Windows\x)"},
    {R"_(msg="a (5")" x=1)_", R"_(msg=a (5")|x=1)_"},
    {R"(a="" b= c=3)", "a=|b=|c=3"},
    {R"(a=1 a=2 a="3")", "a=1|a=2|a=3"},
    {R"(url="http://h/?q=1&r=2" k==v)", "url=http://h/?q=1&r=2|k==v"},
    {R"(a="never closed b=1)", "a=never closed b=1 !unterminated_quote"},
    {R"(a="x"y b="z")", R"(a=x"y b="z)"},
    {R"(a="x"y b=z)", "a=x|b=z !text_after_quote"},
    {R"(a="ends in \")", R"(a=ends in "~ !unterminated_quote)"},
    {"a=1\tb=2\r\n", "a=1|b=2"},
    {"=1 b=2", "b=2 !bare_text"},
    {"avc:  denied  { read } for  pid=7 comm=\"x y\"", "pid=7|comm=x y"},
    {"no pair here", "no match"},
    {"", "no match"},
    {"   ", "no match"},
    {R"("a"="1" b=2)", "a=1|b=2"},
    {"a\0b=1 c=\0"sv, "a\0b=1|c=\0"sv},
    {"a=%s%n b=%99999999d", "a=%s%n|b=%99999999d"},
    {"\xc3\xa9=\xff", "\xc3\xa9=\xff"},
};

constexpr Case kLogfmt[] = {
    {R"(level=info msg="a \"b\" \\ \n\t\u00e9" debug n=1)", "level=info|msg=a \"b\" \\ \n\t\xc3\xa9~|debug|n=1"},
    {R"(a="\ud83d\ude00" b="\xff" c="\q" d="\x41")", "a=\xf0\x9f\x98\x80~|b=\xef\xbf\xbd~|c=\\q|d=A~ !bad_escape !invalid_utf8"},
    {"a b=1", "a|b=1"},
    {"a b", "no match"},
};

constexpr Case kComma[] = {
    {"Name: a b , Other name:c,d :  e ", "Name=a b|Other name=c|d=e"},
    {"a:\"x, y\" , b:'z'", "a=x, y|b='z'"},
    {"a:\"x\"\"y\"", "a=x\"y~"},
    {",,a:1,,", "a=1"},
    {"a : \"q\"", "a=q"},
};

constexpr Case kSudo[] = {
    {"TTY=pts/0 ; PWD=/home/a b ; USER=root ; COMMAND=/bin/sh -c a;b", "TTY=pts/0|PWD=/home/a b|USER=root|COMMAND=/bin/sh -c a;b"},
};

constexpr Case kNextName[] = {
    {"src=1.2.3.4 user=John A. Smith  msg=all is = well dst=x", "src=1.2.3.4|user=John A. Smith|msg=all is = well|dst=x"},
    {"a=b c d", "a=b c d"},
    {"a= b=1", "a=|b=1"},
    {"a=1 b=\"c d=e\" f=g ", "a=1|b=c d=e|f=g"},
    {"a=x  ", "a=x"},
};

BlockResult fortigate(std::string_view text, Arena& scratch, Extracted& out) { return extract_kv(text, KvProgram(), scratch, out); }

void hostile() {
  // 100,000 keys stop at the capacity; the bytes after are not read.
  std::string keys;
  for (int i = 0; i < 100'000; ++i) keys += "k" + std::to_string(i) + "=v ";
  const Padded padded(keys);
  Arena scratch(64);
  Extracted out;
  CHECK(extract_kv(padded.view(), KvProgram(), scratch, out) == BlockResult::kMatch);
  CHECK_EQ(out.size(), Extracted::kDefaultCapacity);
  CHECK(out.has(BlockProblem::kTooManyFields));

  // Quotes that close nothing are looked for once.
  std::string quotes;
  for (int i = 0; i < 100'000; ++i) quotes += "k=\"v\"x,";
  KvOptions options;
  options.pairs = Separators::any_of(";");
  const Padded hostile(quotes);
  Extracted wide(200'000);
  CHECK(extract_kv(hostile.view(), KvProgram(options), scratch, wide) == BlockResult::kMatch);
  CHECK_EQ(wide.size(), 1u);
  CHECK(wide.has(BlockProblem::kTextAfterQuote));

  // No memory to unescape: the value as it was written.
  const std::string escaped = "a=\"" + std::string(100, 'x') + "\\\"\"";
  const Padded long_value(escaped);
  Extracted small;
  CHECK(extract_kv(long_value.view(), KvProgram(), scratch, small) == BlockResult::kMatch);
  CHECK_EQ(small.size(), 1u);
  CHECK_EQ(small[0].value.size(), 102u);
  CHECK(small.has(BlockProblem::kScratchFull));

  // What another block found before stays when this one finds nothing.
  Extracted kept;
  kept.add("a", "1");
  CHECK(extract_kv(Padded("=x").view(), KvProgram(), scratch, kept) == BlockResult::kNoMatch);
  CHECK_EQ(kept.size(), 1u);
  CHECK_EQ(kept.problems(), 0u);
}

}  // namespace

int main() {
  check_cases(kFortiGate, fortigate);
  const KvOptions logfmt = logfmt_options();
  check_cases(kLogfmt, [&](auto text, auto& scratch, auto& out) { return extract_kv(text, KvProgram(logfmt), scratch, out); });
  KvOptions comma;
  comma.pairs = Separators::any_of(",");
  comma.values = Separators::any_of(":");
  comma.escapes = Escapes::kDoubled;
  check_cases(kComma, [&](auto text, auto& scratch, auto& out) { return extract_kv(text, KvProgram(comma), scratch, out); });
  KvOptions sudo;
  sudo.pairs = {};
  sudo.pairs.add(" ; ");
  check_cases(kSudo, [&](auto text, auto& scratch, auto& out) { return extract_kv(text, KvProgram(sudo), scratch, out); });
  KvOptions next;
  next.value_end = KvValueEnd::kAtNextName;
  check_cases(kNextName, [&](auto text, auto& scratch, auto& out) { return extract_kv(text, KvProgram(next), scratch, out); });
  hostile();
  return check::done();
}
