// The framing algorithm, once for every instruction set (see isa_scalar.h).
#pragma once

#include "kernels/framing.h"

namespace penstock {
namespace {

/// Ten times the largest limit of a message: with more digits it is no honest count, and what follows would be dropped for as long.
constexpr unsigned kMaxCountDigits = 7;

/// The octet count at the start of a frame.
struct OctetCount {
  enum Kind : uint8_t { kIsLine, kIsCounted, kNeedsMore } kind;
  uint8_t prefix;  ///< bytes before the message: digits and space
  uint64_t octets;
};

/// digits{1..7} SP '<', no leading zero. Undecided when the input ends before the '<' (and more may come).
inline OctetCount octet_count(const uint8_t* data, size_t size) {
  if (size == 0 || data[0] < '1' || data[0] > '9') return {OctetCount::kIsLine, 0, 0};
  uint64_t octets = 0;
  unsigned i = 0;
  for (; i < size && i < kMaxCountDigits && data[i] >= '0' && data[i] <= '9'; ++i) octets = octets * 10 + (data[i] - '0');
  if (i == size) return {OctetCount::kNeedsMore, 0, 0};
  if (data[i] != ' ') return {OctetCount::kIsLine, 0, 0};
  if (i + 1 == size) return {OctetCount::kNeedsMore, 0, 0};
  if (data[i + 1] != '<') return {OctetCount::kIsLine, 0, 0};
  return {OctetCount::kIsCounted, static_cast<uint8_t>(i + 1), octets};
}

/// Index of the first delimiter, or `size` when there is none.
template <class Isa, bool kNulEnds>
size_t find_delimiter(const uint8_t* data, size_t size) {
  const char* p = reinterpret_cast<const char*>(data);
  for (size_t i = 0; i < size; i += Isa::kWidth) {
    const uint64_t mask = kNulEnds ? Isa::lf_or_nul(p + i) : Isa::lf(p + i);
    if (mask) {
      const size_t at = i + Isa::lowest(mask);
      return at < size ? at : size;
    }
  }
  return size;
}

template <class Isa>
size_t find_delimiter(const uint8_t* data, size_t size, Framing framing) {
  return framing == Framing::kSyslog ? find_delimiter<Isa, true>(data, size) : find_delimiter<Isa, false>(data, size);
}

/// Length of a line's content: a CR before the LF (or before the end of the stream) belongs to the delimiter.
inline size_t line_content(const uint8_t* data, size_t delimiter, size_t size) {
  const bool nul = delimiter < size && data[delimiter] == 0;
  return delimiter > 0 && !nul && data[delimiter - 1] == '\r' ? delimiter - 1 : delimiter;
}

/// Bytes at the front of `data`, which begins at a frame, that are whole lines of at most `max` bytes and cannot hold an octet
/// count. What follows is looked at frame by frame. Without a branch per line: lines have no common length to predict.
template <class Isa>
size_t plain_lines(const uint8_t* data, size_t size, size_t max) {
  size_t lines = 0;
  uint64_t starts = 1;
  for (size_t i = 0; i < size; i += 64) {
    const char* p = reinterpret_cast<const char*>(data + i);
    const uint64_t inside = size - i < 64 ? (uint64_t{1} << (size - i)) - 1 : ~uint64_t{0};
    const uint64_t ends = Isa::lf_or_nul(p) & inside;
    const uint64_t counted = (ends << 1 | starts) & Isa::nonzero_digits(p) & inside;
    starts = ends >> 63;
    if (counted != 0) {
      const uint64_t before = ends & ((counted & -counted) - 1);
      if (before != 0 && i + Isa::lowest(before) - lines <= max) lines = i + 64 - Isa::zeros_above(before);
      return lines;
    }
    // Only the first end of a block can be that of a long line: the block has 64 bytes.
    if (i + 64 - lines > max && i + Isa::lowest(ends) - lines > max) return lines;
    lines = ends != 0 ? i + 64 - Isa::zeros_above(ends) : lines;
  }
  return lines;
}

/// Bytes at the front of `data`, which begins at a line, that are whole lines of at most `max` bytes; only a line that may be
/// longer ends them early. Lines that end within `max` + 1 bytes are no longer than `max`, so only the last LF of so many matters.
inline size_t short_lines(const uint8_t* data, size_t size, size_t max) {
  for (size_t at = 0;;) {
    const size_t window = size - at <= max ? size - at : max + 1;
    const auto* last = static_cast<const uint8_t*>(memrchr(data + at, '\n', window));
    if (!last) return at;
    at = static_cast<size_t>(last - data) + 1;
    if (window <= max) return at;
  }
}

inline Cut cut_prefixed(const uint8_t* data, size_t size) {
  Cut cut;
  size_t at = 0;
  while (size - at >= 4) {
    uint32_t length;
    std::memcpy(&length, data + at, 4);
    if (length > size - at - 4) break;
    at += 4 + size_t{length};
  }
  cut.whole = static_cast<uint32_t>(at);
  return cut;
}

template <class Isa>
Cut cut_frames_with(const uint8_t* data, size_t size, Framing framing, uint32_t max, bool at_end, FramingState& state) {
  if (framing == Framing::kPrefixed || framing == Framing::kDatagram) return cut_prefixed(data, size);
  Cut cut;
  size_t at = 0;

  if (state.discard_bytes > 0) {
    at = state.discard_bytes < size ? static_cast<size_t>(state.discard_bytes) : size;
    state.discard_bytes -= at;
  } else if (state.discard_to_delimiter) {
    const size_t delimiter = find_delimiter<Isa>(data, size, framing);
    state.discard_to_delimiter = delimiter == size;
    at = delimiter == size ? size : delimiter + 1;
  }
  const size_t start = at;
  cut.discard = static_cast<uint32_t>(at);

  if (framing == Framing::kLine) {
    at += short_lines(data + at, size - at, max);
    if (!at_end && size - at <= max) {  // the beginning of a line that may still end in time
      cut.whole = static_cast<uint32_t>(at - start);
      return cut;
    }
  }
  if (framing == Framing::kSyslog && max >= 64) at += plain_lines<Isa>(data + at, size - at, max);
  while (at < size) {
    const uint8_t* frame = data + at;
    const size_t left = size - at;
    if (framing == Framing::kSyslog) {
      const OctetCount count = octet_count(frame, left);
      if (count.kind == OctetCount::kNeedsMore && !at_end) break;
      if (count.kind == OctetCount::kIsCounted) {
        const size_t available = left - count.prefix;
        if (count.octets > max && available >= max) {
          cut.truncated_prefix = count.prefix;
          cut.truncated = max;
          state.discard_bytes = count.octets - max;
          break;
        }
        if (count.octets > available) {
          if (at_end) at = size;
          break;
        }
        at += count.prefix + static_cast<size_t>(count.octets);
        continue;
      }
    }
    // A line: its delimiter, or so many bytes that its content cannot but exceed the limit (max + CR + LF have room).
    const size_t window = left < size_t{max} + 2 ? left : size_t{max} + 2;
    const size_t delimiter = find_delimiter<Isa>(frame, window, framing);
    const bool ended = delimiter < window || (at_end && window == left);
    if (!ended && window < size_t{max} + 2) break;
    if (!ended || line_content(frame, delimiter, window) > max) {
      cut.truncated = max;
      state.discard_to_delimiter = true;
      break;
    }
    at += delimiter < window ? delimiter + 1 : delimiter;
  }
  cut.whole = static_cast<uint32_t>(at - start);
  return cut;
}

template <class Isa>
size_t next_frame_with(const uint8_t* data, size_t size, Framing framing, Frame& frame) {
  frame = {data, 0};
  if (framing == Framing::kPrefixed || framing == Framing::kDatagram) {
    if (size < 4) return size;
    uint32_t length;
    std::memcpy(&length, data, 4);
    frame = {data + 4, length < size - 4 ? length : static_cast<uint32_t>(size - 4)};
    return 4 + size_t{frame.size};
  }
  size_t at = 0;
  while (at < size) {
    const uint8_t* const start = data + at;
    const size_t left = size - at;
    if (framing == Framing::kSyslog) {
      const OctetCount count = octet_count(start, left);
      if (count.kind == OctetCount::kIsCounted) {
        const size_t available = left - count.prefix;
        const size_t octets = count.octets < available ? static_cast<size_t>(count.octets) : available;
        frame = {start + count.prefix, static_cast<uint32_t>(octets)};
        return at + count.prefix + octets;
      }
    }
    const size_t delimiter = find_delimiter<Isa>(start, left, framing);
    const size_t content = line_content(start, delimiter, left);
    at += delimiter < left ? delimiter + 1 : delimiter;
    if (content > 0) {
      frame = {start, static_cast<uint32_t>(content)};
      return at;
    }
  }
  return at;
}

}  // namespace
}  // namespace penstock
