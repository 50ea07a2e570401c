// Frames against records: whatever events go in, out come the bytes that `records` would have given; and what is not a whole
// frame is refused.
#include "frame_fixture.h"

#include <cstdlib>
#include <random>

#include "check.h"
#include "kernels/crc32c.h"
#include "projection_oracle.h"

using namespace frame_test;

static std::mt19937_64 rng(20260301);
static size_t below(size_t n) { return rng() % n; }
template <class T, size_t N>
static T pick(const T (&list)[N]) { return list[below(N)]; }
static const char* pick(std::initializer_list<const char*> list) { return list.begin()[below(list.size())]; }

static std::string number(size_t most) { return std::to_string(below(most)); }

static std::string rfc5424() {
  const char* const apps[] = {"sshd", "nginx", "cron", "-"};
  const char* const zones[] = {"Z", "Z", "Z", "+02:00", "-05:30", "-00:00"};
  const char* const data[] = {"-", "-", "[a@1 b=\"c\"]", "[x y=\"1\" z=\"\\\"q\\\"\"][u v=\"\"]"};
  char time[64];
  std::snprintf(time, sizeof time, "2026-03-%02zuT%02zu:%02zu:%02zu", below(28) + 1, below(24), below(60), below(60));
  std::string fraction = below(4) == 0 ? "" : "." + std::to_string(1'000'000 + below(1'000'000)).substr(1, 1 + below(6));
  return "<" + number(192) + ">1 " + time + fraction + pick(zones) + " host-" + number(20) + " " + pick(apps) + " " + number(70000) +
         " ID" + number(5) + " " + pick(data) + " Failed password for root from 10.0." + number(256) + "." + number(256) + " port " +
         number(65536) + (below(50) == 0 ? " \xff\xfe" : "");
}

static std::string rfc3164() {
  const char* const times[] = {"Oct 11 22:14:15", "Feb  3 01:02:03", "feb  3 01:02:03", "2026 Jan  9 10:11:12", "Jan 09 10:11:12"};
  const char* const tags[] = {"su: ", "sshd[77]: ", "app[x-1]: ", "", "%ASA-6-302013: "};
  return "<" + number(200) + ">" + pick(times) + " fw" + number(9) + " " + pick(tags) + "session " + number(1000) + " opened";
}

static std::string json() {
  const char* const times[] = {"2026-03-01T10:00:00Z", "2026-03-01T10:00:00.123+01:00", "1772000000", "yesterday"};
  const char* const more[] = {"", R"(,"tags":["a","b"])", R"(,"nested":{"x":[1,2,{"y":null}],"z":-7})", R"(,"odd":"a\"b\u00e9")",
                              R"(,"d":1.50,"big":123456789012345678901,"neg":-0)", R"(,"a.b":true,"a":{"c":false})"};
  return std::string(R"({"@timestamp":")") + pick(times) + R"(","message":"user )" + number(50) + R"( did it","source":{"ip":"10.1.2.)" +
         number(256) + R"(","port":)" + number(65536) + R"(},"user":{"name":"u)" + number(12) + "\"}" + pick(more) + pick(more) + "}";
}

/// Builds frames of at most `frame_events` events and compares each event with its record.
static size_t compare(const std::vector<std::string>& lines, bool is_json, size_t frame_events, bool keep) {
  static Lines parser;
  FrameBuilder builder(builder_options());
  std::vector<std::string> records;
  size_t plain_bytes = 0;
  const auto check = [&] {
    if (records.empty()) return;
    const uint32_t events = builder.events();
    const std::string frame = finish(builder);
    plain_bytes += frame.size();
    FrameError error;
    const std::vector<std::string> back = records_of(frame, error);
    CHECK_EQ(frame_error_text(error), "");
    CHECK_EQ(size_t{events}, records.size());
    CHECK_EQ(back.size(), records.size());
    size_t different = 0;
    for (size_t i = 0; i < back.size() && i < records.size(); ++i) different += back[i] != records[i];
    CHECK_EQ(different, size_t{0});
    check_projection(frame, records, rng);
    CHECK(builder.events() == 0);
    records.clear();
  };
  for (const std::string& line : lines) {
    const Event& event = parser.parse(line, is_json, keep);
    CHECK(builder.add(event, 64 << 20));
    records.push_back(record_of(event));
    if (records.size() == frame_events) check();
  }
  check();
  return plain_bytes;
}

template <class Make>
static std::vector<std::string> many(size_t count, Make make) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < count; ++i) lines.push_back(make());
  return lines;
}

