// What every kernel shares: padding, the arena and the rules kernels obey.
//
// Rules: a kernel never throws, prints, aborts or allocates per event. Input buffers may be read (never
// written) up to kPadding bytes past their end; what is there is arbitrary. Hostile bytes yield a code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace penstock {

/// Bytes readable after the end of every input buffer handed to a kernel (simdjson needs 64).
inline constexpr size_t kPadding = 64;

inline std::string_view view(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// `text`, which was written a short while ago: its pointer and its size are read as they were written. Read at once, as a copy of a
/// view is, both would have to wait until the two stores have left the store buffer (some 15 cycles).
inline std::string_view by_halves(const std::string_view& text) {
  size_t size = text.size();
#if defined(__GNUC__)
  asm("" : "+r"(size));  // else the compiler makes one load of the two
#endif
  return {text.data(), size};
}

/// Bump allocator for text that is not a slice of the input (unescaped strings, dotted names).
/// Bounded: `take` answers nullptr when full and the caller records a problem. Reset once per event.
class Arena {
 public:
  explicit Arena(size_t capacity) : memory_(new char[capacity + kPadding]), capacity_(capacity) {}
  /// Room for `size` bytes, or nullptr when the arena is full.
  char* take(size_t size) {
    if (size > capacity_ - used_) return nullptr;
    char* out = memory_.get() + used_;
    used_ += size;
    return out;
  }
  /// Gives back the unused end of the last `take`.
  void give_back(size_t size) { used_ -= size; }
  /// Copies `text` in; a view with data() == nullptr when full.
  std::string_view copy(std::string_view text) {
    char* out = take(text.size());
    if (!out) return {};
    std::memcpy(out, text.data(), text.size());
    return {out, text.size()};
  }
  void reset() { used_ = 0; }
  /// A place to return to: what is taken after it is given back all at once.
  size_t mark() const { return used_; }
  void rewind(size_t mark) { used_ = mark; }
  size_t free_bytes() const { return capacity_ - used_; }
  /// All of it; kPadding bytes behind it are readable.
  std::string_view memory() const { return {memory_.get(), capacity_}; }

 private:
  std::unique_ptr<char[]> memory_;
  size_t capacity_;
  size_t used_ = 0;
};

/// 64-bit mix (splitmix64 finaliser).
inline uint64_t mix64(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace penstock
