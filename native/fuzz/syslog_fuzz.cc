// Syslog messages: vectors against scalars, a parser that remembers what it read against one that does not, and what every event must be whatever the bytes: each text lies in the frame
// or the arena and is valid UTF-8, structured data is well-formed JSON, nothing beyond the frame has a say.
// Input: a byte that says how the arena is sized, then the frame.
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "../test/syslog_event.h"
#include "kernels/isa_scalar.h"
#include "kernels/structured_data.h"
#include "kernels/utf8.h"
#include "require.h"

using namespace penstock;

namespace {

/// JSON objects of objects of strings and arrays of strings: all that structured data can be.
struct JsonCheck {
  const char* p;
  const char* end;
  void expect(char c) { require(p < end && *p++ == c); }
  bool at(char c) const { return p < end && *p == c; }
  void string() {
    expect('"');
    while (!at('"')) {
      require(p < end && static_cast<uint8_t>(*p) >= 32);
      if (*p++ != '\\') continue;
      require(p < end && std::strchr("\"\\u", *p) != nullptr);
      if (*p++ == 'u')
        for (int i = 0; i < 4; ++i) require(p < end && std::strchr("0123456789abcdef", *p++) != nullptr);
    }
    ++p;
  }
  void value() {
    if (!at('[')) return string();
    do ++p, string();
    while (at(','));
    expect(']');
  }
  void object(int depth) {
    expect('{');
    if (at('}')) return void(++p);
    for (;;) {
      string();
      expect(':');
      depth == 0 ? object(1) : value();
      if (!at(',')) break;
      ++p;
    }
    expect('}');
  }
};

class Parsed {
 public:
  Parsed(decltype(&parse_syslog) parser, std::string_view frame, char filler, size_t arena_bytes, int64_t received_ns,
         SyslogMemory* memory = nullptr)
      : padded_(frame, filler), arena_(arena_bytes) {
    event_.reset();
    parser(padded_.view(), {received_ns, 7200, memory}, arena_, event_);
    check();
  }
  std::string text() const {
    std::string plain = event_.structured_data.data() ? std::string(event_.structured_data) : "-";
    return syslog_test::describe(event_) + " plain: " + plain;
  }

 private:
  void check() {
    require(event_.problem_offset <= padded_.size);
    if (event_.message.data()) check_text(event_.message);
    else require(event_.failed() || padded_.size > 0);
    for (size_t i = 0; i < event_.field_count(); ++i) {
      const Value& value = event_.fields()[i].value;
      if (value.kind == ValueKind::kString) check_text(value.text);
      if (value.kind != ValueKind::kJson) continue;
      check_text(value.text);
      JsonCheck json{value.text.data(), value.text.data() + value.text.size()};
      json.object(0);
      require(json.p == json.end);
    }
  }
  void check_text(std::string_view text) {
    require(utf8_valid_prefix(text.data(), text.size()) == text.size());
    // The bytes must still be readable: the sanitizer knows where frame and arena end.
    volatile char sink = 0;
    for (const char c : text) sink = static_cast<char>(sink ^ c);
  }
  syslog_test::Padded padded_;
  Arena arena_;
  Event& event_ = reused();

  static Event& reused() {  // half a megabyte: made once
    static Event event;
    return event;
  }
};

/// The short cut for plain structured data, where it is taken, against the general way.
void check_plain(std::string_view frame) {
  const size_t at = frame.find('[');
  if (at == std::string_view::npos || at < 8) return;  // eight bytes stand before it in every message
  const syslog_test::Padded padded(frame);
  const std::string_view text = padded.view();
  const char* const from = text.data() + at;
  const char* const end = text.data() + text.size();
  std::vector<char> plain_out(8 * frame.size() + 512 + kPadding), any_out(plain_out.size());
  char* const plain_limit = plain_out.data() + plain_out.size() - kPadding;
  PlainStructuredData<ScalarIsa> plain;
  if (!plain.parse(from, end, plain_out.data(), plain_limit)) return;
  StructuredData<ScalarIsa> any(from, end, any_out.data(), any_out.data() + any_out.size() - kPadding);
  require(any.parse_any());
  require(any.at() == plain.at());
  require(std::string_view(any_out.data(), any.out()) == std::string_view(plain_out.data(), plain.out()));
}

/// What was learned of messages, this one among them, against what knows nothing, on messages that differ from them in a byte.
void check_memory(std::string_view frame, size_t arena_bytes, int64_t received_ns) {
  static SyslogMemory memory;
  std::string message(frame);
  uint64_t state = frame.size();
  for (const char c : frame) state = mix64(state ^ static_cast<uint8_t>(c));
  for (unsigned round = 0; round < 6; ++round) {
    const std::string text = Parsed(parse_syslog, message, '"', arena_bytes, received_ns).text();
    require(Parsed(parse_syslog, message, '"', arena_bytes, received_ns, &memory).text() == text);
    require(Parsed(parse_syslog_scalar, message, ']', arena_bytes, received_ns, &memory).text() == text);
    if (message.empty()) return;
    static constexpr char kOften[] = "0123456789.-:TZ[]\"\\= \n\x01\xc3\xa9x";
    state = mix64(state + 1);
    char& byte = message[state % message.size()];
    byte = state >> 40 & 1 ? static_cast<char>(byte ^ 1 << (state >> 32 & 7)) : kOften[(state >> 32) % (sizeof kOften - 1)];
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const size_t arena_bytes = (data[0] & 1) ? (size_t{1} << 17) : size_t{data[0]} * 8;
  const int64_t received_ns = int64_t{data[0]} * 31'557'600 * 1'000'000'000;
  const std::string_view frame(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string text = Parsed(parse_syslog, frame, '"', arena_bytes, received_ns).text();
  require(Parsed(parse_syslog_scalar, frame, '"', arena_bytes, received_ns).text() == text);
  require(Parsed(parse_syslog, frame, ' ', arena_bytes, received_ns).text() == text);
  require(Parsed(parse_syslog_scalar, frame, '0', arena_bytes, received_ns).text() == text);
  check_plain(frame);
  check_memory(frame, arena_bytes, received_ns);
  return 0;
}
