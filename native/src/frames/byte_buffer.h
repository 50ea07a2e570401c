// Bytes under construction. Grows by doubling and keeps its memory from frame to frame.
#pragma once

#include <cstring>
#include <string_view>

#include "frames/raw_array.h"
#include "kernels/wire.h"

namespace penstock::frames {

class ByteBuffer {
 public:
  void clear() { end_ = bytes_.data(); }
  void cut(size_t size) { end_ = bytes_.data() + size; }
  size_t size() const { return static_cast<size_t>(end_ - bytes_.data()); }
  size_t capacity() const { return bytes_.size(); }
  const uint8_t* data() const { return bytes_.data(); }
  uint8_t* data() { return bytes_.data(); }
  /// Room for `more` bytes at the end; to be told by `used` how many were written.
  [[gnu::always_inline]] uint8_t* room(size_t more) {
    if (static_cast<size_t>(limit_ - end_) < more) [[unlikely]] grow(more);
    return end_;
  }
  void used(size_t more) { end_ += more; }
  /// The same, told by where they end.
  void used_up_to(uint8_t* end) { end_ = end; }

  void bytes(const void* from, size_t size) {
    uint8_t* out = room(size);
    if (size != 0) std::memcpy(out, from, size);
    used(size);
  }
  void byte(uint8_t value) { *room(1) = value, used(1); }
  void varint(uint64_t value) { end_ = wire::put_varint(room(10), value); }
  void zigzag(int64_t value) { varint(wire::zigzag(value)); }
  void text(std::string_view text) {
    varint(text.size());
    bytes(text.data(), text.size());
  }

 private:
  [[gnu::noinline]] void grow(size_t more) {
    const size_t kept = size();
    bytes_.grow((kept + more) * 2 + 64, kept);
    end_ = bytes_.data() + kept;
    limit_ = bytes_.data() + bytes_.size();
  }

  RawArray<uint8_t> bytes_;
  uint8_t *end_ = nullptr, *limit_ = nullptr;
};

}  // namespace penstock::frames
