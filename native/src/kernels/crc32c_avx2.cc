#include "kernels/crc32c.h"

#if defined(__AVX2__) && defined(__PCLMUL__)
#include <immintrin.h>

#include <array>
#include <cstring>

namespace penstock {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // Castagnoli, reflected
constexpr size_t kWordsMax = 128;             // of a lane

/// x^(64 w − 33) modulo the polynomial, reflected: a product without carries by it, and the crc32 instruction, append 8 w zero bytes to a CRC.
constexpr std::array<uint32_t, 2 * kWordsMax + 1> make_powers() {
  std::array<uint32_t, 2 * kWordsMax + 1> powers{};
  uint32_t power = 0x80000000;
  for (size_t exponent = 0, w = 1; w < powers.size(); ++exponent) {
    if (exponent == 64 * w - 33) powers[w++] = power;
    power = (power & 1) != 0 ? power >> 1 ^ kPolynomial : power >> 1;
  }
  return powers;
}
constexpr auto kPowers = make_powers();

uint64_t load64(const uint8_t* p) {
  uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}

uint64_t times(uint64_t crc, uint32_t power) {
  const __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(crc)), _mm_cvtsi32_si128(static_cast<int>(power)), 0);
  return static_cast<uint64_t>(_mm_cvtsi128_si64(product));
}

}  // namespace

// Three lanes, of which none waits for another, whatever the size.
uint32_t crc32c_avx2(uint32_t crc, const uint8_t* p, size_t size) {
  uint64_t a = ~crc;
  while (size >= 48) {
    const size_t words = size < 24 * kWordsMax ? size / 24 : kWordsMax;
    const uint8_t *second = p + 8 * words, *third = second + 8 * words;
    uint64_t b = 0, c = 0;
    for (size_t i = 0; i < 8 * words; i += 8) {
      a = _mm_crc32_u64(a, load64(p + i));
      b = _mm_crc32_u64(b, load64(second + i));
      c = _mm_crc32_u64(c, load64(third + i));
    }
    a = _mm_crc32_u64(0, times(a, kPowers[2 * words]) ^ times(b, kPowers[words])) ^ c;
    p += 24 * words;
    size -= 24 * words;
  }
  for (; size >= 8; p += 8, size -= 8) a = _mm_crc32_u64(a, load64(p));
  auto tail = static_cast<uint32_t>(a);
  if (size & 4) {
    uint32_t word;
    std::memcpy(&word, p, 4);
    tail = _mm_crc32_u32(tail, word);
    p += 4;
  }
  if (size & 2) {
    uint16_t word;
    std::memcpy(&word, p, 2);
    tail = _mm_crc32_u16(tail, word);
    p += 2;
  }
  if (size & 1) tail = _mm_crc32_u8(tail, *p);
  return ~tail;
}

}  // namespace penstock
#endif
