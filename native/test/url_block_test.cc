// URLs, queries and encoded texts, one a line.
#include "block_case.h"
#include "packs/blocks/decode_text.h"
#include "packs/blocks/url.h"

using namespace block_test;
using namespace std::string_view_literals;

namespace {

constexpr Case kUrls[] = {
    {"HTTPS://bob:se:cret@Example.com:8443/a/b.tar.gz?x=1&y=2#top",
     "scheme=https|username=bob|password=se:cret|domain=Example.com|port=8443|fragment=top|query=x=1&y=2|path=/a/b.tar.gz|extension=gz"},
    {"http://[2001:db8::1]:80/", "scheme=http|domain=2001:db8::1|port=80|path=/"},
    {"ftp://h", "scheme=ftp|domain=h"},
    {"//cdn/x.js", "domain=cdn|path=/x.js|extension=js"},
    {"/index.php?u=http://evil/", "query=u=http://evil/|path=/index.php|extension=php"},
    {"/.hidden", "path=/.hidden"},
    {"/a.b/c", "path=/a.b/c"},
    {"?q", "query=q"},
    {"mailto:a@b", "path=mailto:a@b"},
    {"http:///etc/passwd", "scheme=http|path=/etc/passwd"},
    {"http://h:99999999/", "no match"},
    {"http://h:x/", "no match"},
    {"http://a b/", "no match"},
    {"http://[::1/", "no match"},
    {"", "no match"},
};

constexpr Case kHosts[] = {
    {"example.com:443", "domain=example.com|port=443"},
    {"example.com/a?b", "domain=example.com|query=b|path=/a"},
    {"/a", "path=/a"},
};

constexpr Case kQueries[] = {
    {"?a=1&b=c%20d+e&f&=x&g=%C3%A9&%61=%", "a=1|b=c d e~|f|g=\xc3\xa9~|a=%~ !bare_text"},
    {"a=%ff", "a=\xef\xbf\xbd~ !invalid_utf8"},
    {"&&", "no match"},
    {"", "no match"},
};

struct Decoding {
  std::string_view text, expected;
};

constexpr Decoding kBase64[] = {
    {"aGVsbG8=", "hello"}, {"aGVsbG8", "hello"}, {"aGVs\r\nbG8=", "hello"}, {"_-8", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"SQBFAFgA", "IEX"}, {"YQA9AD3YAN4=", "a=\xf0\x9f\x98\x80"}, {"a", "-"}, {"", "-"}, {"=", "-"}, {"a*b=", "-"}, {"aGVsbG8=x", "-"},
};

constexpr Decoding kHex[] = {
    {"2F62696E2F7368", "/bin/sh"}, {"0x41", "A"}, {"6C73002D6C", "ls -l"}, {"ff", "\xef\xbf\xbd"}, {"4", "-"}, {"4g", "-"}, {"", "-"}, {"0x", "-"},
};

template <size_t kCount, class Decode>
void check_decodings(const Decoding (&cases)[kCount], Decode decode) {
  for (const auto& [text, expected] : cases) {
    Arena scratch(256);
    Extracted out(4);
    const std::string_view actual = decode(text, scratch, out);
    ++check::checks;
    if ((actual.data() ? actual : "-") != expected)
      check::failed(__FILE__, __LINE__, std::string(text) + " is " + std::string(actual) + ", not " + std::string(expected));
  }
  Arena none(1);
  Extracted out(4);
  CHECK(decode(cases[0].text, none, out).data() == nullptr);
  CHECK(out.has(BlockProblem::kScratchFull));
}

}  // namespace

int main() {
  check_cases(kUrls, [](auto text, auto& scratch, auto& out) { return extract_url(text, false, scratch, out); });
  check_cases(kHosts, [](auto text, auto& scratch, auto& out) { return extract_url(text, true, scratch, out); });
  check_cases(kQueries, extract_query);
  check_decodings(kBase64, decode_base64);
  check_decodings(kHex, decode_hex);
  return check::done();
}
