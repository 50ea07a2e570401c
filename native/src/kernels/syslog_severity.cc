#include "kernels/syslog_severity.h"

#include <cstddef>

namespace penstock {
namespace {

struct Word {
  std::string_view text;
  int severity;
};
constexpr Word kWords[] = {
    {"emerg", 0}, {"emergency", 0}, {"alert", 1}, {"crit", 2},   {"critical", 2}, {"err", 3},
    {"error", 3}, {"warn", 4},      {"warning", 4}, {"notice", 5}, {"info", 6},     {"debug", 7},
};

constexpr std::string_view kFacilities[] = {"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "security"};

bool is_facility(std::string_view word) {
  if (word.size() == 6 && word.starts_with("local")) return word[5] >= '0' && word[5] <= '7';
  for (const std::string_view facility : kFacilities)
    if (facility == word) return true;
  return false;
}

}  // namespace

int severity_of_word(std::string_view word) {
  if (word.size() < 3 || word.size() > 9) return -1;
  char lower[9];
  for (size_t i = 0; i < word.size(); ++i) lower[i] = static_cast<char>(word[i] | 32);
  const std::string_view text{lower, word.size()};
  for (const Word& w : kWords)
    if (w.text == text) return w.severity;
  return -1;
}

bool is_severity_word(std::string_view word, bool upper_only) {
  if (upper_only)
    for (char c : word)
      if (c < 'A' || c > 'Z') return false;
  return severity_of_word(word) >= 0;
}

bool is_facility_and_severity(std::string_view word) {
  const size_t dot = word.find('.');
  return dot != word.npos && severity_of_word(word.substr(dot + 1)) >= 0 && is_facility(word.substr(0, dot));
}

}  // namespace penstock
