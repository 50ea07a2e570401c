// What a fuzz target promises: where it does not hold the process ends, and libFuzzer keeps the input.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

[[noreturn]] inline void wrong(const char* what, std::string_view detail = {}) {
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(detail.size()), detail.data());
  std::abort();
}

inline void require(bool holds, const char* what = "a promise does not hold", std::string_view detail = {}) {
  if (!holds) wrong(what, detail);
}
