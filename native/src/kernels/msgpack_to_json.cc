#include "kernels/msgpack_to_json.h"

#include <bit>

#include "kernels/decode_parts.h"
#include "kernels/event.h"
#include "kernels/json_text.h"

namespace penstock::msgpack {
namespace {

/// Maps that names make, and JSON within a value.
constexpr unsigned kDepthMax = kJsonTextDepthMax + 64;

class ToJson {
 public:
  ToJson(std::string_view value, std::vector<uint8_t>& out)
      : at_(reinterpret_cast<const uint8_t*>(value.data())), end_(at_ + value.size()), out_(out) {}

  bool run() { return value(0, false) && at_ == end_; }

 private:
  /// `id`: bytes are shown in hex.
  bool value(unsigned depth, bool id) {
    uint64_t n;
    if (depth > kDepthMax || at_ == end_) return false;
    const uint8_t first = *at_++;
    if (first < 0x80) return integer(first), true;
    if (first < 0x90) return map(first & 15, depth);
    if (first < 0xa0) return array(first & 15, depth);
    if (first < 0xc0) return text(first & 31);
    if (first >= 0xe0) return integer(static_cast<int8_t>(first)), true;
    switch (first) {
      case 0xc0: return raw("null");
      case 0xc2: return raw("false");
      case 0xc3: return raw("true");
      case 0xc4:
      case 0xc5:
      case 0xc6: return big(1u << (first - 0xc4), n) && bytes(n, id);
      case 0xc7: return big(1, n) && n == 12 && timestamp(12);
      case 0xd6: return timestamp(4);
      case 0xd7: return timestamp(8);
      case 0xca: return big(4, n) && real(std::bit_cast<float>(static_cast<uint32_t>(n)));
      case 0xcb: return big(8, n) && real(std::bit_cast<double>(n));
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf: return big(1u << (first - 0xcc), n) && natural(n);
      case 0xd0: return big(1, n) && (integer(static_cast<int8_t>(n)), true);
      case 0xd1: return big(2, n) && (integer(static_cast<int16_t>(n)), true);
      case 0xd2: return big(4, n) && (integer(static_cast<int32_t>(n)), true);
      case 0xd3: return big(8, n) && (integer(static_cast<int64_t>(n)), true);
      case 0xd9:
      case 0xda:
      case 0xdb: return big(1u << (first - 0xd9), n) && text(n);
      case 0xdc:
      case 0xdd: return big(first == 0xdc ? 2 : 4, n) && array(n, depth);
      case 0xde:
      case 0xdf: return big(first == 0xde ? 2 : 4, n) && map(n, depth);
      default: return false;
    }
  }
  bool map(uint64_t count, unsigned depth) {
    out_.push_back('{');
    for (uint64_t i = 0; i < count; ++i) {
      if (i > 0) out_.push_back(',');
      std::string_view name;
      if (!key(name)) return false;
      put_text(name);
      out_.push_back(':');
      if (!value(depth + 1, name == "id" || name == "event.id")) return false;
    }
    out_.push_back('}');
    return true;
  }
  bool key(std::string_view& name) {
    uint64_t n;
    if (at_ == end_) return false;
    const uint8_t first = *at_++;
    if (first >= 0xa0 && first < 0xc0) return slice(first & 31, name) && is_utf8(name);
    if (first < 0xd9 || first > 0xdb) return false;
    return big(1u << (first - 0xd9), n) && slice(n, name) && is_utf8(name);
  }
  bool array(uint64_t count, unsigned depth) {
    out_.push_back('[');
    for (uint64_t i = 0; i < count; ++i) {
      if (i > 0) out_.push_back(',');
      if (!value(depth + 1, false)) return false;
    }
    out_.push_back(']');
    return true;
  }
  bool text(uint64_t size) {
    std::string_view text;
    return slice(size, text) && is_utf8(text) && (put_text(text), true);
  }
  bool bytes(uint64_t size, bool id) {
    std::string_view bytes;
    if (!slice(size, bytes)) return false;
    if (!id || size != kEventIdBytes) return put_text(bytes), true;
    out_.push_back('"');
    for (const char c : bytes) {
      out_.push_back(static_cast<uint8_t>("0123456789abcdef"[static_cast<uint8_t>(c) >> 4]));
      out_.push_back(static_cast<uint8_t>("0123456789abcdef"[c & 15]));
    }
    out_.push_back('"');
    return true;
  }
  bool timestamp(unsigned size) {
    uint64_t seconds, rest = 0;
    if (at_ == end_ || *at_++ != 0xff) return false;
    if (size == 12) {
      if (!big(4, rest) || !big(8, seconds)) return false;
    } else if (!big(size, seconds)) {
      return false;
    } else if (size == 8) {
      rest = seconds >> 34;
      seconds &= (uint64_t{1} << 34) - 1;
    }
    // In two steps the first second of the range would not fit.
    const __int128 ns = static_cast<__int128>(static_cast<int64_t>(seconds)) * 1'000'000'000 + static_cast<int64_t>(rest);
    if (rest > 999'999'999 || ns < INT64_MIN || ns > INT64_MAX) return false;
    uint8_t text[kJsonDateSizeMax];
    return put(text, put_json_date(text, static_cast<int64_t>(ns)));
  }
  bool real(double value) {
    uint8_t text[kJsonNumberSizeMax];
    return put(text, put_json_double(text, value));
  }
  void integer(int64_t value) {
    uint8_t text[kJsonNumberSizeMax];
    put(text, put_json_int(text, value));
  }
  bool natural(uint64_t value) {
    if (value <= INT64_MAX) return integer(static_cast<int64_t>(value)), true;
    integer(static_cast<int64_t>(value / 10));
    out_.push_back(static_cast<uint8_t>('0' + value % 10));
    return true;
  }
  bool raw(std::string_view text) { return out_.insert(out_.end(), text.begin(), text.end()), true; }
  bool put(const uint8_t* begin, const uint8_t* end) { return out_.insert(out_.end(), begin, end), true; }
  void put_text(std::string_view text) {
    const size_t at = out_.size();
    out_.resize(at + json_string_size_max(text.size()));
    out_.resize(static_cast<size_t>(put_json_string(out_.data() + at, text) - out_.data()));
  }
  bool big(unsigned bytes, uint64_t& value) {
    if (static_cast<size_t>(end_ - at_) < bytes) return false;
    value = 0;
    for (unsigned i = 0; i < bytes; ++i) value = value << 8 | *at_++;
    return true;
  }
  bool slice(uint64_t size, std::string_view& text) {
    if (size > static_cast<uint64_t>(end_ - at_)) return false;
    text = view(at_, size);
    at_ += size;
    return true;
  }

  const uint8_t* at_;
  const uint8_t* end_;
  std::vector<uint8_t>& out_;
};

}  // namespace

bool append_json_line(std::string_view value, std::vector<uint8_t>& out) {
  const size_t before = out.size();
  if (!ToJson(value, out).run()) return out.resize(before), false;
  out.push_back('\n');
  return true;
}

}  // namespace penstock::msgpack
