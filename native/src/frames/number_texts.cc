#include "frames/number_texts.h"

#include "frames/digits.h"
#include "kernels/cpu.h"
#include "kernels/ipv4.h"

namespace penstock::frames {

size_t parse_ipv4s(const uint8_t* bytes, const uint32_t* lengths, size_t count, int64_t* values) {
#if defined(__x86_64__)
  static const bool avx512 = cpu_has_avx512();
  if (avx512) return parse_ipv4s_avx512(bytes, lengths, count, values);
#endif
  const char* text = reinterpret_cast<const char*>(bytes);
  for (size_t i = 0; i < count; ++i) {
    uint32_t address;
    if (!read_ipv4({text, lengths[i]}, address)) return i;
    values[i] = address;
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
