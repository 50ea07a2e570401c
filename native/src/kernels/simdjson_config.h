// simdjson without exceptions, its instruction sets chosen at run time. AVX-512 gains nothing over AVX2 here and is
// left out.
#pragma once

#define SIMDJSON_EXCEPTIONS 0
#define SIMDJSON_IMPLEMENTATION_ICELAKE 0
#include "simdjson.h"
