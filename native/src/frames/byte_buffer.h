// Bytes under construction. Grows by doubling and keeps its memory from frame to frame.
#pragma once

#include <cstring>
#include <string_view>

#include "frames/raw_array.h"
#include "kernels/wire.h"

namespace penstock::frames {

class ByteBuffer {
 public:
  void clear() { used_ = 0; }
  void cut(size_t size) { used_ = size; }
  size_t size() const { return used_; }
  size_t capacity() const { return bytes_.size(); }
  const uint8_t* data() const { return bytes_.data(); }
  uint8_t* data() { return bytes_.data(); }
  /// Room for `more` bytes at the end; to be told by `used` how many were written.
  [[gnu::always_inline]] uint8_t* room(size_t more) {
    if (bytes_.size() - used_ < more) [[unlikely]] grow(more);
    return bytes_.data() + used_;
  }
  void used(size_t more) { used_ += more; }

  void bytes(const void* from, size_t size) {
    uint8_t* out = room(size);
    if (size != 0) std::memcpy(out, from, size);
    used_ += size;
  }
  void byte(uint8_t value) { *room(1) = value, ++used_; }
  void varint(uint64_t value) { used_ = static_cast<size_t>(wire::put_varint(room(10), value) - bytes_.data()); }
  void zigzag(int64_t value) { varint(wire::zigzag(value)); }
  void text(std::string_view text) {
    varint(text.size());
    bytes(text.data(), text.size());
  }

 private:
  [[gnu::noinline]] void grow(size_t more) { bytes_.grow((used_ + more) * 2 + 64, used_); }

  RawArray<uint8_t> bytes_;
  size_t used_ = 0;
};

}  // namespace penstock::frames
