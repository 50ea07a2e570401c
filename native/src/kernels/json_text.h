// Writing JSON: strings, numbers, dates; and checking JSON text that came from elsewhere. RFC 8259, RFC 3339.
#pragma once

#include <bit>

#include "kernels/common.h"

namespace penstock {

/// Most bytes put_json_string writes, its overwrite past the end included.
inline constexpr size_t json_string_size_max(size_t size) { return 6 * size + 2 + 16; }

/// Writes `text` as a JSON string with its quotes; ill-formed UTF-8 becomes U+FFFD. May overwrite 16 bytes after the end
/// it returns; reads nothing outside `text`.
uint8_t* put_json_string(uint8_t* out, std::string_view text);

inline constexpr size_t kJsonNumberSizeMax = 32;
uint8_t* put_json_int(uint8_t* out, int64_t value);
/// Shortest text that reads back as `value`; what JSON cannot write is the string "NaN", "Infinity" or "-Infinity".
uint8_t* put_json_double(uint8_t* out, double value);

inline constexpr size_t kJsonDateSizeMax = 40;
/// "2003-10-11T22:14:15.003Z" with quotes: 0, 3, 6 or 9 digits, as many as `ns` needs.
uint8_t* put_json_date(uint8_t* out, int64_t ns);

/// The first byte from `at` on that is a quote, a backslash or a control character; where none is found, one of the last eight before `end`.
template <class Byte>
const Byte* skip_plain_json(const Byte* at, const Byte* end) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  for (uint64_t eight; end - at >= 8; at += 8) {
    std::memcpy(&eight, at, 8);
    const uint64_t quotes = eight ^ kOnes * '"', backslashes = eight ^ kOnes * '\\';
    // A byte below n borrows, and had no upper bit; what a borrow makes of others stands above it (Warren, Hacker's Delight, 6-1).
    const uint64_t found = kOnes * 0x80 & (((quotes - kOnes) & ~quotes) | ((backslashes - kOnes) & ~backslashes) | ((eight - kOnes * ' ') & ~eight));
    if (found != 0) return at + std::countr_zero(found) / 8;
  }
  return at;
}

/// Depth is_json_text allows: containers within each other.
inline constexpr unsigned kJsonTextDepthMax = 512;
/// True when `text`, valid UTF-8, is one well-formed JSON value.
bool is_json_text(std::string_view text);

}  // namespace penstock
