// UTF-8 validation 32 bytes at a time. J. Keiser, D. Lemire, "Validating UTF-8 in less than one instruction per byte",
// Software: Practice and Experience 51 (5), 2021. Only *_avx2.cc files include this.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace penstock {
namespace {

// What a pair of bytes can do wrong, one bit each; a pair is wrong when its three look-ups share a bit.
enum : uint8_t {
  kTooShort = 1 << 0,   // lead byte not followed by a continuation
  kTooLong = 1 << 1,    // continuation after ASCII
  kOverlong3 = 1 << 2,
  kTooLarge = 1 << 3,
  kSurrogate = 1 << 4,
  kOverlong2 = 1 << 5,
  kTooLarge1000 = 1 << 6,
  kOverlong4 = 1 << 6,
  kTwoContinuations = 1 << 7,
  kCarry = kTooShort | kTooLong | kTwoContinuations,
};

#define PENSTOCK_TABLE16(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)                                             \
  _mm256_setr_epi8(char(a), char(b), char(c), char(d), char(e), char(f), char(g), char(h), char(i), char(j), char(k), \
                   char(l), char(m), char(n), char(o), char(p), char(a), char(b), char(c), char(d), char(e), char(f), \
                   char(g), char(h), char(i), char(j), char(k), char(l), char(m), char(n), char(o), char(p))

template <int N>
inline __m256i preceding(__m256i input, __m256i before) {
  return _mm256_alignr_epi8(input, _mm256_permute2x128_si256(before, input, 0x21), 16 - N);
}
inline __m256i high_nibbles(__m256i v) { return _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0f)); }

inline __m256i utf8_errors(__m256i input, __m256i before) {
  const __m256i prev1 = preceding<1>(input, before);
  const __m256i by_first_high = _mm256_shuffle_epi8(
      PENSTOCK_TABLE16(kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTooLong,
                       kTwoContinuations, kTwoContinuations, kTwoContinuations, kTwoContinuations,
                       kTooShort | kOverlong2, kTooShort, kTooShort | kOverlong3 | kSurrogate,
                       kTooShort | kTooLarge | kTooLarge1000 | kOverlong4),
      high_nibbles(prev1));
  const __m256i by_first_low = _mm256_shuffle_epi8(
      PENSTOCK_TABLE16(kCarry | kOverlong3 | kOverlong2 | kOverlong4, kCarry | kOverlong2, kCarry, kCarry,
                       kCarry | kTooLarge, kCarry | kTooLarge | kTooLarge1000, kCarry | kTooLarge | kTooLarge1000,
                       kCarry | kTooLarge | kTooLarge1000, kCarry | kTooLarge | kTooLarge1000,
                       kCarry | kTooLarge | kTooLarge1000, kCarry | kTooLarge | kTooLarge1000,
                       kCarry | kTooLarge | kTooLarge1000, kCarry | kTooLarge | kTooLarge1000,
                       kCarry | kTooLarge | kTooLarge1000 | kSurrogate, kCarry | kTooLarge | kTooLarge1000,
                       kCarry | kTooLarge | kTooLarge1000),
      _mm256_and_si256(prev1, _mm256_set1_epi8(0x0f)));
  const __m256i by_second_high = _mm256_shuffle_epi8(
      PENSTOCK_TABLE16(kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort,
                       kTooLong | kOverlong2 | kTwoContinuations | kOverlong3 | kTooLarge1000 | kOverlong4,
                       kTooLong | kOverlong2 | kTwoContinuations | kOverlong3 | kTooLarge,
                       kTooLong | kOverlong2 | kTwoContinuations | kSurrogate | kTooLarge,
                       kTooLong | kOverlong2 | kTwoContinuations | kSurrogate | kTooLarge, kTooShort, kTooShort,
                       kTooShort, kTooShort),
      high_nibbles(input));
  const __m256i special = _mm256_and_si256(_mm256_and_si256(by_first_high, by_first_low), by_second_high);
  // Third and fourth bytes: two continuations in a row are right exactly where a long lead stands two or three before.
  const __m256i third = _mm256_subs_epu8(preceding<2>(input, before), _mm256_set1_epi8(char(0xe0 - 0x80)));
  const __m256i fourth = _mm256_subs_epu8(preceding<3>(input, before), _mm256_set1_epi8(char(0xf0 - 0x80)));
  const __m256i must_be = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8(char(0x80)));
  return _mm256_xor_si256(must_be, special);
}

/// As utf8_valid_prefix(p, size) == size. Reads at most kPadding bytes past the end.
inline bool utf8_valid_avx2(const char* p, size_t size) {
  const auto load = [](const char* at) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)); };
  // Most logs are ASCII: look for the first block that is not.
  size_t i = 0;
  for (; i + 64 <= size; i += 64)
    if (_mm256_movemask_epi8(_mm256_or_si256(load(p + i), load(p + i + 32)))) break;
  if (i + 64 > size) {
    const uint64_t high = static_cast<uint32_t>(_mm256_movemask_epi8(load(p + i))) |
                          uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(load(p + i + 32)))} << 32;
    if ((high & ((uint64_t{1} << (size - i)) - 1)) == 0) return true;
  }
  __m256i before = _mm256_setzero_si256(), errors = _mm256_setzero_si256();
  const auto zero_from = [](__m256i v, size_t count) {  // keeps the first `count` bytes (0 to 32)
    const __m256i index = _mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                           22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
    return _mm256_and_si256(v, _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(count)), index));
  };
  for (; i + 32 <= size; i += 32) {
    const __m256i input = load(p + i);
    errors = _mm256_or_si256(errors, utf8_errors(input, before));
    before = input;
  }
  // The tail, zero-filled, so that a character cut off by the end is followed by ASCII and found too short.
  const __m256i tail = zero_from(load(p + i), size - i);
  if (_mm256_movemask_epi8(tail) | _mm256_movemask_epi8(before))
    errors = _mm256_or_si256(errors, utf8_errors(tail, before));
  return _mm256_testz_si256(errors, errors);
}

}  // namespace
}  // namespace penstock
