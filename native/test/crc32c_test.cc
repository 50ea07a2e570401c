// CRC-32C against the published vectors (RFC 3720, appendix B.4) and against a bit-at-a-time oracle.
#include "kernels/crc32c.h"

#include <cstdint>
#include <string>
#include <vector>

#include "check.h"
#include "kernels/cpu.h"

static uint32_t oracle(const uint8_t* bytes, size_t size) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < size; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0x82f63b78u : 0);
  }
  return ~crc;
}

int main() {
  using penstock::crc32c;
  CHECK_EQ(crc32c(0, "123456789", 9), 0xe3069283u);
  const std::vector<uint8_t> zeros(32, 0);
  CHECK_EQ(crc32c(0, zeros.data(), zeros.size()), 0x8a9136aau);
  const std::vector<uint8_t> ones(32, 0xff);
  CHECK_EQ(crc32c(0, ones.data(), ones.size()), 0x62a8ab43u);

  std::vector<uint8_t> bytes(20'000);
  uint32_t state = 1;
  for (auto& byte : bytes) byte = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  std::vector<size_t> sizes = {1023, 3071, 3072, 3073, 6144, 9999, 5951, 5952, 5953, 11'903, 11'904, 12'000, 19'999};
  for (size_t size = 0; size < 400; ++size) sizes.push_back(size);
  for (const size_t size : sizes) {
    for (size_t start : {0, 1}) {
      const uint32_t expected = oracle(bytes.data() + start, size);
      CHECK_EQ(crc32c(0, bytes.data() + start, size), expected);
      CHECK_EQ(penstock::crc32c_scalar(0, bytes.data() + start, size), expected);
#if defined(__x86_64__)
      if (penstock::cpu_has_avx2()) CHECK_EQ(penstock::crc32c_avx2(0, bytes.data() + start, size, false), expected);
#endif
      const size_t half = size / 2;  // continued in two pieces
      CHECK_EQ(crc32c(crc32c(0, bytes.data() + start, half), bytes.data() + start + half, size - half), expected);
    }
  }
  // What is folded comes in blocks of 5,952 bytes: every tail behind one and behind two, at every place within a vector.
  for (const size_t blocks : {5952, 2 * 5952}) {
    for (size_t n = 0; n < 128; ++n) {
      const uint8_t* const begin = bytes.data() + n % 32;
      CHECK_EQ(crc32c(~state + static_cast<uint32_t>(n), begin, blocks + n - 64),
               penstock::crc32c_scalar(~state + static_cast<uint32_t>(n), begin, blocks + n - 64));
    }
  }
  return check::done();
}
