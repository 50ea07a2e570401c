// The rules of adapters/formats/json/README.md, one document a line.
#include "kernels/json.h"

#include <string>
#include <vector>

#include "check.h"
#include "kernels/ecs_lookup.h"
#include "kernels/json_number.h"

using namespace penstock;

namespace {

std::string text_of(const Value& v) {
  switch (v.kind) {
    case ValueKind::kString: return "'" + std::string(v.text) + "'";
    case ValueKind::kInt64: return std::to_string(v.i);
    case ValueKind::kDouble: {
      char out[40];
      std::snprintf(out, sizeof out, "%.17gd", v.d);
      return out;
    }
    case ValueKind::kBool: return v.b ? "true" : "false";
    case ValueKind::kNull: return "null";
    case ValueKind::kJson: return "json " + std::string(v.text);
  }
  return "?";
}

/// A parser and what it writes to; both implementations parse every document, one of them twice, and must agree.
class Bench {
 public:
  /// `behind`: what follows each document.
  explicit Bench(size_t arena_bytes = 1 << 16, char behind = '{')
      : behind_(behind), best_(1 << 20), baseline_(1 << 20, JsonIsa::kBaseline), portable_(1 << 20, JsonIsa::kPortable), arena_(arena_bytes) {}

  /// Fields, then attributes, then what else is set:
  /// "source.port:443 | x='y' | message 'm' | time 1 | json_syntax@3 | kept".
  std::string parse(std::string_view document, JsonOptions options = {}) {
    const std::string first = parse_with(best_, document, options);
    CHECK_EQ(parse_with(best_, document, options), first);
    CHECK_EQ(parse_with(baseline_, document, options), first);
    CHECK_EQ(parse_with(baseline_, document, options), first);
    CHECK_EQ(parse_with(portable_, document, options), first);
    return first;
  }
  const Event& event() const { return event_; }

 private:
  std::string parse_with(JsonParser& parser, std::string_view document, const JsonOptions& options) {
    held_.assign(document);
    held_.append(kPadding, behind_);
    arena_.reset();
    event_.reset();
    parser.parse({held_.data(), document.size()}, options, arena_, event_);
    std::string out;
    const auto add = [&](const std::string& part) { out += (out.empty() ? "" : " | ") + part; };
    for (size_t i = 0; i < event_.field_count(); ++i) {
      const FieldEntry& f = event_.fields()[i];
      add(std::string(kEcsFields[static_cast<size_t>(f.field)].name) + ":" + text_of(f.value));
    }
    for (size_t i = 0; i < event_.attr_count(); ++i) {
      add(std::string(event_.attrs()[i].name) + "=" + text_of(event_.attrs()[i].value));
    }
    if (event_.message.data()) add("message '" + std::string(event_.message) + "'");
    if (event_.has_timestamp) add("time " + std::to_string(event_.timestamp_ns));
    if (event_.problem != Problem::kNone) {
      add(std::string(info(event_.problem).label) + "@" + std::to_string(event_.problem_offset));
    }
    if (event_.keep_original) add("kept");
    return out;
  }

