// Where values of one event are put together that stand nowhere in the frame as they are.
#pragma once

#include <string_view>

#include "frames/raw_array.h"
#include "kernels/wire.h"

namespace penstock::frames {

class ValueRoom {
 public:
  /// Bytes that may be written, and read, behind what it holds.
  static constexpr size_t kSpare = 128;

  /// Forgets what it holds; at most `size` bytes from now on. What was appended stays where it is until then. Memory that is not
  /// written is not touched: `size` may be what a frame claims.
  void reset(size_t size) {
    bytes_.grow(size + kSpare, 0);
    at_ = bytes_.data();
    end_ = at_ + size;
  }
  /// Of its memory.
  size_t size() const { return bytes_.size(); }
  /// Where the next text will stand.
  char* here() { return at_; }
  /// `size` bytes, at most kSpare, were written there.
  bool took(size_t size) { return size <= static_cast<size_t>(end_ - at_) && (at_ += size, true); }
  /// How far texts may be written there in steps of 32 bytes, whether or not `took` allows it.
  char* limit() { return end_ + kSpare - 32; }
  /// A text behind which kPadding / 2 bytes are readable.
  bool append(std::string_view text) {
    if (text.size() > static_cast<size_t>(end_ - at_)) return false;
    wire::copy_padded(reinterpret_cast<uint8_t*>(at_), text.data(), text.size());
    at_ += text.size();
    return true;
  }

 private:
  RawArray<char> bytes_;
  char* at_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace penstock::frames
