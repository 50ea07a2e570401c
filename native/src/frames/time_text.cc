#include "frames/time_text.h"

#include <cstring>

#include "frames/digits.h"
#include "frames/words.h"
#include "kernels/civil_time.h"

namespace penstock::frames {
namespace {

constexpr char kMonths[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

void two(char* out, unsigned n) {
  out[0] = static_cast<char>('0' + n / 10);
  out[1] = static_cast<char>('0' + n % 10);
}

int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/// Both 19 bytes.
bool same_second(const char* a, const char* b) {
  return ((load64(a) ^ load64(b)) | (load64(a + 8) ^ load64(b + 8)) | (load64(a + 11) ^ load64(b + 11))) == 0;
}

}  // namespace

void TimeWriter::write_second(int64_t second) {
  const int64_t days = floor_div(second, kSecondsPerDay);
  const auto of_day = static_cast<unsigned>(second - days * kSecondsPerDay);
  if (days != day_) write_day(days);
  two(iso_ + 11, of_day / 3600);
  two(iso_ + 14, of_day / 60 % 60);
  two(iso_ + 17, of_day % 60);
  std::memcpy(bsd_ + 7, iso_ + 11, 8);
  second_ = second;
}

void TimeWriter::write_day(int64_t days) {
  const int year = year_from_days(days);
  auto day = static_cast<unsigned>(days - days_from_civil(year, 1, 1));
  unsigned month = 1;
  for (; day >= days_in_month(year, month); ++month) day -= days_in_month(year, month);
  std::memcpy(iso_, "0000-00-00T00:00:00", 19);
  two(iso_, static_cast<unsigned>(year) / 100);
  two(iso_ + 2, static_cast<unsigned>(year) % 100);
  two(iso_ + 5, month);
  two(iso_ + 8, day + 1);
  std::memcpy(bsd_, kMonths + 3 * (month - 1), 3);
  bsd_[3] = ' ';
  two(bsd_ + 4, day + 1);
  if (bsd_[4] == '0') bsd_[4] = ' ';
  bsd_[6] = ' ';
  day_ = days;
}

size_t TimeWriter::write(int64_t ns, const TimeForm& form, char* out) {
  const int64_t utc = floor_div(ns, kNsPerSecond), second = utc + form.offset_s;
  if (second != second_) write_second(second);
  if (form.kind == TimeForm::kBsd) return std::memcpy(out, bsd_, 15), 15;
  std::memcpy(out, iso_, 19);
  char* p = out + 19;
  if (form.digits != 0) {
    *p++ = '.';
    auto fraction = static_cast<uint32_t>(ns - utc * kNsPerSecond);
    for (unsigned i = form.digits; i < 9; ++i) fraction /= 10;
    for (unsigned i = form.digits; i-- > 0; fraction /= 10) p[i] = static_cast<char>('0' + fraction % 10);
    p += form.digits;
  }
  *p++ = static_cast<char>(form.zone);
  if (form.zone == 'Z') return static_cast<size_t>(p - out);
  const auto minutes = static_cast<unsigned>((form.offset_s < 0 ? -form.offset_s : form.offset_s) / 60);
  two(p, minutes / 60);
  p[2] = ':';
  two(p + 3, minutes % 60);
  return static_cast<size_t>(p - out) + 5;
}

bool TimeWriter::gives(std::string_view text, int64_t ns, const TimeForm& form) {
  const int64_t utc = floor_div(ns, kNsPerSecond), second = utc + form.offset_s;
  const size_t fraction = form.digits == 0 ? 0 : form.digits + 1u;
  if (form.kind == TimeForm::kBsd) {
    if (second != second_) write_second(second);
    return text.size() == 15 && differ_in_16(bsd_, text.data(), 15) == 0;
  }
  if (form.kind != TimeForm::kRfc3339 || form.zone != 'Z' || form.digits > 8 || second != second_) {
    char written[kTimeTextMax];
    const size_t size = write(ns, form, written);
    return size == text.size() && std::memcmp(written, text.data(), size) == 0;
  }
  // The same second as the time before, which is the rule: only its fraction is another.
  const char* const p = text.data();
  if (text.size() != 20 + fraction || p[19 + fraction] != 'Z' || !same_second(p, iso_)) return false;
  if (fraction == 0) return true;
  uint64_t digits;
  if (p[19] != '.' || !few_digits(p + 20, form.digits, digits)) return false;
  const uint64_t unit = kPowersOfTen[9 - form.digits], least = digits * unit, is = static_cast<uint64_t>(ns - utc * kNsPerSecond);
  return is >= least && is < least + unit;
}

TimeForm form_of(std::string_view text, int64_t ns, int32_t offset_s, TimeWriter& writer) {
  TimeForm form;
  if (text.size() == 15) {
    form.kind = TimeForm::kBsd;
    form.offset_s = offset_s;
  } else if (text.size() >= 20 && text.size() <= 35) {
    form.kind = TimeForm::kRfc3339;
    size_t end = text.size() - 1;
    form.zone = 'Z';
    if (text[end] != 'Z') {
      if (text.size() < 25) return {};
      end -= 5;
      const char* z = text.data() + end;
      form.zone = static_cast<uint8_t>(*z);
      if (form.zone != '+' && form.zone != '-') return {};
      const int hours = (z[1] - '0') * 10 + (z[2] - '0'), minutes = (z[4] - '0') * 10 + (z[5] - '0');
      if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return {};
      form.offset_s = (hours * 60 + minutes) * (form.zone == '-' ? -60 : 60);
    }
    if (end > 29 || end == 20) return {};
    form.digits = static_cast<uint8_t>(end == 19 ? 0 : end - 20);
  } else {
    return {};
  }
  char written[kTimeTextMax];
  const size_t size = writer.write(ns, form, written);
  return size == text.size() && std::memcmp(written, text.data(), size) == 0 ? form : TimeForm{};
}

}  // namespace penstock::frames
