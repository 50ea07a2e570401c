#include "packs/blocks/date_format.h"

namespace penstock::packs {
namespace {

constexpr size_t kFormatBytesMax = 256;

bool is_letter(char c) { return static_cast<unsigned char>((c | 32) - 'a') < 26; }

}  // namespace

bool DateFormat::compile(std::string_view format, std::string& error) {
  steps_.clear();
  constexpr struct {
    std::string_view name;
    Field field;
  } kNames[] = {{"ISO8601", Field::kWritten}, {"SYSLOG", Field::kWritten},  {"UNIX", Field::kUnixSeconds},
                {"UNIX_MS", Field::kUnixMs},  {"UNIX_US", Field::kUnixUs},  {"UNIX_NS", Field::kUnixNs},
                {"EPOCH", Field::kEpoch},     {"FILETIME", Field::kFileTime}};
  for (const auto& [name, field] : kNames)
    if (name == format) return add(field), true;
  if (format.empty() || format.size() > kFormatBytesMax)
    return error = "a date format has 1 to " + std::to_string(kFormatBytesMax) + " characters", false;
  if (format.find('%') != format.npos ? !compile_strptime(format, error) : !compile_java(format, error)) return false;
  fix_widths();
  return true;
}

void DateFormat::add_literal(char c) {
  if (c == ' ' || c == '\t' || c == '\n') {
    if (steps_.empty() || steps_.back().field != Field::kBlank) add(Field::kBlank);
  } else {
    steps_.push_back({Field::kLiteral, c});
  }
}

bool DateFormat::compile_strptime(std::string_view format, std::string& error) {
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      add_literal(format[i]);
      continue;
    }
    if (++i == format.size()) return error = "a % ends the format", false;
    if ((format[i] == '-' || format[i] == '_' || format[i] == '0' || format[i] == ':') && i + 1 < format.size()) ++i;
    const char c = format[i];
    switch (c) {
      case 'Y': add(Field::kYear, 4); break;
      case 'y': add(Field::kYear2); break;
      case 'm': add(Field::kMonth); break;
      case 'b': case 'B': case 'h': add(Field::kMonthName); break;
      case 'd': case 'e': add(Field::kDay); break;
      case 'j': add(Field::kDayOfYear, 3); break;
      case 'H': case 'k': add(Field::kHour); break;
      case 'I': case 'l': add(Field::kHour12); break;
      case 'p': case 'P': add(Field::kAmPm); break;
      case 'M': add(Field::kMinute); break;
      case 'S': add(Field::kSecond); break;
      case 'f': case 'L': case 'N': add(Field::kFraction); break;
      case 'z': case 'Z': add(Field::kZone); break;
      case 's': add(Field::kUnixSeconds); break;
      case 'a': case 'A': add(Field::kWeekday); break;
      case 'n': case 't': add_literal(' '); break;
      case '%': add_literal('%'); break;
      case 'T': case 'R': case 'D': case 'F': {
        const std::string_view whole = c == 'T' ? "%H:%M:%S" : c == 'R' ? "%H:%M" : c == 'D' ? "%m/%d/%y" : "%Y-%m-%d";
        if (!compile_strptime(whole, error)) return false;
        break;
      }
      default: return error = std::string("%") + c + " is not a part of a date", false;
    }
  }
  return true;
}

bool DateFormat::compile_java(std::string_view format, std::string& error) {
  for (size_t i = 0; i < format.size();) {
    const char c = format[i];
    if (c == '\'') {
      // Text between quotes; two quotes are one.
      const size_t close = format.find('\'', i + 1);
      if (close == format.npos) return error = "a ' is not closed", false;
      if (close == i + 1) add_literal('\'');
      for (size_t at = i + 1; at < close; ++at) add_literal(format[at]);
      i = close + 1;
      continue;
    }
    if (!is_letter(c)) {
      if (c == '[' || c == ']') return error = "optional parts are not supported: give several formats", false;
      add_literal(c);
      ++i;
      continue;
    }
    size_t count = 1;
    while (i + count < format.size() && format[i + count] == c) ++count;
    i += count;
    switch (c) {
      case 'y': case 'u': count == 2 ? add(Field::kYear2) : add(Field::kYear, 4); break;
      case 'M': case 'L': add(count > 2 ? Field::kMonthName : Field::kMonth); break;
      case 'd': add(Field::kDay); break;
      case 'D': add(Field::kDayOfYear, 3); break;
      case 'H': case 'k': add(Field::kHour); break;
      case 'h': case 'K': add(Field::kHour12); break;
      case 'a': add(Field::kAmPm); break;
      case 'm': add(Field::kMinute); break;
      case 's': add(Field::kSecond); break;
      case 'S': case 'n': add(Field::kFraction); break;
      case 'E': add(Field::kWeekday); break;
      case 'z': case 'Z': case 'X': case 'x': case 'V': case 'O': add(Field::kZone); break;
      default: return error = std::string(count, c) + " is not a part of a date: put text in quotes", false;
    }
  }
  return true;
}

/// Numbers that stand side by side have all their digits.
void DateFormat::fix_widths() {
  const auto is_number = [](Field field) {
    return field == Field::kYear || field == Field::kYear2 || field == Field::kMonth || field == Field::kDay ||
           field == Field::kDayOfYear || field == Field::kHour || field == Field::kHour12 || field == Field::kMinute ||
           field == Field::kSecond || field == Field::kFraction;
  };
  for (size_t i = 0; i < steps_.size(); ++i) {
    Step& step = steps_[i];
    const bool before = i > 0 && is_number(steps_[i - 1].field);
    const bool after = i + 1 < steps_.size() && is_number(steps_[i + 1].field);
    if ((before || after || step.field == Field::kYear || step.field == Field::kYear2) && step.field != Field::kFraction)
      step.least = step.most;
  }
}

}  // namespace penstock::packs
