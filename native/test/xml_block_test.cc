// XML to dotted names, one document a case.
#include "block_case.h"
#include "packs/blocks/xml.h"

using namespace block_test;

namespace {

constexpr Case kDocuments[] = {
    {R"(<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing' Guid='{5484}'/><EventID Qualifiers="">4624</EventID><TimeCreated SystemTime="2020-01-01T00:00:00.5Z"/></System><EventData><Data Name='SubjectUserSid'>S-1-5-18</Data><Data Name='Path'>C:\a&amp;b &lt;x&gt;</Data><Data Name="Empty"></Data><Data>bare</Data><Data>again</Data></EventData></Event>)",
     R"(System.Provider.Name=Microsoft-Windows-Security-Auditing|System.Provider.Guid={5484}|System.EventID=4624|System.TimeCreated.SystemTime=2020-01-01T00:00:00.5Z|EventData.SubjectUserSid=S-1-5-18|EventData.Path=C:\a&b <x>~|EventData.Data=bare|EventData.Data=again)"},
    {"<?xml version=\"1.0\"?>\n<a>\n <b> x </b>\n</a>\n", "b=x"},
    {"\xef\xbb\xbf<a>text</a>", "a=text"},
    {"<a>one<!-- no -->two<![CDATA[<&amp;>]]><b/> three</a>", "a=onetwo<&amp;> three~"},
    {"<n:a n:x='1' y = \"2\"><n:b>3</n:b></n:a>", "x=1|y=2|b=3"},
    {"<a>&#65;&#x1F600;&#0;&quot;&apos;</a>", std::string_view("a=A\xf0\x9f\x98\x80\0\"'~", 11)},
    {"<a>&unknown; &amp &#x; &#xfffffff;&#xd800;</a>", "a=&unknown; &amp &#x; \xef\xbf\xbd\xef\xbf\xbd~ !refused_entity"},
    {"<a b='&lt;'/>", "b=<~"},
    {"<a/>", ""},
    // End tags as they are seldom written, and texts of elements that have others.
    {"<a><b>1</b ><c>2</c\n></a>", "b=1|c=2"},
    {"<a><b> </b><c>2<d>3</d>4</c></a>", "c.d=3|c=24~"},
    {"<a><b>1</bb></a>", "b=1 !malformed"},
    {"<a><bb>1</b></a>", "bb=1 !malformed"},
    {"<a><b>1</b", "b=1 !malformed"},
    {"<a><b>1</", "b=1 !malformed"},
    {"<a><Data Name='a&amp;b'>x</Data><Data Name='c' Type='t'>y</Data></a>", "a&b=x|c.Type=t|c=y"},
    {"<\xc3\xa9l\xc3\xa9><b>\xe2\x82\xac</b></\xc3\xa9l\xc3\xa9>", "b=\xe2\x82\xac"},
    // Not well-formed: what was read is kept.
    {"<a><b>1</b><c>2", "b=1|c=2 !malformed"},
    {"<a><b>1</c></a>", "b=1 !malformed"},
    {"<a><b x=1>2</b></a>", " !malformed"},
    {"<a><b x='1>2</b></a>", " !malformed"},
    {"<a><b>1</b>< c/></a>", "b=1 !malformed"},
    {"<a><b>1</b></a", "b=1 !malformed"},
    {"<a><b>1</b></a> trailing", "b=1 !bare_text"},
    {"<a><b>1</b></a><a><b>2</b></a>", "b=1 !malformed"},
    {"<a><b>1<!-- open", "b=1 !malformed"},
    {"<a><b>1<![CDATA[open", "b=1open~ !malformed"},
    // Document types are passed over; nothing is defined, nothing is fetched.
    {"<!DOCTYPE lolz [<!ENTITY lol \"lol>]\"><!ENTITY lol2 \"&lol;&lol;\">]><a>&lol2;</a>", "a=&lol2; !refused_entity"},
    {"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a>&xxe;</a>", "a=&xxe; !refused_entity"},
    {"<!DOCTYPE a [<!ENTITY", "no match"},
    {"text", "no match"},
    {"< a/>", "no match"},
    {"<", "no match"},
    {"", "no match"},
    {"<!-- only -->", "no match"},
    {"<?xml?>", "no match"},
};

constexpr Case kKeeping[] = {
    {"<a x=''><b/><c><d></d></c></a>", "a.x=|a.b=|a.c.d="},
};

void limits() {
  const auto xml = [](auto text, auto& scratch, auto& out) { return extract_xml(text, {}, scratch, out); };
  std::string deep = "<r>";
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  CHECK_EQ(run(deep, xml), " !too_deep");
  std::string names = "<r>";
  for (int i = 0; i < 50; ++i) names += "<" + std::string(30, 'n') + ">";
  CHECK_EQ(run(names + "x", xml), " !too_deep");
  std::string attributes = "<r";
  for (int i = 0; i < 100'000; ++i) attributes += " a" + std::to_string(i) + "='1'";
  CHECK(run(attributes + "/>", xml, 2000, 1 << 20).ends_with("a63=1 !too_many_fields"));
  std::string elements = "<r>";
  for (int i = 0; i < 100'000; ++i) elements += "<a>1</a>";
  CHECK(run(elements + "</r>", xml, 1024, 1 << 20).ends_with("a=1 !too_many_fields"));
  // Pieces without end: joined while there is memory.
  std::string pieces = "<r>";
  for (int i = 0; i < 100'000; ++i) pieces += "x<!---->";
  CHECK(run(pieces + "</r>", xml, 64, 1 << 16).ends_with("x~ !too_complex"));
  CHECK_EQ(run("<r><a>1</a><b>2</b></r>", xml, 64, 1), "a=1 !too_complex");
}

}  // namespace

int main() {
  check_cases(kDocuments, [](auto text, auto& scratch, auto& out) { return extract_xml(text, {}, scratch, out); });
  XmlOptions keeping;
  keeping.keep_root = keeping.keep_empty = true;
  check_cases(kKeeping, [&](auto text, auto& scratch, auto& out) { return extract_xml(text, keeping, scratch, out); });
  limits();
  return check::done();
}
