#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/json_known_impl.h"

namespace penstock {
namespace {

struct Avx2Known {
  class High {
   public:
    void see(__m256i bytes) { seen_ = _mm256_or_si256(seen_, bytes); }
    void add(bool above) { see(_mm256_set1_epi8(above ? '\x80' : 0)); }
    bool any() const { return _mm256_movemask_epi8(seen_) != 0; }

   private:
    __m256i seen_ = _mm256_setzero_si256();
  };

  /// Held for the whole document: made anew for each text they cost as much as the comparison.
  struct Marks {
    __m256i quote = _mm256_set1_epi8('"'), backslash = _mm256_set1_epi8('\\'), last_control = _mm256_set1_epi8(31);
    Marks() { asm("" : "+x"(quote), "+x"(backslash), "+x"(last_control)); }
  };

  [[gnu::always_inline]] static const char* text_end(const char* p, const char* end, const Marks& marks, High& high) {
    for (; p < end; p += 32) {
      const __m256i bytes = load(p);
      high.see(bytes);
      const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, marks.last_control), bytes);
      const __m256i ends = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, marks.quote), _mm256_cmpeq_epi8(bytes, marks.backslash));
      if (const uint32_t stops = bits(_mm256_or_si256(ends, control)); stops != 0) return p + _tzcnt_u32(stops);
    }
    return p;
  }
  // As simdjson finds them: a backslash escapes what follows it where the backslashes before it are even in number.
  static const char* quote_after(const char* p, const char* end, bool& high) {
    constexpr uint32_t kEven = 0x55555555;
    uint32_t escaped_first = 0;
    for (; p < end; p += 32) {
      const __m256i bytes = load(p);
      high |= bits(bytes) != 0;
      const uint32_t backslash = bits(equal(bytes, '\\')) & ~escaped_first;
      const uint32_t follows = backslash << 1 | escaped_first;
      uint32_t carried;
      escaped_first = __builtin_add_overflow(backslash & ~kEven & ~follows, backslash, &carried);
      const uint32_t escaped = (kEven ^ carried << 1) & follows;
      const uint32_t stops = (bits(equal(bytes, '"')) & ~escaped) | bits(control(bytes));
      if (stops == 0) continue;
      p += _tzcnt_u32(stops);
      return p < end && *p == '"' ? p : nullptr;
    }
    return nullptr;
  }
  static unsigned digits_at(const char* p) {
    const __m128i digit = _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), _mm_set1_epi8('0'));
    const __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
    return _tzcnt_u32(~static_cast<uint32_t>(_mm_movemask_epi8(is_digit)));
  }
  static bool same(const char* kept, const char* p, size_t size) {
    const uint32_t first = ~bits(_mm256_cmpeq_epi8(load(kept), load(p)));
    if (size <= 32) [[likely]] return _bzhi_u32(first, static_cast<uint32_t>(size)) == 0;
    return first == 0 && std::memcmp(kept + 32, p + 32, size - 32) == 0;
  }

 private:
  static __m256i load(const char* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static __m256i equal(__m256i bytes, char c) { return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c)); }
  static __m256i control(__m256i bytes) { return _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(31)), bytes); }
  static uint32_t bits(__m256i bytes) { return static_cast<uint32_t>(_mm256_movemask_epi8(bytes)); }
};

}  // namespace

bool JsonParser::Impl::read_known_avx2(std::string_view text) { return read_known_with<Avx2Known>(text); }

}  // namespace penstock
#endif
