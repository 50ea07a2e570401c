// The way through known documents (json_known_impl.h) by 16 bytes at a time, or byte by byte.
#include "kernels/json_known_impl.h"

#include <bit>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace penstock {
namespace {

struct BaselineKnown {
  struct Marks {};
  class High {
   public:
    void add(bool above) { any_ |= above; }
    bool any() const { return any_; }

   private:
    bool any_ = false;
  };

#if defined(__SSE2__)
  static const char* text_end(const char* p, const char* end, Marks, High& high) {
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(' ');
    const auto marked = [&](__m128i bytes) {  // signed: bytes from 0x80 on are below space, too
      const __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
      return static_cast<uint32_t>(_mm_movemask_epi8(_mm_or_si128(marks, _mm_cmplt_epi8(bytes, space))));
    };
    for (; p < end; p += 32) {
      const __m128i first = load(p), second = load(p + 16);
      const auto above = bits(first, second);
      const uint32_t stops = (marked(first) | marked(second) << 16) & ~above;
      high.add(above != 0);
      if (stops != 0) return p + std::countr_zero(stops);
    }
    return p;
  }
  // As simdjson finds them: a backslash escapes what follows it where the backslashes before it are even in number.
  static const char* quote_after(const char* p, const char* end, bool& high) {
    constexpr uint32_t kEven = 0x55555555;
    uint32_t escaped_first = 0;
    for (; p < end; p += 32) {
      const __m128i blocks[] = {load(p), load(p + 16)};
      const auto are = [&](char c) {
        return bits(_mm_cmpeq_epi8(blocks[0], _mm_set1_epi8(c)), _mm_cmpeq_epi8(blocks[1], _mm_set1_epi8(c)));
      };
      const uint32_t above = bits(blocks[0], blocks[1]);
      const __m128i space = _mm_set1_epi8(' ');
      const uint32_t control = bits(_mm_cmplt_epi8(blocks[0], space), _mm_cmplt_epi8(blocks[1], space)) & ~above;
      const uint32_t backslash = are('\\') & ~escaped_first;
      const uint32_t follows = backslash << 1 | escaped_first;
      uint32_t carried;
      escaped_first = __builtin_add_overflow(backslash & ~kEven & ~follows, backslash, &carried);
      const uint32_t escaped = (kEven ^ carried << 1) & follows;
      high |= above != 0;
      const uint32_t stops = (are('"') & ~escaped) | control;
      if (stops == 0) continue;
      p += std::countr_zero(stops);
      return p < end && *p == '"' ? p : nullptr;
    }
    return nullptr;
  }
  static unsigned digits_at(const char* p) {
    const __m128i digit = _mm_sub_epi8(load(p), _mm_set1_epi8('0'));
    const __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
    return static_cast<unsigned>(std::countr_one(static_cast<uint32_t>(_mm_movemask_epi8(is_digit))));
  }
  static bool same(const char* kept, const char* p, size_t size) {
    if (size > 32) return std::memcmp(kept, p, size) == 0;
    const uint32_t equal = bits(_mm_cmpeq_epi8(load(kept), load(p)), _mm_cmpeq_epi8(load(kept + 16), load(p + 16)));
    return (uint64_t{~equal} & ((uint64_t{1} << size) - 1)) == 0;
  }

 private:
  static __m128i load(const char* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
  static uint32_t bits(__m128i low, __m128i high) {
    return static_cast<uint32_t>(_mm_movemask_epi8(low)) | static_cast<uint32_t>(_mm_movemask_epi8(high)) << 16;
  }
#else
  static const char* text_end(const char* p, const char* end, Marks, High& high) {
    for (; p < end; ++p) {
      const auto c = static_cast<unsigned char>(*p);
      if (c == '"' || c == '\\' || c < ' ') return p;
      high.add(c >= 0x80);
    }
    return p;
  }
  static const char* quote_after(const char* p, const char* end, bool& high) {
    for (High above;;) {
      p = text_end(p, end, {}, above);
      high |= above.any();
      if (p >= end || static_cast<unsigned char>(*p) < ' ') return nullptr;
      if (*p == '"') return p;
      if ((p += 2) >= end) return nullptr;
    }
  }
  static unsigned digits_at(const char* p) {
    unsigned size = 0;
    while (size < 16 && static_cast<unsigned char>(p[size] - '0') < 10) ++size;
    return size;
  }
  static bool same(const char* kept, const char* p, size_t size) { return std::memcmp(kept, p, size) == 0; }
#endif
};

}  // namespace

bool JsonParser::Impl::read_known_baseline(std::string_view text) { return read_known_with<BaselineKnown>(text); }

bool JsonParser::Impl::read_known(std::string_view text) {
#if defined(__x86_64__)
  if (known_by_avx2) return read_known_avx2(text);
#endif
  return read_known_baseline(text);
}

}  // namespace penstock
