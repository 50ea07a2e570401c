// LogEvent's encoders by hand-made cases; the property tests (schema/log-event.test.ts) compare them with protobufjs.
#include "kernels/ascii_texts.h"
#include "kernels/ecs_lookup.h"
#include "kernels/encode.h"
#include "kernels/event_marks.h"
#include "kernels/json_text.h"
#include "kernels/records_to_json.h"

#include <bit>
#include <string>
#include <vector>

#include "check.h"

using namespace penstock;

static Event event;

static void start() {
  event.reset();
  event.created_ns = 1'700'000'000'000'000'000;
  event.id = {1, 2, 3, 4, 5};
  event.original = {};
  event.keep_original = false;
  event.peer = {};
}
static std::string json() {
  std::vector<uint8_t> out(json_event_size_max(event));
  const uint8_t* end = encode_json_event(event, out.data());
  return {reinterpret_cast<const char*>(out.data()), static_cast<size_t>(end - out.data())};
}
static std::string protobuf() {
  const size_t size = log_event_size(event);
  CHECK(log_event_size_max(event) >= size);
  std::string out(size + kPadding, '\0');
  auto* begin = reinterpret_cast<uint8_t*>(out.data());
  CHECK_EQ(static_cast<size_t>(encode_log_event(event, begin) - begin), size);
  out.resize(size);
  return out;
}
/// What follows the members every event has.
static std::string rest_of_json() {
  const std::string text = json();
  const std::string head = R"({"@timestamp":"2023-11-14T22:13:20Z",)";
  CHECK_EQ(text.substr(0, head.size()), head);
  return text.substr(head.size());
}
static const std::string kEventPart = R"("event":{"created":"2023-11-14T22:13:20Z","id":"000000010000000200030000000004000005"})";