static void generated_events_survive() {
  for (const size_t frame_events : {1u, 2u, 17u, 300u, 2048u}) {
    for (const bool keep : {true, false}) {
      compare(many(1500, rfc5424), false, frame_events, keep);
      compare(many(1500, rfc3164), false, frame_events, keep);
      compare(many(1500, json), true, frame_events, keep);
    }
  }
  const auto mixed = [] {
    switch (below(6)) {
      case 0: return rfc5424();
      case 1: return rfc3164();
      case 2: return std::string(below(40), 'x');
      case 3: return std::string("<13>");
      case 4: return std::string("no syslog at all ") + number(9);
      default: {
        std::string bytes(1 + below(60), ' ');
        for (char& c : bytes) c = static_cast<char>(below(256));
        return bytes;
      }
    }
  };
  compare(many(6000, mixed), false, 500, true);
  compare(many(6000, mixed), true, 500, true);
  CHECK(compare(std::vector<std::string>(20'000, rfc5424()), false, 20'000, true) < 70'000);
}

/// Written numbers of every type, now and then something that is not one, quotes and full stops, and texts beyond what templates take.
static std::string key_values() {
  const char* const odd[] = {"-", "007", "-0", "1.", ".5", "00.5", "1e5", "256.1.1.1", "1.2.3", "01.2.3.4", "deadBEEF", "", "+1", "999999999999999999999"};
  char hex[40], mac[24];
  std::snprintf(hex, sizeof hex, "%08zx-%04zx-%04zx", below(1u << 31), below(65536), below(65536));
  std::snprintf(mac, sizeof mac, "%02zX-%02zX-%02zX-%02zX", below(256), below(256), below(256), below(256));
  const auto value = [&](std::string usual) { return below(40) == 0 ? std::string(odd[below(std::size(odd))]) : usual; };
  std::string line = "<13>1 2026-03-01T10:00:00Z h a 1 - - ";
  line += pick({"deny", "allow"}) + std::string(" n=") + value(number(100'000)) + " t=" + value("-" + number(99) + "." + std::to_string(10 + below(90)));
  line += " src=" + value(number(256) + "." + number(256) + ".0." + number(256)) + " z=" + value(std::to_string(10'000 + below(10'000)).substr(1));
  line += " id=" + value(hex) + " mac=" + value(mac) + " f=" + value("/var/log/" + number(50) + "/x") + " u=" + value("user" + number(9));
  line += std::string(" msg=\"") + pick({"login failed", "GET /a/1 HTTP/1.1", "it said \\\"no\\\"", ""}) + pick({"\" ", "\"", "\"x "}) + "took " + number(1000) + "ms.";
  if (below(100) == 0) for (int i = 0; i < 70; ++i) line += " " + number(10);
  if (below(300) == 0) line += std::string(70'000, 'a') + "1";
  return line;
}

static void written_numbers_survive() {
  for (const size_t frame_events : {47u, 48u, 200u, 2048u}) compare(many(8000, key_values), false, frame_events, true);
  const auto words = [] {
    std::string line = "<13>1 2026-03-01T10:00:00Z h a 1 - - ";
    for (size_t words = 1 + below(6); words != 0; --words) line += std::string(1 + below(3), static_cast<char>('a' + below(26))) + "=" + number(10) + " ";
    return line;
  };
  // More templates and variables than are kept, frame after frame.
  compare(many(30'000, words), false, 2048, true);
  // Templates of short texts take more room than the texts do.
  const size_t plain = compare(many(20'000, [] { return "1 " + number(10) + " " + std::string(1, static_cast<char>(below(256))); }), false, 2000, true);
  CHECK(plain < 20'000 * 12);
}

/// More kinds of events than a builder remembers travel whole, and it goes on with what comes after.
static void hostile_shapes_survive() {
  const auto odd = [] {
    std::string line = "{";
    const size_t fields = 1 + below(30);
    for (size_t i = 0; i < fields; ++i) line += (i ? ",\"k" : "\"k") + number(100'000) + "\":" + number(10);
    return line + "}";
  };
  compare(many(5000, odd), true, 2000, true);
  std::string wide = "{";
  for (int i = 0; i < 600; ++i) wide += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
  compare({wide + "}", wide + "}", json(), rfc5424()}, true, 4, true);
}

static std::string small_frame() {
  Lines parser;
  FrameBuilder builder(builder_options());
  for (const std::string& line : many(40, rfc5424)) builder.add(parser.parse(line, false), 1 << 20);
  return finish(builder);
}

/// With templates, written numbers and exceptions.
static std::string typed_frame() {
  Lines parser;
  FrameBuilder builder(builder_options());
  for (const std::string& line : many(150, key_values)) builder.add(parser.parse(line, false), 1 << 20);
  return finish(builder);
}

static void damage_is_refused() {
  const std::string frame = small_frame();
  FrameError error;
  CHECK_EQ(records_of(frame, error).size(), size_t{40});
  for (size_t i = 0; i < frame.size(); ++i) {
    for (const int bit : {0, 3, 7}) {
      std::string bad = frame;
      bad[i] = static_cast<char>(bad[i] ^ 1 << bit);
      records_of(bad, error);
      CHECK(error != FrameError::kNone);
      CHECK(!project_bounded(bad));
    }
    records_of(std::string_view(frame).substr(0, i), error);
    CHECK(error != FrameError::kNone);
  }
}

/// Who writes frames can make checksums right: then the reader refuses, or gives events, within bounds.
static void lies_are_bounded(const std::string& frame, size_t rounds) {
  for (size_t round = 0; round < rounds; ++round) {
    std::string bad = frame;
    for (size_t flips = 1 + below(3); flips != 0; --flips) bad[below(bad.size())] = static_cast<char>(rng());
    FrameHeader header;
    std::memcpy(&header, bad.data(), sizeof header);
    header.magic = kMagic;
    size_t at = sizeof header + header.sections * sizeof(SectionEntry);
    for (size_t i = 0; i < header.sections && at <= bad.size(); ++i) {
      SectionEntry entry;
      const size_t entry_at = sizeof header + i * sizeof entry;
      if (entry_at + sizeof entry > bad.size()) break;
      std::memcpy(&entry, bad.data() + entry_at, sizeof entry);
      if (entry.bytes > bad.size() - at) break;
      entry.crc = crc32c(0, bad.data() + at, entry.bytes);
      std::memcpy(bad.data() + entry_at, &entry, sizeof entry);
      at += entry.bytes;
    }
    if (sizeof header + header.sections * sizeof(SectionEntry) <= bad.size())
      seal_header(header, reinterpret_cast<uint8_t*>(bad.data()));
    FrameError error;
    const std::vector<std::string> records = records_of(bad, error);
    size_t bytes = 0;
    for (const std::string& record : records) bytes += record.size();
    CHECK(bytes <= kDecodedBytesMax);
    project_bounded(bad);
  }
}

/// Frame after frame in another layout: what a column learned in one must not show in the next.
static void layouts_give_the_same_events() {
  Lines parser;
  FrameBuilder builder(builder_options());
  size_t sizes[kLayouts] = {};
  for (size_t frame = 0; frame < 60; ++frame) {
    const auto layout = static_cast<Layout>(frame < 6 ? frame % kLayouts : below(kLayouts));
    builder.fix_layout(layout);
    std::vector<std::string> records;
    const bool is_json = frame >= 45;
    for (size_t i = 0; i < 500; ++i) {
      const Event& event = parser.parse(is_json ? json() : frame < 30 ? rfc5424() : key_values(), is_json);
      CHECK(builder.add(event, 64 << 20));
      records.push_back(record_of(event));
    }
    const std::string plain = finish(builder);
    if (frame < 3) sizes[frame] = plain.size();
    FrameError error;
    CHECK(records_of(plain, error) == records);
    CHECK(error == FrameError::kNone);
    check_projection(plain, records, rng);
    builder.packed(plain.size(), 1000);
  }
  CHECK(sizes[1] < sizes[2] && sizes[0] < sizes[2]);
}

/// A frame whose sections have no checksums yet is for packing: sealed, it is the frame that has them.
static void checksums_may_come_later() {
  std::string frames[2];
  for (const bool at_once : {true, false}) {
    Lines parser;
    FrameBuilder builder(builder_options());
    builder.fix_layout(Layout::kColumns);
    for (size_t i = 0; i < 300; ++i) CHECK(builder.add(parser.parse("<13>1 2026-03-01T10:00:00Z h a 1 - - n=" + std::to_string(i * i * i), false), 64 << 20));
    std::string& frame = frames[at_once];
    frame.resize(builder.plain_bytes_bound());
    auto* const out = reinterpret_cast<uint8_t*>(frame.data());
    frame.resize(builder.finish(out, at_once));
    FrameError error;
    if (!at_once) CHECK(records_of(frame, error).empty() && error == FrameError::kChecksum);
    if (!at_once) seal_sections(out);
  }
  CHECK(frames[0] == frames[1]);
}

static void a_full_frame_says_so() {
  Lines parser;
  FrameBuilder builder(builder_options());
  size_t added = 0;
  while (builder.add(parser.parse(rfc5424(), false), 100'000)) ++added;
  CHECK(added > 50);
  CHECK(builder.plain_bytes_bound() <= 100'000);
  CHECK(finish(builder).size() <= 100'000);
  CHECK(!builder.add(parser.parse(std::string(200'000, 'a'), false), 100'000));
}

/// What a builder remembers of earlier frames takes no room from an event: where batches are small, all would be lost.
static void columns_of_earlier_frames_leave_room() {
  constexpr size_t kRoom = 100'000;
  Lines parser;
  FrameBuilder builder(builder_options());
  size_t refused = 0;
  for (size_t i = 0; i < 4000; ++i) {
    std::string line = "{";
    for (size_t field = 0; field < 12; ++field) line += (field ? ",\"of" : "\"of") + std::to_string(i) + "_" + std::to_string(field) + "\":\"v\"";
    const Event& event = parser.parse(line + "}", true);
    if (builder.add(event, kRoom)) continue;
    CHECK(builder.events() != 0);
    if (builder.events() != 0) CHECK(finish(builder).size() <= kRoom);
    else builder.clear();
    refused += !builder.add(event, kRoom);
  }
  CHECK_EQ(refused, size_t{0});
}

int main() {
  generated_events_survive();
  written_numbers_survive();
  hostile_shapes_survive();
  damage_is_refused();
  lies_are_bounded(small_frame(), 5'000);
  lies_are_bounded(typed_frame(), 5'000);
  layouts_give_the_same_events();
  checksums_may_come_later();
  a_full_frame_says_so();
  columns_of_earlier_frames_leave_room();
  return check::done();
}
