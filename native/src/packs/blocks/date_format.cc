#include "packs/blocks/date_format.h"

#include "kernels/civil_time.h"
#include "kernels/json_date.h"
#include "kernels/timezone_names.h"

namespace penstock::packs {
namespace {

constexpr std::string_view kMonths[] = {"january", "february", "march",     "april",   "may",      "june",
                                        "july",    "august",   "september", "october", "november", "december"};
constexpr std::string_view kWeekdays[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
bool is_letter(char c) { return static_cast<unsigned char>((c | 32) - 'a') < 26; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// A name of the table, whole or its first three or four letters; from 1, 0 when there is none.
template <size_t kCount>
unsigned take_name(const char*& p, const char* end, const std::string_view (&names)[kCount]) {
  size_t size = 0;
  while (p + size < end && is_letter(p[size])) ++size;
  if (size < 3) return 0;
  for (unsigned i = 0; i < kCount; ++i) {
    if (size > names[i].size() || (size > 4 && size != names[i].size())) continue;
    size_t same = 0;
    while (same < size && (p[same] | 32) == names[i][same]) ++same;
    if (same == size) return p += size, i + 1;
  }
  return 0;
}

/// An integer of at most 19 digits and its decimals, as ns in a unit of `unit_ns`, less `epoch` units. False: it overflows.
bool scaled(std::string_view text, int64_t unit_ns, int64_t epoch, int64_t& ns) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  size_t digits = 0;
  __int128 whole = 0;
  for (; digits < text.size() && is_digit(text[digits]); ++digits) {
    if (digits == 19) return false;
    whole = whole * 10 + (text[digits] - '0');
  }
  if (digits == 0) return false;
  __int128 fraction = 0, scale = unit_ns;
  if (digits < text.size()) {
    if ((text[digits] != '.' && text[digits] != ',') || digits + 1 == text.size()) return false;
    for (const char c : text.substr(digits + 1)) {
      if (!is_digit(c)) return false;
      scale /= 10;
      fraction += scale * (c - '0');
    }
  }
  __int128 all = (whole - (negative ? -epoch : epoch)) * unit_ns + fraction;
  if (negative) all = -all;
  if (all > INT64_MAX || all < INT64_MIN) return false;
  return ns = static_cast<int64_t>(all), true;
}

bool take_zone(const char*& p, const char* end, WrittenTime& time) {
  if (p == end) return false;
  if (*p != '+' && *p != '-') {
    const char* const name = p;
    while (p < end && is_letter(*p)) ++p;
    const std::string_view text(name, static_cast<size_t>(p - name));
    time.has_offset = timezone_offset(text, time.offset_s);
    // "GMT+2" is two hours east of it.
    if (!time.has_offset || p == end || (*p != '+' && *p != '-')) return time.has_offset;
  }
  const int sign = *p++ == '-' ? -1 : 1;
  unsigned hours = 0, minutes = 0, count = 0;
  for (; p < end && is_digit(*p) && count < 2; ++count) hours = hours * 10 + static_cast<unsigned>(*p++ - '0');
  if (count == 0) return false;
  const char* const after_hours = p;
  if (p < end && *p == ':') ++p;
  unsigned more = 0;
  for (; p < end && is_digit(*p) && more < 2; ++more) minutes = minutes * 10 + static_cast<unsigned>(*p++ - '0');
  if (more == 0) p = after_hours;
  if (more == 1 || hours > 23 || minutes > 59) return false;
  time.has_offset = true;
  time.offset_s = sign * static_cast<int32_t>(hours * 3600 + minutes * 60);
  return true;
}

}  // namespace

/// What has been read of a text.
struct DateFormat::Reading {
  WrittenTime time;
  unsigned day_of_year = 0;
  bool twelve = false, after_noon = false, has_seconds = false;
  int64_t unix_ns = 0;

