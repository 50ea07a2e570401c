// Values made into other values: letters, hardware addresses, numbers.
#pragma once

#include "kernels/event.h"
#include "kernels/swar.h"
#include "packs/plan_rows.h"

namespace penstock::packs {

std::string_view trimmed(std::string_view text);
/// The text with its ASCII letters in lower or upper case, at `out`: as many bytes.
void change_case(bool lower, std::string_view text, char* out);
/// kLower, kUpper (ASCII), kMac ("00:11:22:aa:bb:cc", "0011.22aa.bbcc" → "00-11-22-AA-BB-CC", as ECS has them). data() == nullptr:
/// it does not fit, or the arena is full.
std::string_view convert_text(Convert convert, std::string_view text, Arena& arena);
/// A decimal number times `factor` (text of a number); with an empty factor: hexadecimal digits, "0x" or not.
bool to_number(std::string_view text, std::string_view factor, Value& out);

/// Reads up to 16 decimal digits without a leading zero: most numbers of a log. No byte beyond them is read. False: it is something
/// else, or no number at all.
inline bool plain_int(std::string_view text, int64_t& out) {
  const size_t size = text.size();
  const char* const p = text.data();
  if (size - 1 >= 16 || (*p == '0' && size != 1)) return false;
  // Digits in the low halves of bytes, the last one in the highest; zeros before them.
  constexpr uint64_t kZeros = 0x3030303030303030;
  uint64_t low, high = 0;
  if (size >= 8) {
    low = load64(p + size - 8) ^ kZeros;
    if (size > 8) high = (load64(p) ^ kZeros) << (8 * (16 - size));
  } else if (size >= 4) {
    const uint64_t first = load32(p), last = load32(p + size - 4);
    low = (last << 32 | first << (8 * (8 - size))) ^ kZeros << (8 * (8 - size));
  } else {
    const auto at = [p](size_t i) { return uint64_t{static_cast<uint8_t>(p[i])}; };
    const uint64_t first = at(0), middle = at(size / 2), last = at(size - 1);
    low = (last << 56 | middle << (8 * (8 - size + size / 2)) | first << (8 * (8 - size))) ^ kZeros << (8 * (8 - size));
  }
  if (!all_digits(low) || !all_digits(high)) return false;
  out = static_cast<int64_t>(uint64_t{eight_digits(high)} * 100'000'000 + eight_digits(low));
  return true;
}

}  // namespace penstock::packs
