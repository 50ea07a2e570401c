// Short texts in longer ones. Nothing beyond either is read.
#pragma once

#include <bit>
#include <cstddef>
#include <string_view>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "packs/same_bytes.h"

namespace penstock::packs {

/// The first place of `mark` (not empty) in `text` at or behind `from`, else npos: by its first and last byte, sixteen places at a time. A
/// search for the first byte alone stops at each blank of a text of pairs.
inline size_t find_text(std::string_view text, std::string_view mark, size_t from) {
#if defined(__SSE2__)
  const auto load = [](const char* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); };
  const __m128i first = _mm_set1_epi8(mark.front()), last = _mm_set1_epi8(mark.back());
  const size_t to_last = mark.size() - 1;
  for (; from + to_last + 16 <= text.size(); from += 16) {
    const char* const p = text.data() + from;
    const __m128i both = _mm_and_si128(_mm_cmpeq_epi8(load(p), first), _mm_cmpeq_epi8(load(p + to_last), last));
    for (auto left = static_cast<unsigned>(_mm_movemask_epi8(both)); left != 0; left &= left - 1) {
      const auto at = static_cast<size_t>(std::countr_zero(left));
      if (same_bytes(p + at, mark.data(), mark.size())) return from + at;
    }
  }
#endif
  return text.find(mark, from);
}

}  // namespace penstock::packs