  const char behind_;
  JsonParser best_, baseline_, portable_;
  Arena arena_;
  Event event_;
  std::string held_;
};

struct Case {
  const char* document;
  const char* expected;
};

void names_and_nesting(Bench& bench) {
  const Case cases[] = {
      {R"({})", ""},
      {R"( { "a" : 1 , "b" : "x" } )", "a=1 | b='x'"},
      {R"({"a":{"b":{"c":1},"d":2},"e":3})", "a.b.c=1 | a.d=2 | e=3"},
      {R"({"a.b":1,"c":{"d.e":2}})", "a.b=1 | c.d.e=2"},
      {R"({"source":{"ip":"10.0.0.1","port":443}})", "source.ip:'10.0.0.1' | source.port:443"},
      {R"({"source.port":443,"sourceport":1})", "source.port:443 | sourceport=1"},
      {R"({"log":{"syslog":{"priority":13}}})", "log.syslog.priority:13"},
      {R"({"a":{},"b":{"c":{}}})", "a=json {} | b.c=json {}"},
      {R"({"a":{ }})", "a=json { }"},
      {R"({"":1,"a":{"":2}})", "=1 | a.=2"},
      {R"({"k\u0065y\n":1})", "key\n=1"},
      {R"({"s\u006furce":{"p\u006frt":1}})", "source.port:1"},
      {R"({"a":null,"source":{"ip":null}})", "a=null | source.ip=null"},
      {R"({"a":true,"b":false})", "a=true | b=false"},
  };
  for (const Case& c : cases) CHECK_EQ(bench.parse(c.document), c.expected);
}

void values(Bench& bench) {
  const Case cases[] = {
      {R"({"a":"x\"\\\/\b\f\n\r\ty"})", "a='x\"\\/\b\f\n\r\ty'"},
      {R"({"a":"\u00e9\ud83d\ude00é"})", "a='é😀é'"},
      {R"({"a":"\ud800","b":"\udc00x","c":"\ud800\u0041"})", 
       "a='\xef\xbf\xbd' | b='\xef\xbf\xbdx' | c='\xef\xbf\xbd""A'"},
      {R"({"a":[1, "b", {"c":null}],"d":[]})", R"(a=json [1, "b", {"c":null}] | d=json [])"},
      {R"({"a":0,"b":-1,"c":9223372036854775807,"d":-9223372036854775808})",
       "a=0 | b=-1 | c=9223372036854775807 | d=-9223372036854775808"},
      {R"({"a":9223372036854775808,"b":-9223372036854775809,"c":1e400,"d":1e-400})",
       "a=json 9223372036854775808 | b=json -9223372036854775809 | c=json 1e400 | d=json 1e-400"},
      {R"({"a":1.5,"b":-2e3,"c":0.1,"d":1.10,"e":-0,"f":0.0})", "a=1.5d | b=-2000d | c=0.10000000000000001d | "
                                                               "d=1.1000000000000001d | e=-0d | f=0d"},
      {R"({"a":1588205199.82437,"b":0.001528024673461914,"c":123456789.123456789})",
       "a=1588205199.8243699d | b=0.0015280246734619141d | c=json 123456789.123456789"},
  };
  for (const Case& c : cases) CHECK_EQ(bench.parse(c.document), c.expected);
}

void ecs_types(Bench& bench) {
  const Case cases[] = {
      {R"({"user":{"id":1000,"name":"n"}})", "user.id:'1000' | user.name:'n'"},
      {R"({"user":{"id":12345678901234567890,"name":true}})", "user.id:'12345678901234567890' | user.name=true | field_type@0"},
      {R"({"source":{"ip":"::1","port":"443"}})", "source.ip:'::1' | source.port:443"},
      {R"({"source":{"ip":"10.0.0.1:80","port":"0443"}})", "source.ip='10.0.0.1:80' | source.port='0443' | field_type@0"},
      {R"({"source":{"ip":"fe80::1%eth0","port":44.0}})", "source.port:44 | source.ip='fe80::1%eth0' | field_type@0"},
      {R"({"source":{"ip":"1.2.3","port":44.5}})", "source.ip='1.2.3' | source.port=44.5d | field_type@0"},
      {R"({"source":{"port":{"a":1}}})", "source.port.a=1"},
      {R"({"source":{"port":[1]}})", "source.port=json [1] | field_type@0"},
      {R"({"tags":["a","\u0062",3]})", "tags:'a' | tags:'b' | tags:'3'"},
      {R"({"tags":"one"})", "tags:'one'"},
      {R"({"tags":["a",["b"]],"host":{"ip":["10.0.0.1","x"]}})",
       R"(tags=json ["a",["b"]] | host.ip=json ["10.0.0.1","x"] | field_type@0)"},
      {R"({"tags":[],"host":{"ip":["10.0.0.1","::2"]}})", "host.ip:'10.0.0.1' | host.ip:'::2' | tags=json []"},
      {R"({"tags":["a",null,"b"]})", "tags:'a' | tags:'b' | kept"},
      {R"({"tags":[null,null],"host":{"ip":[null]}})", "tags=json [null,null] | host.ip=json [null]"},
      {R"({"source":{"ip":"","port":""},"event":{"start":{}}})", "source.ip='' | source.port='' | event.start=json {}"},
      {R"({"dns":{"answers":[{"data":"x"}, {}]}})", R"(dns.answers:json {"data":"x"} | dns.answers:json {})"},
      {R"({"event":{"start":"2023-07-19T05:33:00Z","end":1689744780.5}})",
       "event.start:1689744780000000000 | event.end:1689744780500000000"},
      {R"({"event":{"start":"yesterday","end":true}})", "event.start='yesterday' | event.end=true | field_type@0"},
  };
  for (const Case& c : cases) CHECK_EQ(bench.parse(c.document), c.expected);
}

