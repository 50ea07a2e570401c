// simdjson itself, compiled once: each instruction set is a region of its own with run-time dispatch.
#include "kernels/simdjson_config.h"

#include "simdjson.cpp"
