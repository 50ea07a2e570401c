// What an encoder adds to an event because of its problems: event.kind, error.message, tags.
#pragma once

#include "kernels/event.h"

namespace penstock {

inline constexpr std::string_view kPipelineError = "pipeline_error";
inline constexpr size_t kErrorMessageMax = 128;

/// Bits of `Event::problems` that are deviations: each becomes a tag.
inline constexpr uint64_t kDeviationMask = [] {
  uint64_t mask = 0;
  for (size_t p = 1; p < static_cast<size_t>(Problem::kCount); ++p) {
    if (!kProblemTable[p].fails) mask |= uint64_t{1} << p;
  }
  return mask;
}();
static_assert(static_cast<size_t>(Problem::kCount) <= 64);

inline size_t decimal_digits(uint32_t value) {
  size_t digits = 1;
  for (; value >= 10; value /= 10) ++digits;
  return digits;
}

/// "<text> at byte N" of a failed event, at `out` (kErrorMessageMax bytes). Returns its size.
inline size_t error_message(const Event& event, char* out) {
  const std::string_view text = info(event.problem).text;
  constexpr std::string_view kAt = " at byte ";
  const size_t digits = decimal_digits(event.problem_offset);
  std::memcpy(out, text.data(), text.size());
  std::memcpy(out + text.size(), kAt.data(), kAt.size());
  uint32_t rest = event.problem_offset;
  const size_t size = text.size() + kAt.size() + digits;
  for (size_t i = 0; i < digits; ++i, rest /= 10) out[size - 1 - i] = static_cast<char>('0' + rest % 10);
  return size;
}

inline constexpr bool kErrorMessagesFit = [] {
  for (const ProblemInfo& problem : kProblemTable) {
    if (problem.text.size() + 9 + 10 > kErrorMessageMax) return false;
  }
  return true;
}();
static_assert(kErrorMessagesFit);

/// 18 bytes, big-endian.
inline void put_event_id(const EventId& id, uint8_t* out) {
  const uint32_t node = __builtin_bswap32(id.node), boot = __builtin_bswap32(id.boot);
  const uint16_t ring = __builtin_bswap16(id.ring);
  const uint64_t place = __builtin_bswap64((id.chunk & 0xffffffffffULL) << 24 | (id.index & 0xffffff));
  std::memcpy(out, &node, 4);
  std::memcpy(out + 4, &boot, 4);
  std::memcpy(out + 8, &ring, 2);
  std::memcpy(out + 10, &place, 8);
}

inline EventId get_event_id(const uint8_t* in) {
  uint32_t node, boot;
  uint16_t ring;
  uint64_t place;
  std::memcpy(&node, in, 4);
  std::memcpy(&boot, in + 4, 4);
  std::memcpy(&ring, in + 8, 2);
  std::memcpy(&place, in + 10, 8);
  place = __builtin_bswap64(place);
  return {__builtin_bswap32(node), __builtin_bswap32(boot), __builtin_bswap16(ring), place >> 24,
          static_cast<uint32_t>(place & 0xffffff)};
}

}  // namespace penstock
