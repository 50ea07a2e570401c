// A stream cut two ways: by the naive rules over the whole of it, and by the kernel piece by piece as a receiver does.
#pragma once

#include "kernels/framing_variants.h"

#include <string>
#include <vector>

namespace framing_test {

using penstock::Framing;

struct Got {
  std::string frame;
  bool truncated = false;
  bool operator==(const Got&) const = default;
};

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Bytes before the message when `s` begins with an octet count, else 0.
inline size_t counted_prefix(std::string_view s, uint64_t& octets) {
  size_t digits = 0;
  while (digits < s.size() && digits < 7 && is_digit(s[digits])) ++digits;
  if (digits == 0 || s[0] == '0' || digits + 1 >= s.size() || s[digits] != ' ' || s[digits + 1] != '<') return 0;
  octets = std::stoull(std::string(s.substr(0, digits)));
  return digits + 1;
}

/// The frames of a whole stream, by the rules of framing.h taken literally.
inline std::vector<Got> naive(std::string_view s, Framing framing, size_t max) {
  std::vector<Got> frames;
  while (!s.empty()) {
    uint64_t octets = 0;
    if (const size_t prefix = framing == Framing::kSyslog ? counted_prefix(s, octets) : 0) {
      s.remove_prefix(prefix);
      if (octets > max && s.size() >= max) frames.push_back({std::string(s.substr(0, max)), true});
      else frames.push_back({std::string(s.substr(0, octets)), false});
      s.remove_prefix(std::min<uint64_t>(octets, s.size()));
      continue;
    }
    size_t end = 0;
    while (end < s.size() && s[end] != '\n' && (s[end] != 0 || framing != Framing::kSyslog)) ++end;
    size_t content = end;
    if (content > 0 && s[content - 1] == '\r' && (end == s.size() || s[end] == '\n')) --content;
    if (content > max) frames.push_back({std::string(s.substr(0, max)), true});
    else if (content > 0) frames.push_back({std::string(s.substr(0, content)), false});
    s.remove_prefix(std::min(end + 1, s.size()));
  }
  return frames;
}

struct Kernel {
  decltype(&penstock::cut_frames) cut;
  decltype(&penstock::next_frame) next;
};

/// A connection: what a receiver keeps between reads.
class Stream {
 public:
  Stream(Kernel kernel, Framing framing, uint32_t max) : kernel_(kernel), framing_(framing), max_(max) {}
  void feed(std::string_view bytes) {
    carry_.append(bytes);
    cut(false);
    carry_max = std::max(carry_max, carry_.size());
  }
  void end() { cut(true); }

  std::vector<Got> frames;
  size_t carry_max = 0;
  size_t left() const { return carry_.size(); }

 private:
  void cut(bool at_end) {
    for (;;) {
      // An exact allocation, so that the sanitizer sees a read beyond the padding.
      std::vector<uint8_t> bytes(carry_.begin(), carry_.end());
      bytes.resize(carry_.size() + penstock::kPadding, '\n');
      const penstock::Cut c = kernel_.cut(bytes.data(), carry_.size(), framing_, max_, at_end, state_);
      const uint8_t* p = bytes.data() + c.discard;
      split(std::vector<uint8_t>(p, p + c.whole));
      p += c.whole + c.truncated_prefix;
      if (c.truncated > 0) frames.push_back({std::string(p, p + c.truncated), true});
      const size_t used = size_t{c.discard} + c.whole + c.truncated_prefix + c.truncated;
      carry_.erase(0, used);
      if (c.discard + c.whole + c.truncated == 0) return;
    }
  }
  void split(std::vector<uint8_t> whole) {
    const size_t size = whole.size();
    whole.resize(size + penstock::kPadding, '\n');
    penstock::Frame frame;
    size_t at = 0;
    while (const size_t used = kernel_.next(whole.data() + at, size - at, framing_, frame)) {
      if (frame.size > 0) frames.push_back({std::string(frame.data, frame.data + frame.size), false});
      at += used;
    }
  }

  Kernel kernel_;
  Framing framing_;
  uint32_t max_;
  penstock::FramingState state_;
  std::string carry_;
};

inline std::vector<Kernel> kernels() {
  std::vector<Kernel> all = {{penstock::cut_frames, penstock::next_frame}, {penstock::cut_frames_scalar, penstock::next_frame_scalar}};
  return all;
}

}  // namespace framing_test
