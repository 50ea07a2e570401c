#include "kernels/crc32c.h"

#if defined(__AVX2__) && defined(__PCLMUL__)
#include <immintrin.h>

#include <array>
#include <cstring>

namespace penstock {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // Castagnoli, reflected
constexpr size_t kWordsMax = 128;             // of a lane

constexpr uint32_t kOne = 0x80000000;  // x^0, reflected

/// x^(64 w − 33) modulo the polynomial, reflected: a product without carries by it, and the crc32 instruction, append 8 w zero bytes to a CRC.
constexpr std::array<uint32_t, 2 * kWordsMax + 1> make_powers() {
  std::array<uint32_t, 2 * kWordsMax + 1> powers{};
  uint32_t power = kOne;
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

constexpr uint32_t power_of_x(size_t exponent) {
  uint32_t power = kOne;
  for (; exponent > 0; --exponent) power = (power & 1) != 0 ? power >> 1 ^ kPolynomial : power >> 1;
  return power;
}

// A block of `crc32c_folding`: what is folded, 128 bytes a round, then three lanes of 40 bytes a round.
constexpr size_t kRounds = 24, kFoldedBytes = kRounds * 128, kLaneWords = kRounds * 5, kBlockBytes = kFoldedBytes + 3 * 8 * kLaneWords;

/// What 128 bits are multiplied by to stand `bits` bits further ahead: their first half by the lower, their second by the upper 64 bits. A
/// product without carries of reflected factors is one power of x more.
struct Ahead {
  uint64_t low, high;
  constexpr explicit Ahead(size_t bits) : low(uint64_t{power_of_x(bits + 63)} << 32), high(uint64_t{power_of_x(bits - 1)} << 32) {}
};
constexpr Ahead kRound(1024), kFourth(512), kHalf(256), kNext(128);
constexpr uint32_t kPastLanes = power_of_x(64 * 3 * kLaneWords - 33);

#define PENSTOCK_FOLDING __attribute__((target("vpclmulqdq")))

PENSTOCK_FOLDING inline __m256i ahead(__m256i v, Ahead by) {
  const __m256i k = _mm256_set_epi64x(static_cast<long long>(by.high), static_cast<long long>(by.low), static_cast<long long>(by.high),
                                      static_cast<long long>(by.low));
  return _mm256_xor_si256(_mm256_clmulepi64_epi128(v, k, 0x00), _mm256_clmulepi64_epi128(v, k, 0x11));
}
inline __m256i load256(const uint8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }

/// `crc` (inverted) continued over one block: half of it by the instruction, the other half by products, at the same time.
/// V. Gopal and others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009.
PENSTOCK_FOLDING uint64_t crc32c_folding(uint64_t crc, const uint8_t* p) {
  const uint8_t *first = p + kFoldedBytes, *second = first + 8 * kLaneWords, *third = second + 8 * kLaneWords;
  uint64_t a = 0, b = 0, c = 0;
  const auto lanes = [&] {
    for (size_t i = 0; i < 40; i += 8) {
      a = _mm_crc32_u64(a, load64(first + i));
      b = _mm_crc32_u64(b, load64(second + i));
      c = _mm_crc32_u64(c, load64(third + i));
    }
    first += 40, second += 40, third += 40;
  };
  __m256i v0 = _mm256_xor_si256(load256(p), _mm256_set_epi64x(0, 0, 0, static_cast<long long>(crc))), v1 = load256(p + 32),
          v2 = load256(p + 64), v3 = load256(p + 96);
  for (size_t round = 1; round < kRounds; ++round) {
    p += 128;
    v0 = _mm256_xor_si256(ahead(v0, kRound), load256(p));
    v1 = _mm256_xor_si256(ahead(v1, kRound), load256(p + 32));
    v2 = _mm256_xor_si256(ahead(v2, kRound), load256(p + 64));
    v3 = _mm256_xor_si256(ahead(v3, kRound), load256(p + 96));
    lanes();
  }
  lanes();
  // The four vectors into one, its halves into one, and that to a CRC.
  v2 = _mm256_xor_si256(ahead(v0, kFourth), v2);
  v3 = _mm256_xor_si256(ahead(v1, kFourth), v3);
  v3 = _mm256_xor_si256(ahead(v2, kHalf), v3);
  const __m128i rest = _mm_xor_si128(_mm256_castsi256_si128(ahead(v3, kNext)), _mm256_extracti128_si256(v3, 1));
  const uint64_t folded = _mm_crc32_u64(_mm_crc32_u64(0, static_cast<uint64_t>(_mm_cvtsi128_si64(rest))),
                                        static_cast<uint64_t>(_mm_extract_epi64(rest, 1)));
  return _mm_crc32_u64(0, times(folded, kPastLanes) ^ times(a, kPowers[2 * kLaneWords]) ^ times(b, kPowers[kLaneWords])) ^ c;
}

}  // namespace

// Three lanes, of which none waits for another, whatever the size.
uint32_t crc32c_avx2(uint32_t crc, const uint8_t* p, size_t size, bool folds) {
  uint64_t a = ~crc;
  for (; folds && size >= kBlockBytes; p += kBlockBytes, size -= kBlockBytes) a = crc32c_folding(a, p);
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
