// XML to dotted names, one document a case.
#include "block_case.h"
#include "packs/blocks/xml.h"
#include "packs/blocks/xml_steps.h"

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

/// The fields of a document, when it is read by steps alone; else "unknown".
std::string known(XmlSteps& steps, std::string_view text, size_t capacity = 64) {
  const Padded padded(text, '<');
  Extracted out(capacity);
  Arena scratch(4096);
  return steps.read(padded.view(), scratch, out) ? describe(out) : out.size() + scratch.mark() == 0 ? "unknown" : "unknown, but something was done";
}

void remembered() {
  XmlSteps steps;
  const auto xml = [&](auto text, auto& scratch, auto& out) { return extract_xml(text, {}, scratch, out, &steps); };
  CHECK_EQ(run(kDocuments[0].text, xml), kDocuments[0].expected);
  CHECK_EQ(known(steps, kDocuments[0].text), kDocuments[0].expected);
  CHECK_EQ(known(steps, "<a><b> 2 </b></a>"), "unknown");
  CHECK_EQ(run("<a><b> 2 </b></a>", xml), "b=2");
  CHECK_EQ(known(steps, "<a><b>\t&lt;3\n</b></a>"), "b=<3~");
  CHECK_EQ(known(steps, "<a><b></b></a>"), "");
  CHECK_EQ(known(steps, "<a><b>3</b></a"), "unknown");
  CHECK_EQ(known(steps, "<a><b>3</b></a>\n"), "unknown");
  CHECK_EQ(known(steps, "<a><b>3</b></a>", 0), "unknown");  // no room: left to who says so
  // A step that begins another, whichever came first.
  for (int i = 0; i < 2; ++i) {
    CHECK_EQ(run("<r><a>1</a><b><c>2</c></b></r>", xml), "a=1|b.c=2");
    CHECK_EQ(run("<r><a>1</a><b>2</b></r>", xml), "a=1|b=2");
  }
  CHECK_EQ(known(steps, "<r><a>1</a><b><c>3</c></b></r>"), "a=1|b.c=3");
  CHECK_EQ(known(steps, "<r><a>1</a><b>3</b></r>"), "a=1|b=3");
  CHECK_EQ(known(steps, "<r><a>1</a><b><c>4</c></b></r>"), "a=1|b.c=4");
  // What names a field is no value.
  CHECK_EQ(run("<r><Data Name='x'>1</Data><Data Name='y' Type='t'>2</Data></r>", xml), "x=1|y.Type=t|y=2");
  CHECK_EQ(known(steps, "<r><Data Name='x'>3</Data><Data Name='y' Type='u'>4</Data></r>"), "x=3|y.Type=u|y=4");
  CHECK_EQ(run("<r><Data Name=''>1</Data></r>", xml), "Data=1");
  CHECK_EQ(run("<r><Data Name='z'>1</Data></r>", xml), "z=1");
  CHECK_EQ(run("<r><Data Type='t'>1</Data></r>", xml), "Data.Type=t|Data=1");
  CHECK_EQ(run("<r><Data Type='t' Name='z'>1</Data></r>", xml), "z.Type=t|z=1");
  // All of them among each other.
  for (int i = 0; i < 3; ++i) check_cases(kDocuments, xml);
}

/// Documents that are all different are not tried for a while; what is full is forgotten. The fields are the same.
void strangers() {
  XmlSteps steps;
  const auto xml = [&](auto text, auto& scratch, auto& out) { return extract_xml(text, {}, scratch, out, &steps); };
  size_t learnt = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "n" + std::to_string(i) + std::string(200, 'x');
    // The second time it is known, unless nothing is tried.
    CHECK_EQ(run("<r><" + name + ">1</" + name + "><b>2</b></r>", xml), name + "=1|b=2");
    const std::string other = "<r><" + name + "><c>1</c></" + name + "></r>";
    for (int j = 0; j < 3; ++j) CHECK_EQ(run(other, xml), name + ".c=1");
    learnt += known(steps, other) != "unknown";
  }
  CHECK_EQ(learnt, 1000);
  for (int i = 0; i < 100; ++i) {
    const std::string name = "m" + std::to_string(i);
    const std::string text = "<" + name + "><b>2</b></" + name + ">";
    const Padded padded(text, '<');
    Extracted out(64);
    Arena scratch(4096);
    CHECK(extract_xml(padded.view(), {}, scratch, out, &steps) == BlockResult::kMatch);
    CHECK_EQ(describe(out), "b=2");
  }
  CHECK_EQ(run("<r><b>2</b></r>", xml), "b=2");
  CHECK_EQ(known(steps, "<r><b>3</b></r>"), "unknown");
  for (int i = 0; i < 20000; ++i) run("<r><b>2</b></r>", xml);
  CHECK_EQ(known(steps, "<r><b>3</b></r>"), "b=3");
}

}  // namespace

int main() {
  check_cases(kDocuments, [](auto text, auto& scratch, auto& out) { return extract_xml(text, {}, scratch, out); });
  XmlOptions keeping;
  keeping.keep_root = keeping.keep_empty = true;
  check_cases(kKeeping, [&](auto text, auto& scratch, auto& out) { return extract_xml(text, keeping, scratch, out); });
  limits();
  remembered();
  strangers();
  return check::done();
}
