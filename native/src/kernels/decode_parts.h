// What decoders of events share.
#pragma once

#include "kernels/event.h"
#include "kernels/json_text.h"
#include "kernels/utf8.h"

namespace penstock {

inline bool is_utf8(std::string_view text) { return utf8_valid_prefix(text.data(), text.size()) == text.size(); }

/// JSON text that is none is shown as what it is: text.
inline Value json_or_text(std::string_view text) {
  return is_json_text(text) ? Value::of_json(text) : Value::of_string(text);
}

/// Nothing of the event before.
inline void forget(Event& event) {
  event.reset();
  event.created_ns = 0;
  event.id = {};
  event.original = {};
  event.keep_original = false;
  event.peer = {};
}

}  // namespace penstock