void timestamp_and_message(Bench& bench) {
  const Case cases[] = {
      {R"({"@timestamp":"2023-07-19T05:33:00.007Z","message":"m"})", "message 'm' | time 1689744780007000000"},
      {R"({"@timestamp":"2023-07-19T07:33:00+02:00"})", "time 1689744780000000000"},
      {R"({"@timestamp":1689744780})", "time 1689744780000000000"},
      {R"({"@timestamp":1689744780.123456789})", "time 1689744780123456789"},
      {R"({"@timestamp":1689744780123})", "time 1689744780123000000"},
      {R"({"@timestamp":1689744780123.5})", "time 1689744780123500000"},
      {R"({"@timestamp":1689744780123456})", "time 1689744780123456000"},
      {R"({"@timestamp":1689744780123456789})", "time 1689744780123456789"},
      {R"({"@timestamp":"1689744780"})", "time 1689744780000000000"},
      {R"({"@timestamp":-1})", "time -1000000000"},
      {R"({"@timestamp":"2023-13-19T05:33:00Z"})", "@timestamp='2023-13-19T05:33:00Z' | json_timestamp@14 | kept"},
      {R"({"@timestamp":null,"a":1})", "@timestamp=null | a=1 | json_timestamp@14 | kept"},
      {R"({"@timestamp":1e9})", "@timestamp=1000000000d | json_timestamp@14 | kept"},
      {R"({"timestamp":1,"time":2,"a":{"@timestamp":3,"message":"x"}})",
       "timestamp=1 | time=2 | a.@timestamp=3 | a.message='x'"},
      {R"({"message":5})", "message '5'"},
      {R"({"message":1.50})", "message '1.50'"},
      {R"({"message":true})", "message=true"},
      {R"({"message":["a"]})", "message=json [\"a\"]"},
      {R"({"message":{"a":1}})", "message.a=1"},
      {R"({"message":""})", "message ''"},
  };
  for (const Case& c : cases) CHECK_EQ(bench.parse(c.document), c.expected);
}

void duplicates(Bench& bench) {
  const std::string long_key(60, 'k');
  CHECK_EQ(bench.parse(R"({"a":1,"a":2})"), "a=1 | a=2 | kept");
  CHECK_EQ(bench.parse(R"({"source.port":1,"source":{"port":2}})"), "source.port:1 | source.port:2 | kept");
  CHECK_EQ(bench.parse(R"({"a.b":1,"a":{"b":2}})"), "a.b=1 | a.b=2 | kept");
  CHECK_EQ(bench.parse(R"({"a.b":1,"a":{"c":2}})"), "a.b=1 | a.c=2");
  CHECK_EQ(bench.parse(R"({"a":{"b":1},"c":{"b":1}})"), "a.b=1 | c.b=1");
  CHECK_EQ(bench.parse(R"({"message":"x","message":"y"})"), "message 'y' | kept");
  CHECK_EQ(bench.parse("{\"" + long_key + "\":1,\"" + long_key + "\":2}"), long_key + "=1 | " + long_key + "=2 | kept");
  CHECK_EQ(bench.parse("{\"" + long_key + "\":1,\"" + long_key + "x\":2}"), long_key + "=1 | " + long_key + "x=2");
  // More names than are remembered: the twin of the first is still seen.
  std::string many = "{\"first\":0";
  for (int i = 0; i < 6000; ++i) many += ",\"n" + std::to_string(i * 7919) + "\":" + std::to_string(i);
  bench.parse(many + "}");
  CHECK(!bench.event().keep_original);
  CHECK_EQ(bench.event().attr_count(), size_t{6001});
  bench.parse(many + ",\"first\":1}");
  CHECK(bench.event().keep_original && !bench.event().failed());
}

