#include "frames/text_cuts.h"

#include <bit>

#include "kernels/cpu.h"

namespace penstock::frames {
namespace {

/// `from` and all bits above that are reached through set bits of `through`, one by one: an addition carries them there.
uint64_t fill_up(uint64_t from, uint64_t through) {
  const uint64_t seeds = from << 1 & through;
  return from | seeds | (((through + seeds) ^ through) & through);
}

uint64_t fill_down(uint64_t from, uint64_t through) {
  for (unsigned step = 1; step < 64; step *= 2) {
    from |= through & from >> step;
    through &= through >> step;
  }
  return from;
}

/// `put(i, place)` for the i-th bit of a word, and some more that mean nothing; how many bits there are.
template <class Put>
[[gnu::always_inline]] inline size_t each_bit(uint64_t bits, Put put) {
  constexpr size_t kAtOnce = 8;  // a word hardly ever has more
  const auto count = static_cast<size_t>(std::popcount(bits));
  for (size_t i = 0; i < kAtOnce; ++i, bits &= bits - 1) put(i, static_cast<uint32_t>(std::countr_zero(bits)));
  for (size_t i = kAtOnce; i < count; ++i, bits &= bits - 1) put(i, static_cast<uint32_t>(std::countr_zero(bits)));
  return count;
}

}  // namespace

size_t find_cuts(const uint64_t* delimiters, uint64_t* marks, const uint64_t* dots, const uint64_t* borders, size_t size, uint32_t* begins,
                 uint32_t* ends) {
#if defined(__x86_64__)
  static const bool avx512 = cpu_has_avx512(), avx2 = cpu_has_avx2() && cpu_deposits_fast();
  if (avx512) return find_cuts_avx512(delimiters, marks, dots, borders, size, begins, ends);
  if (avx2) return find_cuts_avx2(delimiters, marks, dots, borders, size, begins, ends);
#endif
  return find_cuts_scalar(delimiters, marks, dots, borders, size, begins, ends);
}

size_t find_cuts_scalar(const uint64_t* delimiters, uint64_t* marks, const uint64_t* dots, const uint64_t* borders, size_t size,
                        uint32_t* begins, uint32_t* ends) {
  const size_t words = size / 64 + 1;
  // Every mark up to its token's end.
  uint64_t carry = 0;
  for (size_t w = 0; w < words; ++w) {
    const uint64_t token = ~delimiters[w], through = token & ~borders[w];
    marks[w] = fill_up((marks[w] & token) | (carry & through), through);
    carry = marks[w] >> 63;
  }
  // And down to its begin: a bit is reached from the next higher one where no text begins at that.
  uint64_t from_above = 0, border_above = 1;
  for (size_t w = words; w-- > 0;) {
    const uint64_t border_next = borders[w] >> 1 | border_above << 63;
    const uint64_t through = ~delimiters[w] & ~border_next;
    marks[w] = fill_down(marks[w] | (from_above << 63 & through), through);
    from_above = marks[w] & 1;
    border_above = borders[w] & 1;
  }
  size_t begun = 0, ended = 0;
  uint64_t before = 0, raw_before = 0;  // the bit below the word, with and without its full stop
  for (size_t w = 0; w < words; ++w) {
    const uint64_t token = marks[w], border = borders[w];
    uint64_t kept = token;
    if (dots) {
      const bool more = w + 1 < words;
      const uint64_t next = more ? marks[w + 1] & ~borders[w + 1] & 1 : 0;
      const uint64_t goes_on = (token & ~border) >> 1 | next << 63;
      const uint64_t first = token & (~(token << 1 | raw_before) | border);
      kept = token & ~(dots[w] & ~goes_on & ~first);
    }
    const uint64_t below = kept << 1 | before;
    const auto base = static_cast<uint32_t>(w * 64);
    begun += each_bit(kept & (~below | border), [&](size_t i, uint32_t bit) { begins[begun + i] = base + bit; });
    ended += each_bit(below & (~kept | border), [&](size_t i, uint32_t bit) { ends[ended + i] = base + bit; });
    before = kept >> 63;
    raw_before = token >> 63;
  }
  return begun;
}

}  // namespace penstock::frames
