// simdjson without exceptions, its instruction sets chosen at run time. AVX-512 takes 7 % off parsing where the processor
// runs it at full width (Zen 5).
#pragma once

#define SIMDJSON_EXCEPTIONS 0
#include "simdjson.h"
