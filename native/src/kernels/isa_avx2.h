// The byte questions of isa_scalar.h, 32 bytes at a time. Only *_avx2.cc files include this.
#pragma once

#include "kernels/utf8_avx2.h"

#include <immintrin.h>

#include <cstdint>

namespace penstock {
namespace {

struct Avx2Isa {
  using Mask = uint32_t;
  static constexpr unsigned kWidth = 32;

  static Mask lf(const char* p) { return bits(equal(load(p), '\n')); }
  static Mask lf_or_nul(const char* p) {
    const __m256i v = load(p);
    return bits(_mm256_or_si256(equal(v, '\n'), equal(v, 0)));
  }
  static Mask not_printable(const char* p) { return bits(outside_printable(load(p))); }
  static Mask copy_name(const char* p, char* out) {
    const __m256i v = load(p);
    store(out, v);
    return bits(_mm256_or_si256(_mm256_or_si256(outside_printable(v), equal(v, '=')), quote_bracket_backslash(v)));
  }
  static Mask copy_value(const char* p, char* out) {
    const __m256i v = load(p);
    store(out, v);
    const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(31)), v);
    return bits(_mm256_or_si256(control, quote_bracket_backslash(v)));
  }
  static bool utf8(const char* p, size_t size) { return utf8_valid_avx2(p, size); }

 private:
  static __m256i load(const char* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static void store(char* p, __m256i v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  static __m256i equal(__m256i v, char c) { return _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c)); }
  static Mask bits(__m256i v) { return static_cast<Mask>(_mm256_movemask_epi8(v)); }
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
