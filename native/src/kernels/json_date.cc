#include "kernels/json_date.h"

namespace penstock {
namespace {

inline bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

/// 10^11 s is the year 5138, 10^11 ms is 1973: no event is as old or as new as to be mistaken.
int64_t unit_of(int64_t whole) {
  if (whole < 100'000'000'000) return kNsPerSecond;
  if (whole < 100'000'000'000'000) return 1'000'000;
  return whole < 100'000'000'000'000'000 ? 1'000 : 1;
}

}  // namespace

bool epoch_ns(std::string_view text, int64_t& ns) {
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