void not_understood(Bench& bench) {
  const Case cases[] = {
      {R"({"a":1)", R"(message '{"a":1' | json_syntax@5 | kept)"},
      {R"({"a":1,"b":"tex)", R"(message '{"a":1,"b":"tex' | json_cut@15 | kept)"},
      {R"({"a":"\")", R"(message '{"a":"\"' | json_cut@8 | kept)"},
      {R"({"a":1} x)", R"(message '{"a":1} x' | json_syntax@8 | kept)"},
      {R"({"a":1}})", R"(message '{"a":1}}' | json_syntax@7 | kept)"},
      {R"({"a":1,})", R"(message '{"a":1,}' | json_syntax@7 | kept)"},
      {R"({"a" 1})", R"(message '{"a" 1}' | json_syntax@1 | kept)"},
      {R"({"a":01})", R"(message '{"a":01}' | json_syntax@5 | kept)"},
      {R"({"a":"\x"})", R"(message '{"a":"\x"}' | json_syntax@5 | kept)"},
      {R"({"a":[1,"\u12"]})", R"(message '{"a":[1,"\u12"]}' | json_syntax@8 | kept)"},
      {R"({"a":[1,2})", R"(message '{"a":[1,2}' | json_syntax@9 | kept)"},
      {R"([{"a":1}])", R"(message '[{"a":1}]' | json_not_object@0 | kept)"},
      {"5", "message '5' | json_not_object@0 | kept"},
      {"hello", "message 'hello' | json_syntax@0 | kept"},
      {"", "message '' | empty@0 | kept"},
      {" \t", "message ' \t' | empty@0 | kept"},
      {"\xef\xbb\xbf{\"a\":1}", "a=1 | kept"},
      {"{\"a\":\"\xff\"}", "message '{\"a\":\"\xef\xbf\xbd\"}' | json_utf8@6 | kept"},
      {"{\"a\":\"\xed\xa0\x80\"}", nullptr},
  };
  for (const Case& c : cases) {
    const std::string parsed = bench.parse(c.document);
    if (c.expected) CHECK_EQ(parsed, c.expected);
    CHECK(c.expected || bench.event().problem == Problem::kJsonUtf8);
  }
}

