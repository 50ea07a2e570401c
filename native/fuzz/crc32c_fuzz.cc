// The instruction's CRC-32C against the table's, in one piece and cut at a place the input chooses.
#include "kernels/crc32c.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const uint32_t expected = penstock::crc32c_scalar(0, data, size);
  if (penstock::crc32c(0, data, size) != expected) __builtin_trap();
  const size_t cut = size == 0 ? 0 : data[0] * size / 256;
  if (penstock::crc32c(penstock::crc32c(0, data, cut), data + cut, size - cut) != expected) __builtin_trap();
  return 0;
}
