// Framing: the same frames whatever the reads were, as the naive splitter has them, in bounded memory.
#include "check.h"
#include "framing_oracle.h"

using namespace framing_test;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

struct Case {
  std::string_view stream;
  std::vector<Got> frames;
};

constexpr size_t kMax = 16;

const std::vector<Case> kSyslogCases = {
    {"", {}},
    {"<1>a\n<2>b\n", {{"<1>a"}, {"<2>b"}}},
    {"<1>a\r\n\r\n\n<2>b", {{"<1>a"}, {"<2>b"}}},
    {"<1>a\0<2>b\0"sv, {{"<1>a"}, {"<2>b"}}},
    {"4 <1>a4 <2>b", {{"<1>a"}, {"<2>b"}}},
    {"5 <1>\nb\n<2>b\r\n\0004 <3>c4 <4>d\n"sv, {{"<1>\nb"}, {"<2>b"}, {"<3>c"}, {"<4>d"}}},
    // Lying counts: lines.
    {"0 <1>a\n", {{"0 <1>a"}}},
    {"04 <1>a\n", {{"04 <1>a"}}},
    {"-4 <1>a\n", {{"-4 <1>a"}}},
    {"4  <1>a\n", {{"4  <1>a"}}},
    {"4<1>a\n", {{"4<1>a"}}},
    {"4 abc\n4 <1>a", {{"4 abc"}, {"<1>a"}}},
    {"12345678901 <1>\n", {{"12345678901 <1>"}}},
    // Over-long counts: truncated, the rest dropped, the next frame found.
    {"20 <1>456789012345678904 <2>b", {{"<1>4567890123456", true}, {"<2>b"}}},
    {"9999999 <1>456789012345\n7890", {{"<1>456789012345\n", true}}},
    {"9999999 <1>4", {{"<1>4"}}},
    {"10000000 <1>4\n<2>5\n4 <3>6", {{"10000000 <1>4"}, {"<2>5"}, {"<3>6"}}},
    {"100 <1>short", {{"<1>short"}}},
    {"12", {{"12"}}},
    {"12 ", {{"12 "}}},
    // Over-long lines.
    {"1234567890123456\n", {{"1234567890123456"}}},
    {"1234567890123456\r\n", {{"1234567890123456"}}},
    {"12345678901234567\n<2>b\n", {{"1234567890123456", true}, {"<2>b"}}},
    {"1234567890123456\rx\n<2>b\n", {{"1234567890123456", true}, {"<2>b"}}},
    {"12345678901234567890", {{"1234567890123456", true}}},
    {"1234567890123456\r", {{"1234567890123456"}}},
    {"a\r", {{"a"}}},
    {"a\r\0b"sv, {{"a\r"}, {"b"}}},
    {"\r", {}},
};

const std::vector<Case> kLineCases = {
    {"4 <1>a\nb\0c\r\n"sv, {{"4 <1>a"}, {"b\0c"s}}},
    {"{}\n\n{}", {{"{}"}, {"{}"}}},
    {"12345678901234567890\n{}\n", {{"1234567890123456", true}, {"{}"}}},
};

std::vector<Got> cut_in_two(Kernel kernel, Framing framing, std::string_view stream, size_t at, size_t max) {
  Stream s(kernel, framing, static_cast<uint32_t>(max));
  s.feed(stream.substr(0, at));
  s.feed(stream.substr(at));
  s.end();
  CHECK_EQ(s.left(), size_t{0});
  CHECK(s.carry_max <= max + 12);
  return s.frames;
}

std::vector<Got> cut_by(Kernel kernel, Framing framing, std::string_view stream, size_t chunk, size_t max) {
  Stream s(kernel, framing, static_cast<uint32_t>(max));
  for (size_t at = 0; at < stream.size(); at += chunk) s.feed(stream.substr(at, chunk));
  s.end();
  CHECK(s.carry_max <= max + 12);
  return s.frames;
}

void check_cases(const std::vector<Case>& cases, Framing framing) {
  for (const Case& c : cases) {
    CHECK(naive(c.stream, framing, kMax) == c.frames);
    for (const Kernel& kernel : kernels()) {
      for (size_t at = 0; at <= c.stream.size(); ++at) CHECK(cut_in_two(kernel, framing, c.stream, at, kMax) == c.frames);
      for (size_t chunk = 1; chunk <= c.stream.size(); ++chunk) CHECK(cut_by(kernel, framing, c.stream, chunk, kMax) == c.frames);
    }
  }
}

// Random mixtures of all methods, longer than the SIMD width.
void check_random() {
  uint32_t state = 1;
  const auto random = [&state](uint32_t below) { return (state = state * 1664525 + 1013904223) / 65536 % below; };
  for (int round = 0; round < 300; ++round) {
    std::string stream;
    for (int i = 0; i < 12; ++i) {
      const std::string text = "<" + std::to_string(random(192)) + ">" + std::string(random(90), 'x');
      switch (random(6)) {
        case 0: stream += std::to_string(text.size()) + " " + text; break;
        case 1: stream += text + "\n"; break;
        case 2: stream += text + "\r\n"; break;
        case 3: stream += text + '\0'; break;
        case 4: stream += std::to_string(random(200)) + " " + text; break;
        default: stream += text.substr(random(static_cast<uint32_t>(text.size()))) + "\n"; break;
      }
    }
    for (const Framing framing : {Framing::kSyslog, Framing::kLine}) {
      const auto expected = naive(stream, framing, 64);
      for (const Kernel& kernel : kernels()) {
        CHECK(cut_in_two(kernel, framing, stream, random(static_cast<uint32_t>(stream.size())), 64) == expected);
        CHECK(cut_by(kernel, framing, stream, 1 + random(100), 64) == expected);
      }
    }
  }
}

void check_prefixed() {
  std::string bytes("\3\0\0\0abc\0\0\0\0\2\0\0\0de\5\0\0\0xy", 23);
  const size_t size = bytes.size();
  bytes.append(penstock::kPadding, 'z');
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  penstock::FramingState state;
  CHECK_EQ(penstock::cut_frames(data, size, Framing::kPrefixed, kMax, false, state).whole, 17u);
  penstock::Frame frame;
  CHECK_EQ(penstock::next_frame(data, size, Framing::kPrefixed, frame), size_t{7});
  CHECK(penstock::view(frame.data, frame.size) == "abc");
  CHECK_EQ(penstock::next_frame(data + 7, size - 7, Framing::kPrefixed, frame), size_t{4});
  CHECK_EQ(frame.size, 0u);
  CHECK_EQ(penstock::next_frame(data + 17, size - 17, Framing::kPrefixed, frame), size_t{6});
  CHECK(penstock::view(frame.data, frame.size) == "xy");
}

}  // namespace

int main() {
  check_cases(kSyslogCases, Framing::kSyslog);
  check_cases(kLineCases, Framing::kLine);
  check_random();
  check_prefixed();
  return check::done();
}
