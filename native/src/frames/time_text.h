// Timestamps that are written as their number says: the frame holds the number, a reader writes the text again.
#pragma once

#include <cstdint>
#include <string_view>

namespace penstock::frames {

/// How a time was written. As one number (`code`) it tells shapes apart; 0: not known.
struct TimeForm {
  enum Kind : uint8_t { kNone = 0, kRfc3339 = 1, kBsd = 2 };
  Kind kind = kNone;
  uint8_t digits = 0;    ///< RFC 3339: of the fraction, 0: none
  uint8_t zone = 0;      ///< RFC 3339: 'Z', '+' or '-'
  int32_t offset_s = 0;  ///< local time less UTC
  uint64_t code() const {
    return uint64_t{kind} | uint64_t{digits} << 8 | uint64_t{zone} << 16 | static_cast<uint64_t>(static_cast<uint32_t>(offset_s)) << 32;
  }
};

inline constexpr size_t kTimeTextMax = 48;

/// Writes times as text, remembering the last second.
class TimeWriter {
 public:
  /// "2003-10-11T22:14:15.003Z" or "Oct 11 22:14:15" at `out` (kTimeTextMax bytes). Returns its size.
  size_t write(int64_t ns, const TimeForm& form, char* out);
  /// Whether `write` would give this text, behind which 16 bytes are readable.
  bool gives(std::string_view text, int64_t ns, const TimeForm& form);

 private:
  void write_second(int64_t second);
  void write_day(int64_t days);
  int64_t second_ = INT64_MIN;
  int64_t day_ = INT64_MIN;
  char iso_[24];  ///< "2003-10-11T22:14:15"
  char bsd_[16];  ///< "Oct 11 22:14:15"
};

/// The form of `text` that gives `text` again for `ns`; kNone: no such form. `offset_s`: the zone of texts that name none.
TimeForm form_of(std::string_view text, int64_t ns, int32_t offset_s, TimeWriter& writer);

}  // namespace penstock::frames
