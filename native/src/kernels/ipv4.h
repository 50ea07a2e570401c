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
  const __m128i bytes = _mm_set_epi64x(static_cast<int64_t>(high), static_cast<int64_t>(low));
  const auto mask = [](__m128i of) { return static_cast<unsigned>(_mm_movemask_epi8(of)); };
  const __m128i digit = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  const __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
  const unsigned digits = mask(is_digit), zeros = mask(_mm_cmpeq_epi8(digit, _mm_setzero_si128()));
  const unsigned dots = mask(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.')));
  const unsigned first = digits & ~(digits << 1);  // of each octet
  if ((digits | dots) != (1u << size) - 1 || std::popcount(dots) != 3 || std::popcount(first) != 4) return false;
  // At each digit: the number that it ends, from it and the two before it in its octet.
  const __m128i ones = _mm_and_si128(digit, is_digit);
  const __m128i tens = _mm_slli_si128(ones, 1);
  const __m128i third = _mm_and_si128(is_digit, _mm_slli_si128(is_digit, 1));
  const __m128i hundreds = _mm_and_si128(_mm_slli_si128(ones, 2), third);
  const __m128i below = _mm_add_epi8(_mm_add_epi8(_mm_slli_epi16(tens, 3), _mm_slli_epi16(tens, 1)), ones);
  const __m128i two = _mm_set1_epi8(2);
  const __m128i above_55 = _mm_cmpgt_epi8(below, _mm_set1_epi8(55));
  const __m128i above = _mm_or_si128(_mm_cmpgt_epi8(hundreds, two), _mm_and_si128(_mm_cmpeq_epi8(hundreds, two), above_55));
  const unsigned four = digits & digits << 1 & digits << 2 & digits << 3;
  if ((mask(above) | four | (first & zeros & digits >> 1)) != 0) return false;
  // Twice at most: no bit reaches the next byte.
  const __m128i hundred_times = _mm_add_epi8(_mm_add_epi8(_mm_slli_epi16(hundreds, 6), _mm_slli_epi16(hundreds, 5)),
                                             _mm_slli_epi16(hundreds, 2));
  alignas(16) uint8_t numbers[16];
  _mm_store_si128(reinterpret_cast<__m128i*>(numbers), _mm_add_epi8(below, hundred_times));
  uint32_t address = numbers[size - 1];
  unsigned left = dots;
  for (unsigned octet = 3; octet > 0; --octet, left &= left - 1)
    address |= uint32_t{numbers[std::countr_zero(left) - 1]} << (8 * octet);
  out = address;
  return true;
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
