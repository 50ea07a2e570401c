// CRC-32C (Castagnoli), as Kafka's RecordBatch and the journal use it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace penstock {

/// CRC of `size` bytes, continuing `crc` (0 at the start). SSE 4.2 where there is one, else tables.
uint32_t crc32c(uint32_t crc, const void* data, size_t size);
/// The same in three lanes whatever the size, on processors that have AVX2 (and PCLMUL). `folds`: VPCLMULQDQ as well, then half of what is
/// large is multiplied meanwhile.
uint32_t crc32c_avx2(uint32_t crc, const uint8_t* p, size_t size, bool folds);
/// The table version: the oracle.
uint32_t crc32c_scalar(uint32_t crc, const void* data, size_t size);

}  // namespace penstock
