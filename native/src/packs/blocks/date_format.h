// Dates by compiled formats: strptime's (`%d/%b/%Y:%H:%M:%S %z`) and Java's (`dd/MMM/yyyy:HH:mm:ss Z`), and names for the usual.
#pragma once

#include "kernels/bsd_time.h"
#include "kernels/common.h"

#include <string>
#include <vector>

namespace penstock::packs {

/// What a text leaves out.
struct DateDefaults {
  int64_t reference_ns = 0;   ///< no year: the latest that puts the date at most a day after this
  int32_t utc_offset_s = 0;   ///< no zone: seconds east of UTC
};

/// A format, compiled when a plan is loaded.
///
/// Names: ISO8601 (and what `parse_written_time` knows besides, syslog's dates among them), UNIX (seconds, with or without a
/// fraction), UNIX_MS, UNIX_US, UNIX_NS, EPOCH (the unit by the size of the number), FILETIME (100 ns since 1601).
/// A format with a '%' is strptime's: %Y %y %m %b %B %h %d %e %j %H %k %I %l %p %M %S %f %L %N %z %Z %s %a %A %T %D %F %R %n %t %%.
/// Any other is Java's: y u M L d D H k h K a m s S n E z Z X x V O and 'text'.
///
/// Read leniently: names of months and days short or long in any case; numbers of up to two digits with fewer, or a blank before
/// them, unless another number follows at once; fractions of one to nine digits and longer, cut; zones as Z, ±hh, ±hhmm, ±hh:mm or
/// a name of kernels/timezone_names.h; a blank stands for one or more. All of the text must be used; blanks around it may be.
class DateFormat {
 public:
  /// False: `error` says why, for the format's author.
  bool compile(std::string_view format, std::string& error);

  /// To ns since the epoch. False: another format, no date of the calendar, or none that int64 ns can hold.
  bool parse(std::string_view text, const DateDefaults& defaults, int64_t& ns) const;

 private:
  enum class Field : uint8_t {
    kLiteral, kBlank, kYear, kYear2, kMonth, kMonthName, kDay, kDayOfYear, kWeekday, kHour, kHour12, kAmPm, kMinute,
    kSecond, kFraction, kZone, kUnixSeconds,
    // Formats of one part, by name.
    kWritten, kEpoch, kUnixMs, kUnixUs, kUnixNs, kFileTime,
  };
  struct Step {
    Field field;
    char literal = 0;
    uint8_t least = 1, most = 2;  ///< digits
  };
  struct Reading;

  bool compile_strptime(std::string_view format, std::string& error);
  bool compile_java(std::string_view format, std::string& error);
  void add(Field field, uint8_t most = 2) { steps_.push_back({field, 0, 1, most}); }
  void add_literal(char c);
  void fix_widths();

  std::vector<Step> steps_;
};

}  // namespace penstock::packs
