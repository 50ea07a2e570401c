// Values of a JSON object as the texts that steps work on, and back.
#pragma once

#include "packs/blocks/extracted.h"
#include "kernels/event.h"

namespace penstock::packs {

inline constexpr size_t kValueTextMax = 40;

/// The value as text: a string's content, a number's digits, an array's JSON. In `digits` where it has no text of its own. A date of
/// an ECS field is its nanoseconds.
std::string_view value_text(const Value& value, char (&digits)[kValueTextMax]);

/// null, "", {} and [] say nothing.
bool says_nothing(const Value& value);

/// A number, true, false, an array or an object, from its JSON text; what is none of these as a string.
Value json_value(std::string_view text);

/// The content of a JSON string with its quotes, escapes resolved in `arena`; as written where there is no memory.
std::string_view json_string(std::string_view quoted, Arena& arena, Extracted& notes);

}  // namespace penstock::packs
