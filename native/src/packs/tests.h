// Conditions of packs, and literals with which candidates are recognised.
#pragma once

#include "packs/plan.h"

namespace penstock::packs {

bool holds(const Plan& plan, const TestRow& test, std::string_view value);
bool holds(const Plan& plan, const LiteralRow& literal, std::string_view text);
/// What is compared without regard to case at a time; values of packs are at most half as long (engine/formats/read-condition.ts).
inline constexpr size_t kFoldBytes = 512;
/// ASCII letters in lower case, at `out`. At most kFoldBytes.
std::string_view lower_case(std::string_view text, char* out);

}  // namespace penstock::packs
