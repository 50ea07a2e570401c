#include "frames/number_texts.h"

#include "frames/digits.h"
#include "kernels/cpu.h"
#include "kernels/ipv4.h"

#if defined(__SSE4_2__)
#include <immintrin.h>
#endif

namespace penstock::frames {
namespace {

#if defined(__SSE4_2__)
/// By the sizes of four octets, two bits each: which byte of the text is which digit, and the least number that is written with so many.
struct Octets {
  struct {
    alignas(16) int8_t places[16];  ///< of each octet: hundreds, tens, ones, nothing
    alignas(16) uint32_t least[4];
  } of[256];
  constexpr Octets() : of() {
    constexpr uint32_t kLeast[4] = {256, 0, 10, 100};  // no octet is empty
    for (unsigned sizes = 0; sizes < 256; ++sizes) {
      unsigned at = 0;
      for (unsigned octet = 0; octet < 4; ++octet) {
        const unsigned size = sizes >> (2 * octet) & 3;
        for (unsigned digit = 0; digit < 4; ++digit)
          of[sizes].places[4 * octet + digit] = static_cast<int8_t>(digit < 3 && digit + size >= 3 ? at + digit + size - 3 : 0x80 - 0x100);
        of[sizes].least[octet] = kLeast[size];
        at += size + 1;
      }
    }
  }
};
constexpr Octets kOctets;

/// An address of `size` bytes; 16 are readable.
[[gnu::always_inline]] inline bool parse_octets(const char* text, size_t size, int64_t& value) {
  if (size - 7 > 15 - 7) return false;
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const auto dots = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.'))));
  // Bits above: there is always one to be found.
  const unsigned end = 1u << size, above = end | 7u << 16;
  unsigned left = (dots & (end - 1)) | above;
  unsigned ends[3];
  for (unsigned& at : ends) {
    at = static_cast<unsigned>(__builtin_ctz(left));
    left &= left - 1;
  }
  const unsigned first = ends[0], second = ends[1] - ends[0] - 1, third = ends[2] - ends[1] - 1;
  const unsigned fourth = static_cast<unsigned>(size) - ends[2] - 1;
  if (left != above || (first | second | third | fourth) > 3) return false;
  const auto& octets = kOctets.of[first | second << 2 | third << 4 | fourth << 6];
  const __m128i places = _mm_load_si128(reinterpret_cast<const __m128i*>(octets.places));
  const __m128i least = _mm_load_si128(reinterpret_cast<const __m128i*>(octets.least));
  const __m128i digits = _mm_shuffle_epi8(_mm_sub_epi8(bytes, _mm_set1_epi8('0')), places);
  const __m128i pairs = _mm_maddubs_epi16(digits, _mm_set1_epi32(0x00010a64));  // 100, 10 and 1 times
  const __m128i numbers = _mm_madd_epi16(pairs, _mm_set1_epi16(1));
  const __m128i wrong = _mm_or_si128(_mm_subs_epu8(digits, _mm_set1_epi8(9)),
                                     _mm_or_si128(_mm_cmpgt_epi32(least, numbers), _mm_cmpgt_epi32(numbers, _mm_set1_epi32(255))));
  if (!_mm_testz_si128(wrong, wrong)) return false;
  const __m128i packed = _mm_shuffle_epi8(numbers, _mm_setr_epi8(12, 8, 4, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
  value = static_cast<uint32_t>(_mm_cvtsi128_si32(packed));
  return true;
}
#else
inline bool parse_octets(const char* text, size_t size, int64_t& value) {
  uint32_t address;
  return read_ipv4({text, size}, address) && (value = address, true);
}
#endif

}  // namespace

size_t parse_ipv4s(const uint8_t* bytes, const uint32_t* lengths, size_t count, int64_t* values) {
#if defined(__x86_64__)
  static const bool avx512 = cpu_has_avx512();
  if (avx512) return parse_ipv4s_avx512(bytes, lengths, count, values);
#endif
  const char* text = reinterpret_cast<const char*>(bytes);
  for (size_t i = 0; i < count; ++i) {
    if (!parse_octets(text, lengths[i], values[i])) return i;
    text += lengths[i];
  }
  return count;
}

size_t parse_wholes(const uint8_t* bytes, const uint32_t* lengths, size_t count, int64_t* values) {
  for (size_t i = 0; i < count; ++i) {
    const size_t size = lengths[i];
    uint64_t value;
    if (size - 1 >= 8 || !few_digits(reinterpret_cast<const char*>(bytes), size, value) || (*bytes == '0' && size > 1)) return i;
    values[i] = static_cast<int64_t>(value);
    bytes += size;
  }
  return count;
}

}  // namespace penstock::frames
