#include "kernels/bsd_time.h"

#include "kernels/civil_time.h"
#include "kernels/swar.h"
#include "kernels/timezone_names.h"

namespace penstock {
namespace {

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
bool is_alnum(char c) { return is_digit(c) || static_cast<unsigned char>((c | 32) - 'a') < 26; }

/// Takes between `least` and `most` digits.
bool take_number(const char*& p, const char* end, unsigned least, unsigned most, unsigned& number) {
  unsigned count = 0;
  number = 0;
  for (; count < most && p < end && is_digit(*p); ++count, ++p) number = number * 10 + static_cast<unsigned>(*p - '0');
  return count >= least;
}

bool take(const char*& p, const char* end, char c) { return p < end && *p == c ? (++p, true) : false; }

constexpr uint32_t letters(char a, char b, char c) {
  return static_cast<uint32_t>(a) | static_cast<uint32_t>(b) << 8 | static_cast<uint32_t>(c) << 16;
}

/// Three letters in any case, as one number.
uint32_t three_letters(const char* p, const char* end) {
  return end - p < 3 ? 0 : (load32(p) | 0x202020) & 0xffffff;
}

unsigned month_of(uint32_t name) {
  switch (name) {
    case letters('j', 'a', 'n'): return 1;
    case letters('f', 'e', 'b'): return 2;
    case letters('m', 'a', 'r'): return 3;
    case letters('a', 'p', 'r'): return 4;
    case letters('m', 'a', 'y'): return 5;
    case letters('j', 'u', 'n'): return 6;
    case letters('j', 'u', 'l'): return 7;
    case letters('a', 'u', 'g'): return 8;
    case letters('s', 'e', 'p'): return 9;
    case letters('o', 'c', 't'): return 10;
    case letters('n', 'o', 'v'): return 11;
    case letters('d', 'e', 'c'): return 12;
    default: return 0;
  }
}

bool is_weekday(uint32_t name) {
  switch (name) {
    case letters('m', 'o', 'n'): case letters('t', 'u', 'e'): case letters('w', 'e', 'd'): case letters('t', 'h', 'u'):
    case letters('f', 'r', 'i'): case letters('s', 'a', 't'): case letters('s', 'u', 'n'): return true;
    default: return false;
  }
}

/// Up to nine digits after '.' or ','; further digits are dropped.
void take_fraction(const char*& p, const char* end, WrittenTime& t) {
  if (end - p < 2 || (*p != '.' && *p != ',') || !is_digit(p[1])) return;
  ++p;
  for (uint32_t scale = 100'000'000; p < end && is_digit(*p); ++p, scale /= 10) t.ns += static_cast<uint32_t>(*p - '0') * scale;
}

/// hh:mm:ss and a fraction.
bool take_clock(const char*& p, const char* end, WrittenTime& t) {
  if (!take_number(p, end, 1, 2, t.hour) || !take(p, end, ':') || !take_number(p, end, 2, 2, t.minute) ||
      !take(p, end, ':') || !take_number(p, end, 2, 2, t.second))
    return false;
  if (t.hour > 23 || t.minute > 59 || t.second > 60) return false;
  take_fraction(p, end, t);
  return true;
}

/// ±hh, ±hhmm or ±hh:mm; with `least_digits` 1 also ±h.
bool take_offset(const char*& p, const char* end, WrittenTime& t, unsigned least_digits = 2) {
  const char* q = p;
  if (q == end || (*q != '+' && *q != '-')) return false;
  const int sign = *q++ == '-' ? -1 : 1;
  unsigned hours, minutes = 0;
  if (!take_number(q, end, least_digits, 2, hours) || hours > 23) return false;
  const char* r = q;
  take(r, end, ':');
  if (take_number(r, end, 2, 2, minutes) && minutes < 60) q = r;
  else minutes = 0;
  if (q < end && is_alnum(*q)) return false;
  t.has_offset = true;
  t.offset_s = sign * static_cast<int32_t>(hours * 3600 + minutes * 60);
  p = q;
  return true;
}

/// Small letters, as some devices have them configured. A colon must follow, else the word may be a host's name.
bool lower_timezone_offset(std::string_view name, int32_t& offset_s) {
  char upper[6];
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] < 'a' || name[i] > 'z') return false;
    upper[i] = static_cast<char>(name[i] - 32);
  }
  return timezone_offset({upper, name.size()}, offset_s);
}

/// A zone after at most one space: an offset or a name. Without one, `p` stays.
void take_zone(const char*& p, const char* end, WrittenTime& t) {
  const char* q = p;
  const bool spaced = take(q, end, ' ');
  if (take_offset(q, end, t)) {
    p = q;
    return;
  }
  const char* const name = q;
  while (q < end && q - name < 6 && is_alnum(*q)) ++q;
  const std::string_view text{name, static_cast<size_t>(q - name)};
  if (spaced && (text == "UTC" || text == "GMT") && take_offset(q, end, t, 1)) {  // "UTC+1"
    p = q;
    return;
  }
  if (q == name || (q < end && *q != ' ' && *q != ':')) return;
  if (!spaced && text != "Z" && text != "z" && text != "ZZ") return;
  if (text == "ZZ") {  // of templates that put one behind a time that has one
    t.has_offset = true;
    p = q;
    return;
  }
  if (int32_t offset; timezone_offset(text, offset) || (q < end && *q == ':' && lower_timezone_offset(text, offset))) {
    t.has_offset = true;
    t.offset_s = offset;
    p = q;
  }
}

