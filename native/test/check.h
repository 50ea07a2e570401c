// The whole test framework of the C++ tests: CHECK counts and prints, `check::done()` is main's answer.
#pragma once

#include <cstdio>
#include <sstream>
#include <string>

namespace check {

inline int checks = 0;
inline int failures = 0;

inline void failed(const char* file, int line, const std::string& text) {
  ++failures;
  std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, text.c_str());
}

template <class T>
std::string show(const T& value) {
  std::ostringstream out;
  if constexpr (requires { out << value; }) {
    out << value;
  } else {
    out << "?";
  }
  return out.str();
}

/// Prints the totals; the exit code of the program. A program without a single check fails.
inline int done() {
  std::printf("%d checks, %d failures\n", checks, failures);
  return failures == 0 && checks > 0 ? 0 : 1;
}

}  // namespace check

#define CHECK(condition)                                                     \
  do {                                                                       \
    ++check::checks;                                                         \
    if (!(condition)) check::failed(__FILE__, __LINE__, #condition);         \
  } while (false)

#define CHECK_EQ(actual, expected)                                                                                 \
  do {                                                                                                             \
    ++check::checks;                                                                                               \
    const auto check_actual = (actual);                                                                            \
    const auto check_expected = (expected);                                                                        \
    if (!(check_actual == check_expected))                                                                         \
      check::failed(__FILE__, __LINE__,                                                                            \
                    std::string(#actual " is ") + check::show(check_actual) + ", not " + check::show(check_expected)); \
  } while (false)
