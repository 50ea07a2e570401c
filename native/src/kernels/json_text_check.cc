// One well-formed JSON value, without building anything: a bit per open container, no recursion.
#include "kernels/json_text.h"

namespace penstock {
namespace {

class Checker {
 public:
  explicit Checker(std::string_view text)
      : p_(reinterpret_cast<const uint8_t*>(text.data())), end_(p_ + text.size()) {}

  bool run() {
    for (;;) {
      space();
      if (p_ == end_) return false;
      const uint8_t c = *p_;
      if (c == '{' || c == '[') {
        if (depth_ == kJsonTextDepthMax) return false;
        ++p_;
        space();
        if (p_ < end_ && *p_ == (c == '{' ? '}' : ']')) {
          ++p_;
        } else {
          push(c == '{');
          if (c == '{' && !key()) return false;
          continue;
        }
      } else if (!scalar(c)) {
        return false;
      }
      if (!after_value()) return false;
      if (finished_) return p_ == end_;
    }
  }

 private:
  /// Closes containers, up to the comma before the next value or the end of the text.
  bool after_value() {
    for (;;) {
      space();
      if (depth_ == 0) return finished_ = true;
      if (p_ == end_) return false;
      const uint8_t c = *p_++;
      if (c == ',') return !in_object() || (space(), key());
      if (c != (in_object() ? '}' : ']')) return false;
      --depth_;
    }
  }
  bool key() {
    if (p_ == end_ || *p_ != '"' || !string()) return false;
    space();
    return p_ < end_ && *p_++ == ':';
  }
  bool scalar(uint8_t c) {
    if (c == '"') return string();
    if (c == 't') return word("true");
    if (c == 'f') return word("false");
    if (c == 'n') return word("null");
    return number();
  }
  bool word(std::string_view text) {
    if (static_cast<size_t>(end_ - p_) < text.size() || std::memcmp(p_, text.data(), text.size()) != 0) return false;
    p_ += text.size();
    return true;
  }
  bool string() {
    ++p_;
    for (;;) {
      p_ = skip_plain_json(p_, end_);
      if (p_ == end_ || *p_ < 0x20) return false;
      const uint8_t c = *p_++;
      if (c == '"') return true;
      if (c != '\\') continue;
      if (p_ == end_) return false;
      const uint8_t escape = *p_++;
      if (escape == 'u') {
        for (int i = 0; i < 4; ++i) {
          if (p_ == end_ || !hex(*p_++)) return false;
        }
      } else if (!std::strchr("\"\\/bfnrt", escape) || escape == 0) {
        return false;
      }
    }
  }
  bool number() {
    if (p_ < end_ && *p_ == '-') ++p_;
    if (p_ < end_ && *p_ == '0') ++p_;
    else if (!digits()) return false;
    if (p_ < end_ && *p_ == '.') {
      ++p_;
      if (!digits()) return false;
    }
    if (p_ < end_ && (*p_ | 0x20) == 'e') {
      ++p_;
      if (p_ < end_ && (*p_ == '+' || *p_ == '-')) ++p_;
      return digits();
    }
    return true;
  }
  bool digits() {
    const uint8_t* start = p_;
    while (p_ < end_ && *p_ >= '0' && *p_ <= '9') ++p_;
    return p_ > start;
  }
  static bool hex(uint8_t c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }
  void space() {
    while (p_ < end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
  }
  void push(bool object) {
    const uint64_t bit = uint64_t{1} << (depth_ % 64);
    uint64_t& word = objects_[depth_ / 64];
    word = object ? word | bit : word & ~bit;
    ++depth_;
  }
  bool in_object() const { return objects_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64) & 1; }

  const uint8_t* p_;
  const uint8_t* end_;
  unsigned depth_ = 0;
  bool finished_ = false;
  uint64_t objects_[kJsonTextDepthMax / 64] = {};
};

}  // namespace

bool is_json_text(std::string_view text) { return Checker(text).run(); }

}  // namespace penstock