  bool number(const Step& step, const char*& p, const char* end) {
    unsigned value = 0, count = 0;
    if (step.most == 2 && step.least == 1)
      while (p < end && *p == ' ') ++p;
    for (; p < end && count < step.most && is_digit(*p); ++count) value = value * 10 + static_cast<unsigned>(*p++ - '0');
    if (count < step.least) return false;
    switch (step.field) {
      case Field::kYear: return time.year = static_cast<int>(value), value > 0;
      // POSIX: 69 to 99 are of the last century.
      case Field::kYear2: return time.year = static_cast<int>(value < 69 ? 2000 + value : 1900 + value), true;
      case Field::kMonth: return time.month = value, value - 1 < 12;
      case Field::kDay: return time.day = value, value - 1 < 31;
      case Field::kDayOfYear: return day_of_year = value, value - 1 < 366;
      case Field::kHour: return time.hour = value == 24 ? 0 : value, value < 24;
      case Field::kHour12: return time.hour = value % 12, twelve = true, value < 13;
      case Field::kMinute: return time.minute = value, value < 60;
      default: return time.second = value, value < 61;
    }
  }

  bool fraction(const char*& p, const char* end) {
    if (p == end || !is_digit(*p)) return false;
    time.ns = 0;
    for (uint32_t scale = 100'000'000; p < end && is_digit(*p); ++p, scale /= 10)
      time.ns += static_cast<uint32_t>(*p - '0') * scale;
    return true;
  }

  bool am_pm(const char*& p, const char* end) {
    if (end - p < 2) return false;
    const char first = static_cast<char>(p[0] | 32);
    const bool dots = p[1] == '.' && end - p >= 4 && p[3] == '.';
    if ((first != 'a' && first != 'p') || (p[dots ? 2 : 1] | 32) != 'm') return false;
    after_noon = first == 'p';
    p += dots ? 4 : 2;
    return true;
  }

  bool unix_seconds(const char*& p, const char* end) {
    const char* const start = p;
    while (p < end && (is_digit(*p) || *p == '.' || (*p == '-' && p == start))) ++p;
    return has_seconds = scaled({start, static_cast<size_t>(p - start)}, kNsPerSecond, 0, unix_ns);
  }

  bool finish(const DateDefaults& defaults, int64_t& ns) {
    if (has_seconds) return ns = unix_ns + time.ns, true;
    if (twelve && after_noon) time.hour += 12;
    if (day_of_year != 0) {
      if (time.year == 0) return false;
      for (time.month = 1; time.month <= 12 && day_of_year > days_in_month(time.year, time.month); ++time.month)
        day_of_year -= days_in_month(time.year, time.month);
      time.day = day_of_year;
      if (time.month > 12) return false;
    }
    if (time.month == 0 || time.day == 0) return false;
    if (time.day > days_in_month(time.year == 0 ? 2000 : time.year, time.month)) return false;
    return resolve_written_time(time, defaults.reference_ns, defaults.utc_offset_s, ns);
  }
};

bool DateFormat::parse(std::string_view text, const DateDefaults& defaults, int64_t& ns) const {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  if (text.empty() || steps_.empty()) return false;
  const char* p = text.data();
  const char* const end = p + text.size();
  Reading reading;
  for (const Step& step : steps_) {
    bool ok = true;
    switch (step.field) {
      case Field::kLiteral:
        ok = p < end && *p++ == step.literal;
        break;
      case Field::kBlank:
        ok = p < end && is_blank(*p);
        while (p < end && is_blank(*p)) ++p;
        break;
      case Field::kMonthName: ok = (reading.time.month = take_name(p, end, kMonths)) != 0; break;
      case Field::kWeekday: ok = take_name(p, end, kWeekdays) != 0; break;
      case Field::kAmPm: ok = reading.am_pm(p, end); break;
      case Field::kFraction: ok = reading.fraction(p, end); break;
      case Field::kZone: ok = take_zone(p, end, reading.time); break;
      case Field::kUnixSeconds: ok = reading.unix_seconds(p, end); break;
      case Field::kWritten:
        p = parse_written_time(p, end, reading.time);
        return p == end && resolve_written_time(reading.time, defaults.reference_ns, defaults.utc_offset_s, ns);
      case Field::kEpoch: return epoch_ns(text, ns);
      case Field::kUnixMs: return scaled(text, 1'000'000, 0, ns);
      case Field::kUnixUs: return scaled(text, 1'000, 0, ns);
      case Field::kUnixNs: return scaled(text, 1, 0, ns);
      case Field::kFileTime: return scaled(text, 100, 116'444'736'000'000'000, ns);
      default: ok = reading.number(step, p, end);
    }
    if (!ok) return false;
  }
  return p == end && reading.finish(defaults, ns);
}

}  // namespace penstock::packs
