#include "frames/structured_data_piece.h"

#include <bit>

#include "frames/words.h"

namespace penstock::frames {
namespace {

/// {"id":{"name":"value",…},…}, and nothing that could be said in another way.
class Reader {
 public:
  Reader(std::string_view json, ValueRoom& room)
      : at_(json.data()), end_(at_ + json.size()), to_(room.here()), limit_(room.limit()), room_(room) {}

  bool read() {
    if (!take('{')) return false;
    do {
      *to_++ = '[';
      if (!quoted() || !take(':') || !take('{')) return false;
      if (!take('}') && !params()) return false;
      *to_++ = ']';
    } while (take(','));
    return take('}') && at_ == end_ && room_.took(static_cast<size_t>(to_ - room_.here()));
  }

 private:
  bool params() {
    do {
      *to_++ = ' ';
      if (!quoted() || !take(':')) return false;
      *to_++ = '=';
      *to_++ = '"';
      if (!quoted()) return false;
      *to_++ = '"';
    } while (take(','));
    return take('}');
  }
  bool take(char c) { return at_ < end_ && *at_ == c && (++at_, true); }
  /// Copies what stands between quotes. Behind the text 8 bytes are readable; each check leaves room for the few bytes written up to the next.
  bool quoted() {
    if (!take('"')) return false;
    constexpr uint64_t kOnes = 0x0101010101010101ULL;
    for (; at_ < end_ && to_ < limit_; at_ += 8, to_ += 8) {
      const uint64_t word = load64(at_), other = word ^ kOnes * '"', quotes = (other - kOnes) & ~other & kOnes * 0x80;
      std::memcpy(to_, &word, 8);
      if (quotes == 0) continue;
      const auto size = std::countr_zero(quotes) / 8;
      at_ += size;
      to_ += size;
      return take('"');
    }
    return false;
  }

  const char* at_;
  const char* const end_;
  char* to_;
  char* const limit_;
  ValueRoom& room_;
};

}  // namespace

bool append_structured_data(std::string_view json, ValueRoom& room) { return Reader(json, room).read(); }

}  // namespace penstock::frames
