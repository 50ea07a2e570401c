#include "kernels/crc32c.h"

#include "kernels/cpu.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace penstock {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // Castagnoli, reflected

constexpr std::array<uint32_t, 256> make_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int k = 0; k < 8; ++k) c = (c & 1) ? (c >> 1) ^ kPolynomial : c >> 1;
    table[i] = c;
  }
  return table;
}
constexpr auto kTable = make_table();

#if defined(__x86_64__)
// The CRC of `kLane` zero bytes appended is linear: tables advance a CRC over one lane in four look-ups.
constexpr size_t kLane = 1024;

constexpr uint32_t advance_zeros(uint32_t crc, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) crc = (crc >> 8) ^ kTable[crc & 255];
  return crc;
}
struct ShiftTable {
  uint32_t t[4][256];
};
constexpr ShiftTable make_shift(size_t bytes) {
  ShiftTable s{};
  uint32_t basis[32]{};
  for (int bit = 0; bit < 32; ++bit) basis[bit] = advance_zeros(1u << bit, bytes);
  for (int byte = 0; byte < 4; ++byte)
    for (uint32_t v = 0; v < 256; ++v) {
      uint32_t x = 0;
      for (int bit = 0; bit < 8; ++bit)
        if (v >> bit & 1) x ^= basis[byte * 8 + bit];
      s.t[byte][v] = x;
    }
  return s;
}
const ShiftTable kShift = make_shift(kLane);

uint32_t shift_lane(uint32_t crc) {
  return kShift.t[0][crc & 255] ^ kShift.t[1][crc >> 8 & 255] ^ kShift.t[2][crc >> 16 & 255] ^ kShift.t[3][crc >> 24];
}

uint64_t load64(const uint8_t* p) {
  uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}

// Three independent lanes hide the three-cycle latency of the crc32 instruction.
uint32_t crc32c_sse42(uint32_t crc, const uint8_t* p, size_t size) {
  uint64_t a = ~crc;
  while (size >= 3 * kLane) {
    uint64_t b = 0, c = 0;
    for (size_t i = 0; i < kLane; i += 8) {
      a = _mm_crc32_u64(a, load64(p + i));
      b = _mm_crc32_u64(b, load64(p + kLane + i));
      c = _mm_crc32_u64(c, load64(p + 2 * kLane + i));
    }
    a = shift_lane(static_cast<uint32_t>(a)) ^ b;
    a = shift_lane(static_cast<uint32_t>(a)) ^ c;
    p += 3 * kLane;
    size -= 3 * kLane;
  }
  for (; size >= 8; p += 8, size -= 8) a = _mm_crc32_u64(a, load64(p));
  auto tail = static_cast<uint32_t>(a);
  for (; size > 0; ++p, --size) tail = _mm_crc32_u8(tail, *p);
  return ~tail;
}
#endif

}  // namespace

uint32_t crc32c_scalar(uint32_t crc, const void* data, size_t size) {
  const auto* p = static_cast<const uint8_t*>(data);
  uint32_t c = ~crc;
  for (size_t i = 0; i < size; ++i) c = (c >> 8) ^ kTable[(c ^ p[i]) & 255];
  return ~c;
}

uint32_t crc32c(uint32_t crc, const void* data, size_t size) {
#if defined(__x86_64__)
  static const bool avx2 = cpu_has_avx2(), folds = avx2 && __builtin_cpu_supports("vpclmulqdq");
  if (avx2) return crc32c_avx2(crc, static_cast<const uint8_t*>(data), size, folds);
  return crc32c_sse42(crc, static_cast<const uint8_t*>(data), size);
#else
  return crc32c_scalar(crc, data, size);
#endif
}

}  // namespace penstock
