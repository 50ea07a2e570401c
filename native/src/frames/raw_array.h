// Memory that grows and is not cleared: what a column writes, it writes before it reads.
#pragma once

#include <cstring>
#include <memory>
#include <type_traits>

namespace penstock::frames {

template <class T>
class RawArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  T* data() { return items_.get(); }
  const T* data() const { return items_.get(); }
  T& operator[](size_t i) { return items_[i]; }
  const T& operator[](size_t i) const { return items_[i]; }
  /// Items there is room for.
  size_t size() const { return size_; }
  /// Room for at least `size` items, the first `kept` of which stay.
  [[gnu::noinline]] void grow(size_t size, size_t kept) {
    if (size <= size_) return;
    std::unique_ptr<T[]> items(new T[size]);
    if (kept != 0) std::memcpy(items.get(), items_.get(), kept * sizeof(T));
    items_ = std::move(items);
    size_ = size;
  }

 private:
  std::unique_ptr<T[]> items_;
  size_t size_ = 0;
};

}  // namespace penstock::frames
