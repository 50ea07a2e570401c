#include "kernels/json_date.h"

#include "kernels/swar.h"

namespace penstock {
namespace {

inline bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

/// 10^11 s is the year 5138, 10^11 ms is 1973: no event is as old or as new as to be mistaken.
int64_t unit_of(int64_t whole) {
  if (whole < 100'000'000'000) return kNsPerSecond;
  if (whole < 100'000'000'000'000) return 1'000'000;
  return whole < 100'000'000'000'000'000 ? 1'000 : 1;
}

/// Reads 9 to 19 digits without a leading zero, as times are; false: it is something else, or more than 64 bits hold.
bool plain_whole(std::string_view text, int64_t& out) {
  constexpr uint64_t kZeros = 0x3030303030303030;
  const size_t size = text.size();
  if (size - 9 > 10 || text[0] == '0') return false;
  const char* p = text.data();
  uint64_t before = 0;
  for (; p + 16 < text.data() + size; ++p) {
    if (!is_digit(*p)) return false;
    before = before * 10 + static_cast<uint64_t>(*p - '0');
  }
  const size_t left = static_cast<size_t>(text.data() + size - p);  // 9 to 16
  const uint64_t low = load64(p + left - 8) ^ kZeros, high = (load64(p) ^ kZeros) << (8 * (16 - left));
  if (!all_digits(low) || !all_digits(high)) return false;
  before = before * 100'000'000 + eight_digits(high);
  if (before > 92'233'720'367) return false;
  out = static_cast<int64_t>(before * 100'000'000 + eight_digits(low));
  return true;
}

}  // namespace

bool epoch_ns(std::string_view text, int64_t& ns) {
  if (int64_t plain, scaled; plain_whole(text, plain)) {
    const bool fits = !__builtin_mul_overflow(plain, unit_of(plain), &scaled);
    if (fits) ns = scaled;
    return fits;
  }
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (negative) ++p;
  const char* const first = p;
  int64_t whole = 0;
  for (; p != end && is_digit(*p); ++p) {
    if (__builtin_mul_overflow(whole, 10, &whole) || __builtin_add_overflow(whole, *p - '0', &whole)) return false;
  }
  if (p == first || (p - first > 1 && *first == '0')) return false;
  int64_t scale = unit_of(whole), scaled;
  if (__builtin_mul_overflow(whole, scale, &scaled)) return false;
  if (p != end) {
    if (*p != '.' || ++p == end) return false;
    int64_t part = 0;
    for (; p != end && is_digit(*p); ++p) {
      scale /= 10;
      part += scale * (*p - '0');
    }
    if (p != end || __builtin_add_overflow(scaled, part, &scaled)) return false;
  }
  ns = negative ? -scaled : scaled;
  return true;
}

}  // namespace penstock
