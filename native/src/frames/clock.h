// Time that passed, for what is measured while it runs.
#pragma once

#include <time.h>

#include <cstdint>

namespace penstock::frames {

inline uint64_t clock_ns(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

/// Cheap; goes on while the thread waits for a core.
inline uint64_t wall_ns() { return clock_ns(CLOCK_MONOTONIC); }
/// A system call; only what this thread computes.
inline uint64_t thread_ns() { return clock_ns(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace penstock::frames
