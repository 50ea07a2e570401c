#include "kernels/json_date.h"

namespace penstock {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

inline bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

/// `count` digits at `p`, or −1.
int number_at(const char* p, int count) {
  int out = 0;
  for (int i = 0; i < count; ++i) {
    if (!is_digit(p[i])) return -1;
    out = out * 10 + (p[i] - '0');
  }
  return out;
}

/// Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant, chrono-compatible date algorithms).
int64_t days_from_civil(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153u * static_cast<unsigned>(month + (month > 2 ? -3 : 9)) + 2) / 5 + static_cast<unsigned>(day) - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<int64_t>(day_of_era) - 719468;
}

int days_in_month(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

bool seconds_and_nanos(int64_t seconds, int64_t nanos, int64_t& ns) {
  int64_t scaled;
  return !__builtin_mul_overflow(seconds, kSecond, &scaled) && !__builtin_add_overflow(scaled, nanos, &ns);
}

}  // namespace

bool rfc3339_ns(std::string_view text, int64_t& ns) {
  if (text.size() < 20) return false;
  const char* p = text.data();
  const char* const end = p + text.size();
  const int year = number_at(p, 4), month = number_at(p + 5, 2), day = number_at(p + 8, 2);
  const int hour = number_at(p + 11, 2), minute = number_at(p + 14, 2), second = number_at(p + 17, 2);
  if (p[4] != '-' || p[7] != '-' || (p[10] != 'T' && p[10] != 't' && p[10] != ' ') || p[13] != ':' || p[16] != ':') return false;
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return false;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
  p += 19;
  int64_t nanos = 0;
  if (*p == '.') {
    int64_t unit = kSecond;
    const char* const first = ++p;
    for (; p != end && is_digit(*p); ++p) {
      unit /= 10;
      nanos += unit * (*p - '0');
    }
    if (p == first || p == end) return false;
  }
  int64_t zone = 0;
  if (*p == 'Z' || *p == 'z') {
    if (p + 1 != end) return false;
  } else {
    if (end - p != 6 || (*p != '+' && *p != '-') || p[3] != ':') return false;
    const int zone_hour = number_at(p + 1, 2), zone_minute = number_at(p + 4, 2);
    if (zone_hour < 0 || zone_hour > 23 || zone_minute < 0 || zone_minute > 59) return false;
    zone = (zone_hour * 60 + zone_minute) * (*p == '-' ? -60 : 60);
  }
  const int64_t seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - zone;
  return seconds_and_nanos(seconds, nanos, ns);
}

bool epoch_ns(std::string_view text, int64_t& ns) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (negative) ++p;
  const char* const first = p;
  int64_t whole = 0;
  while (p != end && is_digit(*p)) {
    if (p - first >= 18 && (__builtin_mul_overflow(whole, 10, &whole) || __builtin_add_overflow(whole, *p - '0', &whole))) return false;
    if (p - first < 18) whole = whole * 10 + (*p - '0');
    ++p;
  }
  if (p == first || (p - first > 1 && *first == '0')) return false;
  const int64_t unit = whole < 100'000'000'000          ? kSecond
                       : whole < 100'000'000'000'000    ? 1'000'000
                       : whole < 100'000'000'000'000'000 ? 1'000
                                                         : 1;
  int64_t part = 0;
  if (p != end) {
    if (*p != '.' || ++p == end) return false;
    for (int64_t scale = unit; p != end && is_digit(*p); ++p) {
      scale /= 10;
      part += scale * (*p - '0');
    }
    if (p != end) return false;
  }
  int64_t scaled;
  if (__builtin_mul_overflow(whole, unit, &scaled) || __builtin_add_overflow(scaled, part, &scaled)) return false;
  ns = negative ? -scaled : scaled;
  return true;
}

}  // namespace penstock
