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

}  // namespace penstock
