// JSON numbers without loss.
#pragma once

#include "kernels/event.h"

namespace penstock {

/// Reads `text`, which must be one JSON number and nothing else (RFC 8259 section 6); false when it is not.
/// The value is kInt64, or kDouble when the nearest double's shortest text is the same number, or kJson with the
/// raw text.
bool parse_json_number(std::string_view text, Value& value);

/// The check alone.
bool json_number_valid(std::string_view text);

}  // namespace penstock
