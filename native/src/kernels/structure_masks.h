// What the structured data of RFC 5424 is made of, in 64 bytes: bit i stands for byte i.
#pragma once

#include <cstdint>

namespace penstock {

struct StructureMasks {
  uint64_t quote;
  uint64_t name_end;   ///< what no SD-NAME holds: not 33 to 126, '=', ']', '"'; and the backslash, which JSON must escape
  uint64_t value_end;  ///< '"', '\', ']' and control characters
};

}  // namespace penstock
