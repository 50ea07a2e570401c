#include "enrich/mmdb_json.h"

#include <charconv>
#include <cmath>

#include "kernels/utf8.h"

namespace penstock::enrich {
namespace {

constexpr int kDepthMax = 32;
constexpr uint32_t kValuesMax = 1'000'000;

class Dump {
 public:
  Dump(const MmdbSection& data, std::string& out) : data_(data), out_(out) {}

  bool value(size_t at, size_t& next, int depth) {
    MmdbValue v;
    if (depth > kDepthMax || left_ == 0 || !data_.read(at, v, next)) return false;
    --left_;
    // The members of what a pointer leads to are elsewhere: the next value is behind the pointer.
    size_t inside = v.at;
    switch (v.type) {
      case MmdbType::kString: text(data_.text(v)); return true;
      case MmdbType::kBytes: bytes(data_.text(v)); return true;
      case MmdbType::kUint128: big(data_.text(v)); return true;
      case MmdbType::kBool: out_ += v.size ? "true" : "false"; return true;
      case MmdbType::kDouble:
      case MmdbType::kFloat: real(data_.real(v)); return true;
      case MmdbType::kInt32: number(v.size < 4 ? static_cast<int64_t>(data_.number(v)) : static_cast<int32_t>(data_.number(v))); return true;
      case MmdbType::kMap:
      case MmdbType::kArray: break;
      default: number(data_.number(v)); return true;
    }
    const bool map = v.type == MmdbType::kMap;
    out_ += map ? '{' : '[';
    for (uint32_t i = 0; i < v.size; ++i) {
      if (i > 0) out_ += ',';
      if (map) {
        MmdbValue key;
        if (!data_.read(inside, key, inside) || key.type != MmdbType::kString) return false;
        text(data_.text(key));
        out_ += ':';
      }
      if (!value(inside, inside, depth + 1)) return false;
    }
    out_ += map ? '}' : ']';
    // Written in place, it ends where its last member does.
    size_t end;
    uint32_t steps = kValuesMax;
    if (!data_.skip(at, end, steps)) return false;
    next = end;
    return true;
  }

 private:
  void text(std::string_view t) {
    out_ += '"';
    if (utf8_valid_prefix(t.data(), t.size()) == t.size())
      for (const char c : t) {
        if (c == '"' || c == '\\') out_ += '\\';
        if (static_cast<unsigned char>(c) >= 0x20) out_ += c;
        else out_ += ' ';
      }
    out_ += '"';
  }
  void bytes(std::string_view t) {
    out_ += '"';
    for (const char c : t) out_ += "0123456789abcdef"[static_cast<uint8_t>(c) >> 4], out_ += "0123456789abcdef"[c & 15];
    out_ += '"';
  }
  void big(std::string_view t) {
    unsigned __int128 v = 0;
    for (const char c : t) v = v << 8 | static_cast<uint8_t>(c);
    std::string digits;
    do digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(v % 10)));
    while ((v /= 10) != 0);
    out_ += '"' + digits + '"';
  }
  template <typename N>
  void print(N n) {
    char buffer[40];
    out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, n).ptr);
  }
  void number(int64_t n) { print(n); }
  void number(uint64_t n) { print(n); }
  void real(double d) {
    if (std::isfinite(d)) print(d);
    else out_ += "null";
  }

  const MmdbSection& data_;
  std::string& out_;
  uint32_t left_ = kValuesMax;
};

}  // namespace

bool mmdb_to_json(const MmdbSection& data, size_t at, std::string& out) {
  size_t next;
  return Dump(data, out).value(at, next, 0);
}

}  // namespace penstock::enrich
