// JSON text → MessagePack, without recursion and without memory of its own. The text comes from a parser that has checked it; what is
// malformed all the same is written as the text it is.
#include <charconv>

#include "kernels/json_text.h"
#include "kernels/msgpack.h"

namespace penstock::msgpack {
namespace {

constexpr uint32_t kReplacement = 0xfffd;

uint8_t* put_utf8(uint8_t* out, uint32_t c) {
  if (c < 0x80) return *out = static_cast<uint8_t>(c), out + 1;
  if (c < 0x800) {
    out[0] = static_cast<uint8_t>(0xc0 | c >> 6), out[1] = static_cast<uint8_t>(0x80 | (c & 63));
    return out + 2;
  }
  if (c < 0x10000) {
    out[0] = static_cast<uint8_t>(0xe0 | c >> 12), out[1] = static_cast<uint8_t>(0x80 | (c >> 6 & 63));
    out[2] = static_cast<uint8_t>(0x80 | (c & 63));
    return out + 3;
  }
  out[0] = static_cast<uint8_t>(0xf0 | c >> 18), out[1] = static_cast<uint8_t>(0x80 | (c >> 12 & 63));
  out[2] = static_cast<uint8_t>(0x80 | (c >> 6 & 63)), out[3] = static_cast<uint8_t>(0x80 | (c & 63));
  return out + 4;
}

class Transcoder {
 public:
  Transcoder(std::string_view text, uint8_t* out) : at_(text.data()), end_(at_ + text.size()), out_(out) {}

  /// nullptr: not JSON.
  uint8_t* run() {
    do {
      if (!next()) return nullptr;
    } while (depth_ > 0);
    blanks();
    return at_ == end_ ? out_ : nullptr;
  }

 private:
  struct Open {
    uint8_t* start;
    uint32_t count;
    bool object;
  };

  /// One value, or the end of a container, with the comma and key before it.
  bool next() {
    blanks();
    if (depth_ > 0) {
      Open& open = open_[depth_ - 1];
      if (peek(open.object ? '}' : ']')) return close(open);
      if (open.count > 0 && !take(',')) return false;
      ++open.count;
      blanks();
      if (open.object && (!take('"') || !string() || !colon())) return false;
      blanks();
    }
    if (at_ == end_) return false;
    switch (*at_) {
      case '{':
      case '[': return begin(*at_++ == '{');
      case '"': return ++at_, string();
      case 't': return literal("true", 0xc3);
      case 'f': return literal("false", 0xc2);
      case 'n': return literal("null", 0xc0);
      default: return number();
    }
  }
  bool begin(bool object) {
    if (depth_ == kJsonTextDepthMax) return false;
    open_[depth_++] = {out_, 0, object};
    out_ += 5;
    return true;
  }
  bool close(Open& open) {
    ++at_;
    *open.start = open.object ? 0xdf : 0xdd;
    put_big(open.start + 1, open.count, 4);
    --depth_;
    return true;
  }
  bool colon() {
    blanks();
    return take(':');
  }
  /// What follows a quote, up to the next one. No escape is shorter than what it stands for.
  bool string() {
    uint8_t* const start = out_;
    uint8_t* to = out_ + 5;
    while (at_ < end_ && *at_ != '"') {
      if (*at_ != '\\') *to++ = static_cast<uint8_t>(*at_++);
      else if (!escape(to)) return false;
    }
    if (!take('"')) return false;
    const auto size = static_cast<size_t>(to - start - 5);
    out_ = put_text_header(start, size);
    std::memmove(out_, start + 5, size);
    out_ += size;
    return true;
  }
  bool escape(uint8_t*& to) {
    if (end_ - at_ < 2) return false;
    const char c = at_[1];
    at_ += 2;
    switch (c) {
      case 'b': return *to++ = '\b', true;
      case 'f': return *to++ = '\f', true;
      case 'n': return *to++ = '\n', true;
      case 'r': return *to++ = '\r', true;
      case 't': return *to++ = '\t', true;
      case 'u': return unicode(to);
      case '"':
      case '\\':
      case '/': return *to++ = static_cast<uint8_t>(c), true;
      default: return false;
    }
  }
  bool unicode(uint8_t*& to) {
    uint32_t unit, low;
    if (!hex(at_, unit)) return false;
    at_ += 4;
    if ((unit & 0xfc00) == 0xd800) {
      const bool pair = end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u' && hex(at_ + 2, low) && (low & 0xfc00) == 0xdc00;
      if (pair) at_ += 6, unit = 0x10000 + ((unit & 0x3ff) << 10 | (low & 0x3ff));
      else unit = kReplacement;
    } else if ((unit & 0xfc00) == 0xdc00) {
      unit = kReplacement;
    }
    to = put_utf8(to, unit);
    return true;
  }
  bool hex(const char* from, uint32_t& unit) const {
    if (end_ - from < 4) return false;
    const auto [end, error] = std::from_chars(from, from + 4, unit, 16);
    return error == std::errc() && end == from + 4;
  }
  bool number() {
    const char* const first = at_;
    bool integer = true;
    for (; at_ < end_ && (is_digit(*at_) || *at_ == '-' || *at_ == '+' || *at_ == '.' || *at_ == 'e' || *at_ == 'E'); ++at_)
      integer &= is_digit(*at_) || at_ == first;
    if (at_ == first || (!is_digit(*first) && *first != '-')) return false;
    const std::string_view text(first, static_cast<size_t>(at_ - first));
    int64_t i;
    uint64_t u;
    double d;
    if (integer && text != "-0" && whole(text, i)) out_ = put_int(out_, i);
    else if (integer && text != "-0" && whole(text, u)) out_ = put_uint(out_, u);
    else if ((!integer || text == "-0") && whole(text, d)) out_ = put_double(out_, d);
    else out_ = put_text(out_, text);
    return true;
  }
  template <typename T>
  static bool whole(std::string_view text, T& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
  }
  bool literal(std::string_view text, uint8_t byte) {
    if (!std::string_view(at_, static_cast<size_t>(end_ - at_)).starts_with(text)) return false;
    at_ += text.size();
    *out_++ = byte;
    return true;
  }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  void blanks() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }
  bool peek(char c) const { return at_ < end_ && *at_ == c; }
  bool take(char c) {
    if (!peek(c)) return false;
    ++at_;
    return true;
  }

  const char* at_;
  const char* end_;
  uint8_t* out_;
  Open open_[kJsonTextDepthMax];
  size_t depth_ = 0;
};

}  // namespace

uint8_t* put_json(uint8_t* out, std::string_view text) {
  uint8_t* const end = Transcoder(text, out).run();
  return end ? end : put_text(out, text);
}

}  // namespace penstock::msgpack
