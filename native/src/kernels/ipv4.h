// IPv4 addresses as text.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace penstock {

/// Four decimal octets without leading zeros (RFC 3986, IPv4address), no more and no less; reads nothing beyond them. Most significant
/// octet first.
#if defined(__SSE2__)
// Without a branch per digit: octets have no common length to predict.
inline bool read_ipv4(std::string_view text, uint32_t& out) {
  const size_t size = text.size();
  if (size < 7 || size > 15) return false;
  // Two parts that overlap, put together in registers: a load of what was just stored in parts would wait for it.
  uint64_t low, high = 0;
  if (size < 8) {
    uint32_t first, last;
    std::memcpy(&first, text.data(), 4);
    std::memcpy(&last, text.data() + size - 4, 4);
    low = first | uint64_t{last} << (8 * (size - 4));
  } else {
    std::memcpy(&low, text.data(), 8);
    std::memcpy(&high, text.data() + size - 8, 8);
    high = high >> 8 >> (56 - 8 * (size - 8));
  }
  alignas(16) char copy[16 + 4];
  const __m128i bytes = _mm_set_epi64x(static_cast<int64_t>(high), static_cast<int64_t>(low));
  _mm_store_si128(reinterpret_cast<__m128i*>(copy), bytes);
  std::memset(copy + 16, 0, 4);
  const __m128i digit = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  const auto digits = static_cast<unsigned>(
      _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit)));
  unsigned dots = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.'))));
  if ((digits | dots) != (1u << size) - 1 || std::popcount(dots) != 3) return false;
  dots |= 1u << size;  // ends the last octet
  bool valid = true;
  uint32_t address = 0;
  for (size_t start = 0, octet = 0; octet < 4; ++octet, dots &= dots - 1) {
    const size_t end = static_cast<size_t>(std::countr_zero(dots));
    const size_t length = end - start;
    uint32_t word;
    std::memcpy(&word, copy + start, 4);
    const uint32_t last = word << ((4 - length) * 8 & 31) & 0x0f0f0f0f;  // the octet's digits in the highest bytes
    const uint32_t value = (last >> 8 & 15) * 100 + (last >> 16 & 15) * 10 + (last >> 24);
    valid &= length - 1 < 3 && value <= 255 && (length == 1 || copy[start] != '0');
    address = address << 8 | (value & 0xff);
    start = end + 1;
  }
  out = address;
  return valid;
}
#else
inline bool read_ipv4(std::string_view text, uint32_t& out) {
  if (text.size() < 7 || text.size() > 15) return false;
  const char* p = text.data();
  const char* const end = p + text.size();
  uint32_t address = 0;
  for (int octets = 1;; ++octets) {
    const char* const first = p;
    unsigned value = 0;
    for (unsigned digit; p != end && (digit = static_cast<unsigned char>(*p - '0')) < 10; ++p) {
      value = value * 10 + digit;
    }
    if (p == first || p - first > 3 || value > 255 || (*first == '0' && p - first > 1)) return false;
    address = address << 8 | value;
    if (octets == 4) return out = address, p == end;
    if (p == end || *p++ != '.') return false;
  }
}
#endif

}  // namespace penstock
