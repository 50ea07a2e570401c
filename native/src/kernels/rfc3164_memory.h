// Headers of RFC 3164 read before: most messages come in the same minute as others, from the same host and program. Every byte that decided how
// a header was read is compared, so what is remembered can make a message miss, never be read wrongly.
#pragma once

#include <array>
#include <string_view>

#include "kernels/civil_time.h"
#include "kernels/swar.h"

namespace penstock {

/// "Mmm dd hh:mm:ss" and what stands from there to the tag's '[' or ": ", by their bytes.
class Rfc3164Memory {
 public:
  static constexpr size_t kTimeBytes = 15;
  /// What follows the time: " bastion-1 sshd[".
  struct Words {
    static constexpr size_t kBytesMax = 48;
    uint8_t size = 0;  ///< 0: none is remembered
    uint8_t host_at, host_size, tag_at, tag_size;
    char bytes[kBytesMax];
  };

  /// The time at `p` in ns since the epoch, where its minute is known. Reads 16 bytes.
  bool time(const char* p, int64_t reference_ns, int32_t utc_offset_s, int64_t& ns) const {
    const Minute& minute = minutes_[place_of_minute(p)];
    if (load64(p) != minute.text[0] || (load64(p + 8) & kMinuteMask) != minute.text[1]) return false;
    if (reference_ns < minute.reference_from_ns || reference_ns >= minute.reference_to_ns || utc_offset_s != minute.utc_offset_s) return false;
    const unsigned tens = static_cast<unsigned>(p[13] - '0'), ones = static_cast<unsigned>(p[14] - '0');
    if (tens > 5 || ones > 9) return false;
    ns = minute.ns + int64_t{tens * 10 + ones} * kNsPerSecond;
    return true;
  }
  /// Text at `p` was read as `ns`, without year, fraction and zone.
  void learn_time(const char* p, unsigned second, int64_t ns, int32_t utc_offset_s) {
    constexpr int64_t kDay = kSecondsPerDay * kNsPerSecond;
    if (second > 59 || ns > INT64_MAX - 300 * kDay) return;  // a leap second is told as of the next minute
    Minute& minute = minutes_[place_of_minute(p)];
    minute = {{load64(p), load64(p + 8) & kMinuteMask}, ns - int64_t{second} * kNsPerSecond, 0, 0, utc_offset_s};
    // As long as it is this year's: at most a day before it all of the minute is, and so is no later year's for 300 days.
    minute.reference_from_ns = minute.ns + 60 * kNsPerSecond - kDay;
    minute.reference_to_ns = minute.ns + 300 * kDay;
  }

  /// Those that stand at `p` (behind a time), or nullptr. `end - p` may be less than they have, not less than 0.
  const Words* words(const char* p, const char* end) const {
    const Words& known = words_[place_of_words(p)];
    const size_t size = known.size;
    if (size == 0 || size > static_cast<size_t>(end - p)) return nullptr;
    size_t at = 0;
    for (; at + 8 < size; at += 8)
      if (load64(known.bytes + at) != load64(p + at)) return nullptr;
    return (load64(known.bytes + at) ^ load64(p + at)) << (64 - 8 * (size - at)) == 0 ? &known : nullptr;
  }
  /// Text at `p` was read as these: [p, to) ends with the tag's '[' or ": ".
  void learn_words(const char* p, const char* to, std::string_view host, std::string_view tag) {
    const auto size = static_cast<size_t>(to - p);
    if (size > Words::kBytesMax - 8) return;  // compared eight by eight
    Words& known = words_[place_of_words(p)];
    known.size = static_cast<uint8_t>(size);
    known.host_at = static_cast<uint8_t>(host.data() - p);
    known.host_size = static_cast<uint8_t>(host.size());
    known.tag_at = static_cast<uint8_t>(tag.data() - p);
    known.tag_size = static_cast<uint8_t>(tag.size());
    std::memcpy(known.bytes, p, size);
  }

 private:
  static constexpr uint64_t kMinuteMask = 0x000000ffffffffff;  // "0:00:" of the second eight bytes
  static constexpr size_t kMinutes = 8, kWords = 64;
  struct Minute {
    uint64_t text[2] = {};
    int64_t ns = 0;  ///< when it begins
    int64_t reference_from_ns = 0, reference_to_ns = 0;  ///< for which it is the year's
    int32_t utc_offset_s = 0;
  };
  static size_t place_of_minute(const char* p) { return static_cast<uint8_t>(p[11]) % kMinutes; }
  /// By the bytes before the host's end and behind it. Reads kBytesMax bytes.
  static size_t place_of_words(const char* p) {
    size_t blank = 1;
    for (; blank < Words::kBytesMax - 12; blank += 8) {
      const uint64_t others = load64(p + blank) ^ 0x2020202020202020;
      const uint64_t blanks = (others - 0x0101010101010101) & ~others & 0x8080808080808080;
      if (blanks == 0) continue;
      blank += static_cast<size_t>(std::countr_zero(blanks)) / 8;
      break;
    }
    // Never the time before them, which is another each second.
    const uint64_t host = blank < 7 ? load64(p) << 8 * (7 - blank) : load64(p + blank - 7);
    return (host * 0x9e3779b97f4a7c15 ^ load32(p + blank + 1) * 0xc2b2ae3d27d4eb4f) >> 58;
  }
  static_assert(kWords == 64);

  std::array<Minute, kMinutes> minutes_;
  std::array<Words, kWords> words_;
};

}  // namespace penstock
