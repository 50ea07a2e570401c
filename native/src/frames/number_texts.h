// Written numbers of a whole column at once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace penstock::frames {

/// Texts that follow each other in `bytes` (32 more are readable) from `at` on are IPv4 addresses as RFC 3986 writes them: their numbers to
/// `values`. Stops at the first that is not; how many are.
size_t parse_ipv4s(const uint8_t* bytes, const uint32_t* lengths, size_t count, int64_t* values);
/// The same, on processors that have AVX-512.
size_t parse_ipv4s_avx512(const uint8_t* bytes, const uint32_t* lengths, size_t count, int64_t* values);

/// As `parse_ipv4s`, of whole numbers of one to eight digits as one writes them, without sign; 8 more bytes are readable.
size_t parse_wholes(const uint8_t* bytes, const uint32_t* lengths, size_t count, int64_t* values);

}  // namespace penstock::frames
