// Conditions of packs, and literals with which candidates are recognised.
#pragma once

#include "packs/plan.h"

namespace penstock::packs {

bool holds(const Plan& plan, const TestRow& test, std::string_view value);
bool holds(const Plan& plan, const LiteralRow& literal, std::string_view text);
/// ASCII letters in lower case, at `out` (64 bytes); a longer text is answered as it is.
std::string_view lower_case(std::string_view text, char* out);

}  // namespace penstock::packs
