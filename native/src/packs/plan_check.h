// Whether every index of a plan is in its section, and every jump goes forward: then running it reads nothing else, and ends.
#pragma once

#include <string>

namespace penstock::packs {

class Plan;

/// False, with the place in `error`.
bool check_plan(const Plan& plan, std::string& error);

}  // namespace penstock::packs
