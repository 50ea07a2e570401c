#include "packs/blocks/convert.h"

namespace penstock::packs {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

struct Unit {
  std::string_view name;
  int64_t ns;
};
constexpr Unit kUnits[] = {
    {"ns", 1},          {"nanosecond", 1},
    {"us", 1'000},      {"\xc2\xb5s", 1'000},   {"\xce\xbcs", 1'000}, {"usec", 1'000},  {"microsecond", 1'000},
    {"ms", 1'000'000},  {"msec", 1'000'000},    {"millisecond", 1'000'000},
    {"s", kSecond},     {"sec", kSecond},       {"second", kSecond},
    {"m", 60 * kSecond}, {"min", 60 * kSecond}, {"minute", 60 * kSecond},
    {"h", 3600 * kSecond}, {"hr", 3600 * kSecond}, {"hour", 3600 * kSecond},
    {"d", 86'400 * kSecond}, {"day", 86'400 * kSecond},
    {"w", 604'800 * kSecond}, {"week", 604'800 * kSecond},
};

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
bool is_letter(char c) { return static_cast<unsigned char>((c | 32) - 'a') < 26 || static_cast<uint8_t>(c) >= 0x80; }

/// A number at `p` with decimals, in billionths; false when there is none or it is too long.
struct Number {
  __int128 whole = 0;
  __int128 billionths = 0;
};
bool take_number(const char*& p, const char* end, Number& number) {
  const char* const start = p;
  for (; p < end && is_digit(*p); ++p) {
    if (p - start == 18) return false;
    number.whole = number.whole * 10 + (*p - '0');
  }
  if (p == start) return false;
  if (p + 1 < end && (*p == '.' || *p == ',') && is_digit(p[1])) {
    ++p;
    for (int64_t scale = 100'000'000; p < end && is_digit(*p); ++p, scale /= 10) number.billionths += scale * (*p - '0');
  }
  return true;
}

int64_t unit_of(std::string_view name, bool minutes_before) {
  char lower[16];
  if (name.size() >= sizeof lower) return 0;
  for (size_t i = 0; i < name.size(); ++i)
    lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] | 32) : name[i];
  std::string_view text(lower, name.size());
  if (text.size() > 3 && text.back() == 's') text.remove_suffix(1);  // plurals
  if (text == "hrs") text = "hr";
  // In ISO 8601 an M before the T is a month, which has no length.
  if (minutes_before && text == "m") return 0;
  for (const Unit& unit : kUnits)
    if (unit.name == text) return unit.ns;
  return 0;
}

}  // namespace

bool to_duration(std::string_view text, int64_t unit_ns, int64_t& ns) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const auto skip = [&] {
    while (p < end && (*p == ' ' || *p == ',')) ++p;
  };
  skip();
  const bool negative = p < end && *p == '-';
  if (negative) ++p;
  bool date_part = false;
  if (p < end && *p == 'P') date_part = true, ++p;
  __int128 total = 0;
  unsigned parts = 0;
  for (skip(); p < end; skip(), ++parts) {
    if (date_part && *p == 'T') date_part = false, ++p;
    Number number;
    if (!take_number(p, end, number)) return false;
    int64_t unit = unit_ns;
    if (p < end && *p == ':') {
      // hh:mm, hh:mm:ss and decimals; mm:ss is not told apart.
      __int128 clock = number.whole * 3600 * kSecond;
      for (int64_t step = 60; p < end && *p == ':'; step /= 60) {
        ++p;
        Number part;
        if (step == 0 || !take_number(p, end, part) || part.whole > 59) return false;
        clock += (part.whole * kSecond + part.billionths) * step;
      }
      total += clock;
      continue;
    }
    const char* const spaced = p;
    while (p < end && *p == ' ') ++p;
    const char* const name = p;
    while (p < end && is_letter(*p)) ++p;
    if (p > name) {
      unit = unit_of({name, static_cast<size_t>(p - name)}, date_part);
      // 1H30M: the letter T of ISO 8601 ends the days.
      if (unit == 0 && p - name == 2 && (p[-1] == 'T') && date_part) unit = unit_of({name, 1}, true), --p;
      if (unit == 0) return false;
      if (p < end && *p == ':') ++p;  // 1h:02m:03s
    } else if (p = spaced; parts > 0 || p < end) {
      return false;
    }
    total += number.whole * unit + number.billionths * unit / kSecond;
    if (total > INT64_MAX) return false;
  }
  if (parts == 0 || total > INT64_MAX) return false;
  ns = static_cast<int64_t>(negative ? -total : total);
  return true;
}

}  // namespace penstock::packs
