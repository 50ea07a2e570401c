// Whether an event carries the bytes it was made of.
#pragma once

#include "kernels/event.h"

namespace penstock {

enum class KeepOriginal : uint8_t { kAuto, kAlways, kNever };

/// By what the operator set, when nothing else is done with the event. One that was not understood always keeps its bytes, and so does one
/// that was `rejected`.
inline void choose_original(Event& event, KeepOriginal keep, bool rejected) {
  if (keep == KeepOriginal::kAlways || event.failed() || rejected) event.keep_original = true;
  else if (keep == KeepOriginal::kNever) event.keep_original = false;
}

}  // namespace penstock
