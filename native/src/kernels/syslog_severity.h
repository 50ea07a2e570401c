// Severities of RFC 5424, table 2, by number and by the words that stand in messages.
#pragma once

#include <string_view>

namespace penstock {

inline constexpr std::string_view kSeverityNames[8] = {"emerg",   "alert",  "crit", "err",
                                                       "warning", "notice", "info", "debug"};

/// 0 to 7 for "err", "ERROR", "Warn" …; −1 for any other word.
int severity_of_word(std::string_view word);

/// The same as a question; `upper_only`: the word must be in capitals (ChromeOS writes "INFO" where the host would be).
bool is_severity_word(std::string_view word, bool upper_only);

/// "authpriv.warn", as BusyBox and OpenWrt write where others have the host.
bool is_facility_and_severity(std::string_view word);

}  // namespace penstock