void limits(Bench& bench) {
  CHECK_EQ(bench.parse(R"({"a":{"b":{"c":1}}})", {3}), "a.b.c=1");
  CHECK_EQ(bench.parse(R"({"a":{"b":[{}]}})", {3}), R"(message '{"a":{"b":[{}]}}' | json_depth@11 | kept)");
  CHECK_EQ(bench.parse(R"({"a":{"b":{}}})", {2}), R"(message '{"a":{"b":{}}}' | json_depth@10 | kept)");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
  bench.parse(deep + "1" + std::string(100'000, '}'), {1'000'000});
  CHECK(bench.event().problem == Problem::kJsonDepth);

  std::string many = "{\"a\":0";
  for (size_t i = 0; i <= Event::kMaxAttrs; ++i) many += ",\"k" + std::to_string(i) + "\":0";
  bench.parse(many + "}");
  CHECK(bench.event().problem == Problem::kTooManyFields && bench.event().attr_count() == 0);

  Bench small(64);
  CHECK_EQ(small.parse(R"({"a":"\n"})"), "a='\n'");
  const std::string long_text = "{\"a\":\"\\n" + std::string(100, 'x') + "\"}";
  small.parse(long_text);
  CHECK(small.event().problem == Problem::kTooComplex && small.event().message == long_text);

  JsonParser tiny(16);
  Arena arena(64);
  Event event;
  event.reset();
  const std::string document = "{\"a\":\"longer than the limit\"}" + std::string(kPadding, ' ');
  tiny.parse({document.data(), document.size() - kPadding}, {}, arena, event);
  CHECK(event.problem == Problem::kTooComplex);
}

void slices() {
  const std::string document = R"({"key":"value","n":{"x":"escaped\n"}})" + std::string(kPadding, ' ');
  JsonParser parser(4096);
  Arena arena(4096);
  Event event;
  event.reset();
  parser.parse({document.data(), document.size() - kPadding}, {}, arena, event);
  const auto inside = [&](std::string_view t) {
    return t.data() >= document.data() && t.data() < document.data() + document.size();
  };
  CHECK(inside(event.attrs()[0].name) && inside(event.attrs()[0].value.text));
  CHECK(!inside(event.attrs()[1].name) && !inside(event.attrs()[1].value.text));
}

void numbers() {
  for (const char* text : {"", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1.e1", "0x1", "1 ", "1a", "--1",
                           "1.2.3", "NaN"}) {
    Value value;
    CHECK(!parse_json_number(text, value) && !json_number_valid(text));
  }
  const struct {
    const char* text;
    ValueKind kind;
  } cases[] = {
      {"0.1", ValueKind::kDouble},
      {"0.30000000000000004", ValueKind::kDouble},
      {"0.300000000000000040", ValueKind::kDouble},
      {"0.3000000000000000444", ValueKind::kJson},
      {"9007199254740993.0", ValueKind::kJson},
      {"9007199254740992.0", ValueKind::kDouble},
      {"1.7976931348623157e308", ValueKind::kDouble},
      {"1.7976931348623159e308", ValueKind::kJson},
      {"5e-324", ValueKind::kDouble},
      {"4e-324", ValueKind::kJson},
      {"2.2250738585072014e-308", ValueKind::kDouble},
      {"1e22", ValueKind::kDouble},
      {"1e23", ValueKind::kDouble},
      {"0e400", ValueKind::kDouble},
      {"0.000e-400", ValueKind::kDouble},
      {"1e99999999999999999999", ValueKind::kJson},
      {"100000000000000000000", ValueKind::kJson},
      {"1.00000000000000000000000000", ValueKind::kDouble},
      {"0.00000000000000000000000000012", ValueKind::kDouble},
  };
  for (const auto& c : cases) {
    Value value;
    CHECK(parse_json_number(c.text, value) && json_number_valid(c.text));
    CHECK_EQ(std::string(c.text) + " " + std::to_string(static_cast<int>(value.kind)),
             std::string(c.text) + " " + std::to_string(static_cast<int>(c.kind)));
  }
}

/// Digits, a point and digits are the same number by words as digit by digit; what stands behind them does not matter.
void decimals() {
  const auto same = [](const std::string& text, char behind) {
    const auto whole = static_cast<unsigned>(text.find('.'));
    const std::string padded = text + ',' + std::string(kPadding, behind);
    const std::string_view number(padded.data(), text.size());
    Value expected, value;
    const bool valid = parse_json_number(number, expected);
    CHECK_EQ(parse_json_decimal(number, whole, value), valid);
    if (!valid) return;
    CHECK(value.kind == expected.kind && value.text == expected.text && value.i == expected.i);
  };
  for (const char* text : {"0.0", "0.5", "00.5", "01.5", "7.0", "10.0", "0.1", "0.30000000000000004", "0.3000000000000000444", "1588205199.827696",
                           "0.001528024673461914", "10.761076927185059", "0.00000000000000000001", "0.00000000000000000000000000000001",
                           "0.00000000000012345678901234567890", "9007199254740993.0", "9007199254740992.0", "9999999999999999.9999999999999999",
                           "1844674407370955.1616", "0.00001844674407370955161600000000", "1.00000000000000000000000000000000"})
    for (const char behind : {'\0', '7'}) same(text, behind);
  uint64_t state = 1;
  const auto next = [&] { return (state = state * 6364136223846793005 + 1442695040888963407) >> 33; };
  const auto digits = [&](size_t count, size_t zeros) {
    std::string out;
    while (out.size() < count) out += out.size() < zeros ? '0' : static_cast<char>('0' + next() % 10);
    return out;
  };
  for (int i = 0; i < 100'000; ++i) {
    const size_t whole = 1 + next() % 16, fraction = 1 + next() % 32;
    const std::string before = next() % 3 == 0 ? "0" : digits(whole, 0);
    same(before + '.' + digits(fraction, next() % 4 == 0 ? next() % fraction : 0), '1');
  }
}

/// Somebody who asks for values named `rule` and `a.b`.
struct Wanted : JsonWantedNames {
  bool has(std::string_view name) const override { return name == "rule" || name == "a.b"; }
};

void wanted_names() {
  const struct {
    const char* document;
    bool met;
  } cases[] = {
      {R"({"rule":"x"})", true},
      {R"({"x":1,"rule":"x","y":2})", true},
      {R"({"x":1,"rules":"x","y":2})", false},
      {R"({"rule":{"name":"x"}})", false},  // no value has that name
      {R"({"x":1,"rule":{"name":"x"},"y":2})", false},
      {R"({"rule":{"name":{"rule":"x"}}})", false},
      {R"({"rule":{}})", true},
      {R"({"rule":[]})", true},
      {R"({"rule":[{"name":"x"}]})", true},
      {R"({"rule":null})", true},
      {R"({"a":{"b":1}})", true},
      {R"({"a":{"b":{"c":1}}})", false},
      {R"({"a":{"c":1},"rule":{"a":{"b":1}}})", false},
      {R"({"a":{"c":1},"rule":{"name":1},"a.b":2})", true},
  };
  const Wanted wanted;
  Arena arena(1 << 16);
  Event event;
  for (const JsonIsa isa : {JsonIsa::kBest, JsonIsa::kBaseline, JsonIsa::kPortable}) {
    JsonParser parser(1 << 20, isa);
    parser.want(&wanted);
    for (unsigned round = 0; round < 4; ++round) {  // from the second on by what was learned
      for (const auto& c : cases) {
        std::string document = c.document;
        const size_t size = document.size();
        document.append(kPadding, '{');
        arena.reset();
        event.reset();
        parser.parse({document.data(), size}, {}, arena, event);
        CHECK_EQ(std::string(c.document) + (parser.met_wanted() ? " met" : " not"), std::string(c.document) + (c.met ? " met" : " not"));
      }
    }
  }
}

/// After documents that went one way, nobody asks whether names and fields repeat, until one goes another.
void plain_ways() {
  const char* const usual = R"({"a":1,"source":{"ip":"10.0.0.1","port":2},"b":[3],"c":"x"})";
  const char* const told = "source.ip:'10.0.0.1' | source.port:2 | a=1 | b=json [3] | c='x'";
  const Case others[] = {
      {R"({"a":1,"source":{"ip":"10.0.0.1","port":2},"b":[3],"a":4})",
       "source.ip:'10.0.0.1' | source.port:2 | a=1 | b=json [3] | a=4 | kept"},
      {R"({"a":1,"source":{"ip":"10.0.0.1","port":2},"source.ip":"10.0.0.2"})",
       "source.ip:'10.0.0.1' | source.port:2 | source.ip:'10.0.0.2' | a=1 | kept"},
      {R"({"a":1,"source":{"ip":"10.0.0.1","ip":"10.0.0.2"}})", "source.ip:'10.0.0.1' | source.ip:'10.0.0.2' | a=1 | kept"},
      {R"({"a":1,"source":{"ip":"10.0.0.1","port":2},"b":[3],"b":[3],"c":"x"})",
       "source.ip:'10.0.0.1' | source.port:2 | a=1 | b=json [3] | b=json [3] | c='x' | kept"},
      {R"({"a":1,"source":{"ip":"10.0.0.1","port":2},"c":"x"})", "source.ip:'10.0.0.1' | source.port:2 | a=1 | c='x'"},
      {R"({"a":1,"source":{"ip":"none","port":2},"b":[3],"c":"x"})", "source.port:2 | a=1 | source.ip='none' | b=json [3] | c='x' | field_type@0"},
  };
  Bench bench(1 << 16, '\n');  // a brace behind would end each way by looking for another
  for (unsigned round = 0; round < 3; ++round) {
    for (const Case& other : others) {
      for (unsigned n = 0; n < 20; ++n) CHECK_EQ(bench.parse(usual), told);
      CHECK_EQ(bench.parse(other.document), other.expected);
    }
  }
  // Ways whose fields or names repeat never become plain.
  for (const Case& other : others)
    for (unsigned n = 0; n < 20; ++n) CHECK_EQ(bench.parse(other.document), other.expected);
}

}  // namespace

int main() {
  Bench bench;
  plain_ways();
  names_and_nesting(bench);
  values(bench);
  ecs_types(bench);
  timestamp_and_message(bench);
  duplicates(bench);
  not_understood(bench);
  limits(bench);
  slices();
  numbers();
  decimals();
  wanted_names();
  return check::done();
}
