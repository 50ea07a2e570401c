// What the structured data of RFC 5424 is made of, in 64 bytes: bit i stands for byte i.
#pragma once

#include <cstdint>

namespace penstock {

struct StructureMasks {
  uint64_t quote, backslash, space, equals, close;
  uint64_t not_printable;  ///< not 33 to 126
  uint64_t not_ascii;      ///< from 128
};

}  // namespace penstock
