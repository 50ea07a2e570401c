// Short texts compared and masks searched without a call or a branch that depends on where they happen to lie.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace penstock::frames {

inline uint64_t load64(const void* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}

/// The first `size` (1 to 8) bytes at `p`; 8 are readable.
inline uint64_t load64(const void* p, size_t size) { return load64(p) & (~uint64_t{0} >> (64 - 8 * size)); }

/// Two texts of 17 to 32 bytes.
[[gnu::always_inline]] inline bool same_up_to_32(const char* x, const char* y, size_t size) {
  const char *const p = x + size - 16, *const q = y + size - 16;
  return ((load64(x) ^ load64(y)) | (load64(x + 8) ^ load64(y + 8)) | (load64(p) ^ load64(q)) | (load64(p + 8) ^ load64(q + 8))) == 0;
}

/// 8 bytes behind both are readable.
[[gnu::always_inline]] inline bool same_bytes(const void* a, const void* b, size_t size) {
  const auto *x = static_cast<const char*>(a), *y = static_cast<const char*>(b);
  if (size > 16) return size > 32 ? std::memcmp(a, b, size) == 0 : same_up_to_32(x, y, size);
  if (size > 8) {
    return ((load64(x) ^ load64(y)) | (load64(x + size - 8) ^ load64(y + size - 8))) == 0;
  }
  return size == 0 || (load64(a) ^ load64(b)) << (64 - 8 * size) == 0;
}

/// Not 0 where the first `size` bytes differ, of which 16 at most are looked at; 16 are readable of both. No branch: sizes of literals have
/// no order that could be guessed.
[[gnu::always_inline]] inline uint32_t differ_in_16(const void* a, const void* b, size_t size) {
  const size_t looked = size < 16 ? size : 16;
#if defined(__SSE2__)
  const __m128i x = _mm_loadu_si128(static_cast<const __m128i*>(a)), y = _mm_loadu_si128(static_cast<const __m128i*>(b));
  return ~static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(x, y))) & ((1u << looked) - 1);
#else
  return !same_bytes(a, b, looked);
#endif
}

/// The same, where nothing behind either is readable.
[[gnu::always_inline]] inline bool equal_bytes(const void* a, const void* b, size_t size) {
  const auto *x = static_cast<const char*>(a), *y = static_cast<const char*>(b);
  if (size > 16) return size > 32 ? std::memcmp(a, b, size) == 0 : same_up_to_32(x, y, size);
  if (size >= 8) return ((load64(x) ^ load64(y)) | (load64(x + size - 8) ^ load64(y + size - 8))) == 0;
  if (size >= 4) {
    uint32_t heads[2], tails[2];
    std::memcpy(heads, x, 4), std::memcpy(heads + 1, y, 4);
    std::memcpy(tails, x + size - 4, 4), std::memcpy(tails + 1, y + size - 4, 4);
    return ((heads[0] ^ heads[1]) | (tails[0] ^ tails[1])) == 0;
  }
  // One to three bytes: the first, the middle and the last.
  return size == 0 || ((x[0] ^ y[0]) | (x[size / 2] ^ y[size / 2]) | (x[size - 1] ^ y[size - 1])) == 0;
}

/// The first bit that is set from `at` on, or `end`. A word behind the last is readable.
[[gnu::always_inline]] inline size_t next_bit(const uint64_t* words, size_t at, size_t end) {
  const size_t w = at / 64, shift = at % 64;
  const uint64_t window = words[w] >> shift | words[w + 1] << 1 << (63 - shift);
  size_t bit = at + static_cast<size_t>(std::countr_zero(window));
  if (window == 0) [[unlikely]] {
    bit = end;
    for (size_t i = w + 1; i * 64 < end; ++i) {
      if (words[i] == 0) continue;
      bit = i * 64 + static_cast<size_t>(std::countr_zero(words[i]));
      break;
    }
  }
  return bit < end ? bit : end;
}

/// The place behind the last bit that is set below `at`, not before `begin`. A word before the first is readable.
[[gnu::always_inline]] inline size_t after_last_bit(const uint64_t* words, size_t at, size_t begin) {
  const uint64_t* const word = words + at / 64;
  const size_t shift = at % 64;
  const uint64_t window = word[-1] >> shift | word[0] << 1 << (63 - shift);  // the 64 bits below `at`
  size_t after = at - static_cast<size_t>(std::countl_zero(window));
  if (window == 0) [[unlikely]] {
    after = begin;
    for (size_t i = at / 64; i-- > 0 && i * 64 + 64 > begin;) {
      const uint64_t bits = words[i] & (i * 64 + 64 > at ? ~uint64_t{0} >> (64 - at % 64) : ~uint64_t{0});
      if (bits == 0) continue;
      after = i * 64 + 64 - static_cast<size_t>(std::countl_zero(bits));
      break;
    }
  }
  return after > begin ? after : begin;
}

}  // namespace penstock::frames
