#include "kernels/structured_data_text.h"

namespace penstock {
namespace {

bool ends_name(char c) {
  return c <= ' ' || c > '~' || c == '=' || c == ']' || c == '"' || c == '\\';
}

class Reader {
 public:
  Reader(std::string_view text, std::string& json) : text_(text), json_(json) {}

  bool read() {
    json_ += '{';
    do {
      if (!take('[') || !name()) return false;
      json_ += ":{";
      for (bool first = true; take(' '); first = false) {
        if (!first) json_ += ',';
        if (!name() || !take('=') || !value()) return false;
      }
      json_ += '}';
      if (!take(']')) return false;
      if (at_ < text_.size()) json_ += ',';
    } while (at_ < text_.size());
    json_ += '}';
    return true;
  }

 private:
  bool take(char c) { return at_ < text_.size() && text_[at_] == c && (++at_, true); }
  void quote(size_t from) {
    json_ += '"';
    json_ += text_.substr(from, at_ - from);
    json_ += '"';
  }
  bool name() {
    const size_t from = at_;
    while (at_ < text_.size() && !ends_name(text_[at_])) ++at_;
    quote(from);
    return at_ > from;
  }
  bool value() {
    if (!take('"')) return false;
    json_ += ':';
    const size_t from = at_;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' || static_cast<unsigned char>(text_[at_]) < ' ') return false;
    }
    quote(from);
    return take('"');
  }

  const std::string_view text_;
  std::string& json_;
  size_t at_ = 0;
};

}  // namespace

bool append_plain_structured_data(std::string_view text, std::string& json) { return Reader(text, json).read(); }

}  // namespace penstock