static void every_name_is_found() {
  for (size_t i = 0; i < static_cast<size_t>(EcsField::kCount); ++i) {
    CHECK(ecs_field_by_name(kEcsFields[i].name) == static_cast<EcsField>(i));
    CHECK_EQ(size_t{kEcsFieldByNumber[kEcsFields[i].number]}, i);
    const std::string longer = std::string(kEcsFields[i].name) + "x";
    CHECK(ecs_field_by_name(longer) == EcsField::kUnknown);
  }
  for (const char* own : {"@timestamp", "message", "event.id", "event.created", "event.original", "log.source.address", ""}) {
    CHECK(ecs_field_by_name(own) == EcsField::kUnknown);
  }
  CHECK(ecs_field_by_name(std::string(100'000, 'a')) == EcsField::kUnknown);
}

static void names_nest() {
  start();
  event.add_attr("b.c.d", Value::of_int(1));
  event.add_attr("b.c.e", Value::of_int(2));
  event.add_attr("b-c", Value::of_int(3));
  event.add_attr("b.x", Value::of_int(4));
  CHECK_EQ(rest_of_json(), R"("b":{"c":{"d":1,"e":2},"x":4},"b-c":3,)" + kEventPart + "}");
}

static void a_name_over_others_keeps_them_dotted() {
  start();
  event.add_attr("b", Value::of_int(1));
  event.add_attr("b.c", Value::of_int(2));
  event.add_attr("b.c.d", Value::of_int(3));
  event.add_attr("c.a", Value::of_int(1));
  event.add_attr("c.a.b", Value::of_int(2));
  CHECK_EQ(rest_of_json(), R"("b":1,"b.c":2,"b.c.d":3,"c":{"a":1,"a.b":2},)" + kEventPart + "}");
}

static void a_taken_name_moves_to_attrs() {
  start();
  event.add(EcsField::kHostHostname, Value::of_string("first"));
  event.add(EcsField::kHostHostname, Value::of_string("last"));
  event.add_attr("event.id", Value::of_string("theirs"));
  event.add_attr("host.hostname", Value::of_int(1));
  event.add_attr("host.hostname", Value::of_int(2));
  event.add_attr("attrs.event.id", Value::of_int(3));
  CHECK_EQ(rest_of_json(), R"("attrs":{"event":{"id":3}},)" + kEventPart +
                               R"(,"host":{"hostname":"last"},"attrs.attrs.event.id":"theirs","attrs.attrs.host.hostname":2})");
}

static void deep_names_stop_nesting() {
  start();
  const std::string name(5000, '.');
  event.add_attr(name, Value::of_int(1));
  const std::string text = json();
  CHECK(is_json_text(text));
  CHECK(text.find(std::string(32, '}')) != text.npos);
  CHECK(text.find(std::string(33, '}')) == text.npos);
}

static void problems_are_marked() {
  start();
  event.note(Problem::kTruncated, 0);
  event.note(Problem::kSyslogHeader, 1234567890);
  event.add(EcsField::kEventKind, Value::of_string("event"));
  event.add(EcsField::kTags, Value::of_string("own"));
  const std::string expected = R"("error":{"message":"syslog: header ends early at byte 1234567890"},)" +
                               kEventPart.substr(0, kEventPart.size() - 1) + R"(,"kind":"pipeline_error"},"tags":["own","truncated"]})";
  CHECK_EQ(rest_of_json(), expected);
  const std::string bytes = protobuf() + std::string(kPadding, '\0');
  CHECK(decode_log_event({bytes.data(), bytes.size() - kPadding}, event));
  CHECK_EQ(rest_of_json(), expected);
}

static void a_full_event_is_decoded() {
  start();
  while (event.add(EcsField::kTags, Value::of_string("t"))) {}
  while (event.add_attr("n", Value::of_int(1))) {}
  event.problems = kDeviationMask | uint64_t{1} << static_cast<unsigned>(Problem::kTooManyFields);
  const std::string bytes = protobuf();
  CHECK(decode_log_event(bytes, event));
}

static std::string string_of(std::string_view text) {
  std::vector<uint8_t> out(json_string_size_max(text.size()));
  const uint8_t* end = put_json_string(out.data(), text);
  return {reinterpret_cast<const char*>(out.data()), static_cast<size_t>(end - out.data())};
}

static void strings_are_escaped() {
  CHECK_EQ(string_of("a\"\\\b\f\n\r\t\x01\x7f/"), "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\x7f/\"");
  CHECK_EQ(string_of(std::string_view("\0", 1)), "\"\\u0000\"");
  CHECK_EQ(string_of("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80"), "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"");
  CHECK_EQ(string_of("\xff\xed\xa0\x80\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
  for (size_t at = 0; at < 70; ++at) {
    std::string text(70, 'x');
    text[at] = '"';
    std::string expected = "\"" + text + "\"";
    expected.insert(at + 1, "\\");
    CHECK_EQ(string_of(text), expected);
  }
}

static std::string date_of(int64_t ns) {
  uint8_t out[kJsonDateSizeMax];
  return {reinterpret_cast<char*>(out), static_cast<size_t>(put_json_date(out, ns) - out)};
}

static void dates_are_rfc_3339() {
  CHECK_EQ(date_of(0), "\"1970-01-01T00:00:00Z\"");
  CHECK_EQ(date_of(-1), "\"1969-12-31T23:59:59.999999999Z\"");
  CHECK_EQ(date_of(951782400'120'000'000), "\"2000-02-29T00:00:00.120Z\"");
  CHECK_EQ(date_of(4107542399'000'001'000), "\"2100-02-28T23:59:59.000001Z\"");
  CHECK_EQ(date_of(INT64_MIN), "\"1677-09-21T00:12:43.145224192Z\"");
  CHECK_EQ(date_of(INT64_MAX), "\"2262-04-11T23:47:16.854775807Z\"");
}

static void json_text_is_checked() {
  for (const char* good : {"1", " -0.5e+10 ", "\"\\u00e9\"", "[]", "{}", "[1,[2],{\"a\":{}}]", "{\"a\":1, \"b\" : null}", "true", "1E5"}) {
    CHECK(is_json_text(good));
  }
  for (const char* bad : {"", " ", "01", "-", "1.", "1e", "[1,]", "[", "]", "{\"a\"}", "{\"a\":}", "{a:1}", "nul", "\"\\x\"", "\"",
                          "1 2", "[1}", "{\"a\":1,}", "\"\n\"", "\"\\u12g4\"", ".5", "+1"}) {
    CHECK(!is_json_text(bad));
  }
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(is_json_text(nested(kJsonTextDepthMax)));
  CHECK(!is_json_text(nested(kJsonTextDepthMax + 1)));
}

static void records_are_read() {
  start();
  const std::string value = protobuf();
  CHECK(value.size() == 38);
  // length | attributes | timestampDelta | offsetDelta | key length −1 | value length 38 | value | no headers
  const auto record = [](const std::string& payload) {
    const char body[] = {0, 0, 0, 1, static_cast<char>(payload.size() * 2)};
    std::string text(1, static_cast<char>((sizeof body + payload.size() + 1) * 2));
    return text.append(body, sizeof body) + payload + std::string(1, '\0');
  };
  const std::string input = record(value) + record("garbage") + record("{\"a\":\n1}") + record("{\"a\":") + record(value);
  const auto read = [](std::string text, size_t bytes_max, std::vector<uint8_t>& out) {
    text.append(kPadding, '\0');
    return records_to_json({text.data(), text.size() - kPadding}, bytes_max, event, out);
  };
  std::vector<uint8_t> out;
  RecordsToJson result = read(input, 1 << 20, out);
  CHECK_EQ(result.events, 3u);
  CHECK_EQ(result.errors, 2u);
  CHECK_EQ(result.consumed, input.size());
  out.clear();
  result = read(input, 0, out);
  CHECK_EQ(result.events, 1u);
  CHECK_EQ(result.consumed, record(value).size());
  out.clear();
  result = read(record(value) + "\x7f", 1 << 20, out);
  CHECK_EQ(result.events, 1u);
  CHECK_EQ(result.errors, 1u);
}

/// Numbers, ids and the original are bytes above 127 as they come; texts are looked at, wherever they stand.
static void texts_are_ascii_or_not() {
  const auto ascii = [](auto fill) {
    start();
    event.id = {0xffffffff, 0xfffffffe, 0xffff, 0xffffffff, 0xffff};
    fill();
    return has_ascii_texts(protobuf());
  };
  const std::string padding(kPadding, '\0'), long_padded = std::string(300, 'x') + padding, umlaut_padded = "J\xc3\xb6rg" + padding;
  const std::string_view long_ascii(long_padded.data(), 300), umlaut(umlaut_padded.data(), 5);
  const auto text = [](std::string_view value) { return Value::of_string(value); };
  CHECK(ascii([] {}));
  CHECK(ascii([&] {
    event.keep_original = true;
    event.original = umlaut;
    event.message = long_ascii;
    event.add(EcsField::kSourceBytes, Value::of_int(1 << 30));
    event.add_attr("custom.count", Value::of_int(-300'000));
    event.add_attr("custom.share", Value::of_double(-0.3));
    event.add_attr("custom.text", text(long_ascii));
    event.add_attr("custom.json", Value::of_json("[1,2]"));
  }));
  CHECK(!ascii([&] { event.message = umlaut; }));
  CHECK(!ascii([&] { event.peer = umlaut; }));
  CHECK(!ascii([&] { event.add(EcsField::kUserName, text(umlaut)); }));
  CHECK(!ascii([&] { event.add_attr("custom.name", text(umlaut)); }));
  CHECK(!ascii([&] { event.add_attr(umlaut, text("x")); }));
  CHECK(!ascii([&] { event.add_attr("custom.json", Value::of_json("[\"\xc3\xb6\"]")); }));
  for (size_t at = 0; at < long_ascii.size(); at += 7) {
    std::string one = long_padded;
    one[at] = '\x80';
    CHECK(!ascii([&] { event.add(EcsField::kUserName, text(std::string_view(one).substr(0, at + 1))); }));
  }
  start();
  event.message = "a message";
  const std::string whole = protobuf();
  CHECK(!has_ascii_texts(std::string_view(whole).substr(0, whole.size() - 1)));
}

int main() {
  texts_are_ascii_or_not();
  every_name_is_found();
  names_nest();
  a_name_over_others_keeps_them_dotted();
  a_taken_name_moves_to_attrs();
  deep_names_stop_nesting();
  problems_are_marked();
  a_full_event_is_decoded();
  strings_are_escaped();
  dates_are_rfc_3339();
  json_text_is_checked();
  records_are_read();
  return check::done();
}
