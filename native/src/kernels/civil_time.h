// The proleptic Gregorian calendar in integers. H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
#pragma once

#include <cstdint>

namespace penstock {

inline constexpr int64_t kNsPerSecond = 1'000'000'000;
inline constexpr int64_t kSecondsPerDay = 86'400;

/// Years whose every instant fits int64 nanoseconds since 1970.
inline constexpr int kFirstYear = 1678, kLastYear = 2261;

inline bool is_leap_year(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

inline unsigned days_in_month(int year, unsigned month) {
  constexpr uint8_t kDays[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : kDays[month];
}

/// Days from 1970-01-01; year 0 to 9999, month 1 to 12.
inline int64_t days_from_civil(int year, unsigned month, unsigned day) {
  const unsigned y = static_cast<unsigned>(year) + 400 - (month <= 2);  // + 400: year 0, January stays positive
  const unsigned era = y / 400, of_era = y % 400;
  const unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
  return static_cast<int64_t>(era) * 146'097 + day_of_era - 719'468 - 146'097;
}

/// The year of a count of days from 1970-01-01.
inline int year_from_days(int64_t days) {
  int year = 1970 + static_cast<int>(days * 400 / 146'097);  // at most one off
  while (days_from_civil(year, 1, 1) > days) --year;
  while (days_from_civil(year + 1, 1, 1) <= days) ++year;
  return year;
}

}  // namespace penstock
