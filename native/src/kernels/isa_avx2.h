// The byte questions of isa_scalar.h, 32 bytes at a time. Only *_avx2.cc files include this.
#pragma once

#include "kernels/structure_masks.h"
#include "kernels/utf8_avx2.h"

#include <immintrin.h>

#include <cstdint>

namespace penstock {
namespace {

struct Avx2Isa {
  static constexpr unsigned kWidth = 64;
  static constexpr unsigned kCopyWidth = 32;

  static uint64_t lf(const char* p) { return bits(equal(load(p), '\n'), equal(load(p + 32), '\n')); }
  static uint64_t lf_or_nul(const char* p) {
    return bits(equals_own_nibble(load(p)), equals_own_nibble(load(p + 32)));
  }
  static uint64_t not_printable(const char* p) {
    return bits(outside_printable(load(p)), outside_printable(load(p + 32)));
  }
  static StructureMasks structure(const char* p) {
    const __m256i a = load(p), b = load(p + 32);
    const auto both = [&](char c) { return bits(equal(a, c), equal(b, c)); };
    return {both('"'), both('\\'), both(' '), both('='), both(']'), bits(outside_printable(a), outside_printable(b)),
            bits(a, b)};
  }
  static uint64_t prefix_xor(uint64_t mask) {
    const __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<int64_t>(mask)), _mm_set1_epi8(-1), 0);
    return static_cast<uint64_t>(_mm_cvtsi128_si64(product));
  }
  static uint32_t copy_name(const char* p, char* out) {
    const __m256i v = load(p);
    store(out, v);
    return bits(_mm256_or_si256(_mm256_or_si256(outside_printable(v), equal(v, '=')), quote_bracket_backslash(v)));
  }
  static uint32_t copy_value(const char* p, char* out) {
    const __m256i v = load(p);
    store(out, v);
    return bits(_mm256_or_si256(below_space(v), quote_bracket_backslash(v)));
  }
  /// Index of the lowest bit; 64 for 0.
  static unsigned lowest(uint64_t mask) { return static_cast<unsigned>(_tzcnt_u64(mask)); }
  static bool utf8(const char* p, size_t size) { return utf8_valid_avx2(p, size); }

 private:
  static __m256i load(const char* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static void store(char* p, __m256i v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  static __m256i equal(__m256i v, char c) { return _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c)); }
  static uint32_t bits(__m256i v) { return static_cast<uint32_t>(_mm256_movemask_epi8(v)); }
  static uint64_t bits(__m256i low, __m256i high) { return bits(low) | uint64_t{bits(high)} << 32; }
  static __m256i below_space(__m256i v) { return _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(31)), v); }
  // A byte looks itself up by its low nibble (a high bit yields zero): only NUL and LF find themselves.
  static __m256i equals_own_nibble(__m256i v) {
    const __m256i table = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, -1, -1, -1, -1, -1, -1, -1, -1, -1, '\n', -1, -1, -1, -1, -1));
    return _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, v), v);
  }
  // Signed: bytes from 0x80 are negative, so "less than 33" covers them too.
  static __m256i outside_printable(__m256i v) {
    return _mm256_or_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(33), v), equal(v, 127));
  }
  static __m256i quote_bracket_backslash(__m256i v) {
    return _mm256_or_si256(_mm256_or_si256(equal(v, '"'), equal(v, ']')), equal(v, '\\'));
  }
};

}  // namespace
}  // namespace penstock
