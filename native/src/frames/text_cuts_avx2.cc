#if defined(__AVX2__)
#include "frames/text_cuts_impl.h"

namespace penstock::frames {
namespace {

[[gnu::always_inline]] inline size_t put_places(uint64_t bits, uint64_t less, uint32_t base, uint32_t* out) {
  const auto count = static_cast<size_t>(std::popcount(bits));
  const auto put_all = [&](auto place) {
    constexpr size_t kAtOnce = 6;  // a word hardly ever has more
    const auto put = [&](size_t i) {
      out[i] = place(static_cast<unsigned>(std::countr_zero(bits)));
      bits &= bits - 1;
    };
    for (size_t i = 0; i < kAtOnce; ++i) put(i);
    for (size_t i = kAtOnce; i < count; ++i) put(i);
  };
  // Full stops are rare in what is not prose.
  if (less == 0) [[likely]] put_all([&](unsigned bit) { return base + bit; });
  else put_all([&](unsigned bit) { return base + bit - (less >> (bit & 63) & 1); });
  return count;
}

}  // namespace

size_t find_cuts_avx2(const uint64_t* delimiters, const uint64_t* marks, const uint64_t* dots, const uint64_t* borders, size_t size,
                      uint32_t* begins, uint32_t* ends) {
  return cuts_in_one_pass<put_places>(delimiters, marks, dots, borders, size, begins, ends);
}

}  // namespace penstock::frames
#endif