/// A year of four digits that something else follows.
bool take_year(const char*& p, const char* end, WrittenTime& t) {
  const char* q = p;
  unsigned year;
  if (!take_number(q, end, 4, 4, year) || year < 1970 || year > 2261) return false;
  if (q < end && *q != ' ' && *q != ':') return false;
  t.year = static_cast<int>(year);
  p = q;
  return true;
}

/// What may stand after the clock: a zone, a year, a zone after the year.
const char* take_bsd_end(const char* p, const char* end, WrittenTime& t) {
  take_zone(p, end, t);
  if (t.year == 0 && end - p >= 5 && *p == ' ' && is_digit(p[1])) {
    const char* q = p + 1;
    if (take_year(q, end, t)) p = q;
    if (!t.has_offset) take_zone(p, end, t);
  }
  return p;
}

/// "Mmm dd hh:mm:ss" with every byte in its place, as nearly all senders write it. Reads 15 bytes.
bool take_fixed_bsd(const char* p, WrittenTime& t) {
  const uint64_t clock = load64(p + 7) ^ 0x30303a30303a3030;  // "00:00:00": digits become 0..9, colons 0
  if ((((clock + 0x76767f76767f7676) | clock) & 0x8080808080808080) || p[3] != ' ' || p[6] != ' ' || !is_digit(p[5]))
    return false;
  if (p[4] != ' ' && !is_digit(p[4])) return false;
  t.month = month_of((load32(p) & 0xffffff) | 0x202020);
  t.day = (static_cast<unsigned>(p[4]) & 15) * 10 + static_cast<unsigned>(p[5] - '0');
  const uint64_t pairs = clock * 10 + (clock >> 8);
  t.hour = pairs & 255;
  t.minute = pairs >> 24 & 255;
  t.second = pairs >> 48 & 255;
  return t.month != 0 && t.hour < 24 && t.minute < 60 && t.second <= 60;
}

const char* parse_bsd(const char* p, const char* end, WrittenTime& t) {
  if (end - p >= 15 && take_fixed_bsd(p, t)) {
    p += 15;
    take_fraction(p, end, t);
    return take_bsd_end(p, end, t);
  }
  t = {};
  if (is_weekday(three_letters(p, end))) {
    p += 3;
    take(p, end, ',');
    if (!take(p, end, ' ')) return nullptr;
  }
  if (take_year(p, end, t) && !take(p, end, ' ')) return nullptr;
  t.month = month_of(three_letters(p, end));
  if (t.month == 0) return nullptr;
  p += 3;
  if (!take(p, end, ' ')) return nullptr;
  take(p, end, ' ');
  if (!take_number(p, end, 1, 2, t.day)) return nullptr;
  take(p, end, ',');
  if (!take(p, end, ' ')) return nullptr;
  if (t.year == 0 && take_year(p, end, t) && !take(p, end, ' ')) return nullptr;
  if (!take_clock(p, end, t)) return nullptr;
  return take_bsd_end(p, end, t);
}

const char* parse_iso(const char* p, const char* end, WrittenTime& t) {
  unsigned year;
  if (!take_number(p, end, 4, 4, year) || p == end) return nullptr;
  const char separator = *p++;
  if (separator != '-' && separator != '/') return nullptr;
  if (!take_number(p, end, 2, 2, t.month) || !take(p, end, separator) || !take_number(p, end, 2, 2, t.day)) return nullptr;
  if (!take(p, end, 'T') && !take(p, end, ' ') && !take(p, end, 't')) return nullptr;
  if (!take_clock(p, end, t)) return nullptr;
  t.year = static_cast<int>(year);
  take_zone(p, end, t);
  return t.year > 0 ? p : nullptr;
}

}  // namespace

const char* parse_written_time(const char* p, const char* end, WrittenTime& time) {
  if (p < end && (*p == '*' || *p == '.')) ++p;
  if (p >= end) return nullptr;
  time = {};
  const bool iso = end - p > 4 && is_digit(*p) && (p[4] == '-' || p[4] == '/');
  const char* const after = iso ? parse_iso(p, end, time) : parse_bsd(p, end, time);
  if (!after || (after < end && is_alnum(*after))) return nullptr;
  // Without a year, 29 February may be right.
  const int year = time.year == 0 ? 2000 : time.year;
  if (time.month - 1 > 11 || time.day == 0 || time.day > days_in_month(year, time.month)) return nullptr;
  return after;
}

bool resolve_written_time(const WrittenTime& time, int64_t reference_ns, int32_t utc_offset_s, int64_t& ns) {
  const int64_t of_day = int64_t{time.hour} * 3600 + time.minute * 60 + time.second -
                         (time.has_offset ? time.offset_s : utc_offset_s);
  const auto seconds_in = [&](int year) { return days_from_civil(year, time.month, time.day) * kSecondsPerDay + of_day; };
  int year = time.year;
  if (year == 0) {
    int64_t reference = reference_ns / kNsPerSecond;
    if (reference_ns % kNsPerSecond < 0) --reference;
    const int64_t latest = reference + kSecondsPerDay;
    int64_t days = latest / kSecondsPerDay;
    if (latest % kSecondsPerDay < 0) --days;
    year = year_from_days(days) + 1;  // + 1: zones
    while (time.day > days_in_month(year, time.month) || seconds_in(year) > latest) --year;
  }
  if (year < kFirstYear || year > kLastYear) return false;
  ns = seconds_in(year) * kNsPerSecond + time.ns;
  return true;
}

}  // namespace penstock
