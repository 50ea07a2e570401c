// Values made into other values: letters, hardware addresses, numbers.
#pragma once

#include "kernels/event.h"
#include "packs/plan_rows.h"

namespace penstock::packs {

std::string_view trimmed(std::string_view text);
/// kLower, kUpper (ASCII), kMac ("00:11:22:aa:bb:cc", "0011.22aa.bbcc" → "00-11-22-AA-BB-CC", as ECS has them). data() == nullptr:
/// it does not fit, or the arena is full.
std::string_view convert_text(Convert convert, std::string_view text, Arena& arena);
/// A decimal number times `factor` (text of a number); with an empty factor: hexadecimal digits, "0x" or not.
bool to_number(std::string_view text, std::string_view factor, Value& out);

}  // namespace penstock::packs
