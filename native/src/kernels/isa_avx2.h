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
  static uint64_t nonzero_digits(const char* p) { return bits(nonzero_digit(load(p)), nonzero_digit(load(p + 32))); }
  static uint64_t not_printable(const char* p) {
    return bits(outside_printable(load(p)), outside_printable(load(p + 32)));
  }
  static StructureMasks structure(const char* p) {
    const __m256i a = load(p), b = load(p + 32);
    const __m256i quote_a = equal(a, '"'), quote_b = equal(b, '"');
    const __m256i any_a = quote_bracket_backslash(a), any_b = quote_bracket_backslash(b);
    return {bits(quote_a, quote_b),
            bits(_mm256_or_si256(any_a, _mm256_or_si256(outside_printable(a), equal(a, '='))),
                 _mm256_or_si256(any_b, _mm256_or_si256(outside_printable(b), equal(b, '=')))),
            bits(_mm256_or_si256(any_a, below_space(a)), _mm256_or_si256(any_b, below_space(b)))};
  }
  static uint64_t structure_copy(const char* p, char* out) {
    return copy_value(p, out) | uint64_t{copy_value(p + 32, out + 32)} << 32;
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
  /// Whether bytes are equal; 32 of each may be read.
  static bool same(const char* kept, const char* p, size_t size) {
    const uint32_t others = ~bits(_mm256_cmpeq_epi8(load(kept), load(p)));
    if (size <= 32) return _bzhi_u32(others, static_cast<uint32_t>(size)) == 0;
    return others == 0 && std::memcmp(kept + 32, p + 32, size - 32) == 0;
  }
  /// Index of the lowest bit; 64 for 0.
  static unsigned lowest(uint64_t mask) { return static_cast<unsigned>(_tzcnt_u64(mask)); }
  /// Zeros above the highest bit; 64 for 0.
  static unsigned zeros_above(uint64_t mask) { return static_cast<unsigned>(_lzcnt_u64(mask)); }
  static bool utf8(const char* p, size_t size) { return utf8_valid_avx2(p, size); }

 private:
  static __m256i load(const char* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static void store(char* p, __m256i v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  static __m256i equal(__m256i v, char c) { return _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c)); }
  static uint32_t bits(__m256i v) { return static_cast<uint32_t>(_mm256_movemask_epi8(v)); }
  static uint64_t bits(__m256i low, __m256i high) { return bits(low) | uint64_t{bits(high)} << 32; }
  static __m256i nonzero_digit(__m256i v) {
    const __m256i from_one = _mm256_sub_epi8(v, _mm256_set1_epi8('1'));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(from_one, _mm256_set1_epi8(8)), from_one);
  }
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
