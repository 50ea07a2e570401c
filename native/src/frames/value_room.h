// Where values of one event are put together that stand nowhere in the frame as they are.
#pragma once

#include <cstring>
#include <string_view>
#include <vector>

namespace penstock::frames {

class ValueRoom {
 public:
  /// Forgets what it holds; at most `size` bytes from now on. What was appended stays where it is until then.
  void reset(size_t size) {
    if (bytes_.size() < size) bytes_.resize(size);
    at_ = 0;
    size_ = size;
  }
  char* here() { return bytes_.data() + at_; }
  bool append(std::string_view text) {
    if (text.size() > size_ - at_) return false;
    if (!text.empty()) std::memcpy(here(), text.data(), text.size());
    at_ += text.size();
    return true;
  }

 private:
  std::vector<char> bytes_;
  size_t at_ = 0;
  size_t size_ = 0;
};

}  // namespace penstock::frames
