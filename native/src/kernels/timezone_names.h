// Zone names in timestamps. A name alone says an offset only by convention; these are the conventions we follow, and the
// manual of the syslog format lists them. Names with several common meanings are left out (IST, BST, CST of China …)
// unless one meaning prevails in logs: EST/CST/MST/PST are North America's.
#pragma once

#include <cstdint>
#include <string_view>

namespace penstock {

struct TimezoneName {
  std::string_view name;
  int16_t minutes;  ///< east of UTC
};

inline constexpr TimezoneName kTimezoneNames[] = {
    {"Z", 0},       {"z", 0},       {"UTC", 0},      {"GMT", 0},      {"WET", 0},      {"WEST", 60},   {"CET", 60},
    {"MET", 60},    {"CEST", 120},  {"MEST", 120},   {"EET", 120},    {"EEST", 180},   {"MSK", 180},   {"SAST", 120},
    {"EST", -300},  {"EDT", -240},  {"CST", -360},   {"CDT", -300},   {"MST", -420},   {"MDT", -360},  {"PST", -480},
    {"PDT", -420},  {"AKST", -540}, {"AKDT", -480},  {"HST", -600},   {"JST", 540},    {"KST", 540},   {"HKT", 480},
    {"SGT", 480},   {"AWST", 480},  {"ACST", 570},   {"ACDT", 630},   {"AEST", 600},   {"AEDT", 660},  {"NZST", 720},
    {"NZDT", 780},
};

/// The offset of `name` in seconds; false when it is not in the table.
inline bool timezone_offset(std::string_view name, int32_t& offset_s) {
  if (name.empty() || name[0] < 'A' || name[0] > 'z') return false;  // most words that stand here are host names
  for (const char c : name)
    if (c < 'A' || (c > 'Z' && c != 'z')) return false;
  for (const TimezoneName& zone : kTimezoneNames)
    if (zone.name == name) return offset_s = zone.minutes * 60, true;
  return false;
}

}  // namespace penstock
