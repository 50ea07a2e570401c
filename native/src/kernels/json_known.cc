// Documents of which nothing but the values is new. `p` is always within the document or at its end; nullptr: this way ends here, and the
// document is read by its tokens.
#include <bit>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "kernels/json_number.h"
#include "kernels/json_reader.h"

namespace penstock {
namespace {

/// The first quote, backslash or control character from `p` on; `end` or beyond when there is none. `high`: a byte above ASCII came before.
inline const char* text_end(const char* p, const char* end, bool& high) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(' ');
  const auto marked = [&](__m128i bytes) {  // signed: bytes from 0x80 on are below space, too
    const __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
    return static_cast<uint32_t>(_mm_movemask_epi8(_mm_or_si128(marks, _mm_cmplt_epi8(bytes, space))));
  };
  for (; p < end; p += 32) {
    const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16));
    const auto above = static_cast<uint32_t>(_mm_movemask_epi8(first)) | static_cast<uint32_t>(_mm_movemask_epi8(second)) << 16;
    const uint32_t stops = (marked(first) | marked(second) << 16) & ~above;
    if (stops == 0) {
      high |= above != 0;
      continue;
    }
    const auto at = static_cast<unsigned>(std::countr_zero(stops));
    high |= (above & ((1u << at) - 1)) != 0;
    return p + at;
  }
#else
  for (; p < end; ++p) {
    const auto c = static_cast<unsigned char>(*p);
    if (c == '"' || c == '\\' || c < ' ') return p;
    high |= c >= 0x80;
  }
#endif
  return p;
}

/// The quote that ends a string, from the first of its escapes on. nullptr: there is none, or a control character stands before it.
const char* quote_after(const char* p, const char* end, bool& high) {
#if defined(__SSE2__)
  // As simdjson finds them: a backslash escapes what follows it where the backslashes before it are even in number.
  constexpr uint32_t kEven = 0x55555555;
  uint32_t escaped_first = 0;
  for (; p < end; p += 32) {
    const __m128i blocks[] = {_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16))};
    const auto bits = [](__m128i a, __m128i b) {
      return static_cast<uint32_t>(_mm_movemask_epi8(a)) | static_cast<uint32_t>(_mm_movemask_epi8(b)) << 16;
    };
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
#else
  for (;;) {
    p = text_end(p, end, high);
    if (p >= end || static_cast<unsigned char>(*p) < ' ') return nullptr;
    if (*p == '"') return p;
    if ((p += 2) >= end) return nullptr;
  }
#endif
}

/// Behind the bracket that ends the array at `p`; its content is not checked. nullptr: it does not end.
const char* array_end(const char* p, const char* end, bool& high) {
  for (size_t open = 0; p < end; ++p) {
    switch (*p) {
      case '"':
        p = text_end(p + 1, end, high);
        if (p < end && *p == '\\') p = quote_after(p, end, high);
        if (!p || p >= end || *p != '"') return nullptr;
        break;
      case '[': case '{': ++open; break;
      case ']': case '}':
        if (--open == 0) return p + 1;
        break;
      default: high |= static_cast<signed char>(*p) < 0;
    }
  }
  return nullptr;
}

/// How many digits `p` begins with, up to 16.
inline unsigned digits_at(const char* p) {
#if defined(__SSE2__)
  const __m128i digit = _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), _mm_set1_epi8('0'));
  const __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
  return static_cast<unsigned>(std::countr_one(static_cast<uint32_t>(_mm_movemask_epi8(is_digit))));
#else
  unsigned size = 0;
  while (size < 16 && static_cast<unsigned char>(p[size] - '0') < 10) ++size;
  return size;
#endif
}

/// The first byte from `p` on that no number has, or `end`: what lies behind that may be digits without end.
const char* number_end(const char* p, const char* end) {
  for (; p < end; ++p) {
    const char c = *p;
    if (static_cast<unsigned char>(c - '0') < 10 || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E') continue;
    break;
  }
  return p;
}

}  // namespace

bool JsonParser::Impl::read_known(std::string_view text) {
  begin();
  JsonStep* step = steps.begin(text, names);
  if (!step) return false;
  by_steps = true;
  bool high = false;
  const char* p = text.data();
  const char* const end = p + text.size();
  for (;;) {
    step = steps.follow(*step, p, end);
    if (!step) return false;
    bool held = true;
    for (size_t n = 0; n < step->names; ++n) held &= names.meet(step->places[n], step->ids[n]);
    if (!held) return false;
    const std::string_view key(p + step->key_at, step->key_size);
    p += step->text_size;
    if (step->last) break;
    dotted_key |= step->dotted_key;
    nested |= step->nested;
    wanted |= step->wanted;
    depth = step->depth;
    objects[depth - 1].prefix_size = step->prefix_size;
    prefix = step->prefix;
    if (p == end || !(p = known_value(step->target, key, p, end, high)) || p > end) return false;
  }
  if (p != end) return false;
  return !high || tokens.utf8_valid(text);
}

const char* JsonParser::Impl::known_value(const JsonTarget& name, std::string_view key, const char* p, const char* end, bool& high) {
  if (*p == '"') [[likely]] return known_text(name, key, p, end, high);
  if (*p == '[') return known_array(name, key, p, end, high);
  JsonScalar scalar;
  size_t size;
  switch (*p) {
    case '{':
      if (end - p < 2 || p[1] != '}' || depth >= depth_max) return nullptr;
      scalar.raw = {p, 2};
      scalar.value = Value::of_json(scalar.raw);
      return emit(name, key, scalar) == Problem::kNone ? p + 2 : nullptr;
    case 't': case 'n': size = 4; break;
    case 'f': size = 5; break;
    default: {
      if (const unsigned digits = digits_at(p); p[digits] == ',' || p[digits] == '}') {  // what nearly all numbers are
        int64_t number;
        if (!short_json_int({p, digits}, number)) return nullptr;
        return put_int(name, key, {p, digits}, number) == Problem::kNone ? p + digits : nullptr;
      }
      const char* const behind = number_end(p, end);
      if (behind == end) return nullptr;
      size = static_cast<size_t>(behind - p);
      if (int64_t number; static_cast<unsigned>(*p - '0') < 10 && short_json_int({p, size}, number))
        return put_int(name, key, {p, size}, number) == Problem::kNone ? behind : nullptr;
    }
  }
  if (size == 0 || size > static_cast<size_t>(end - p) || scalar_of({p, size}, scalar) != Problem::kNone) return nullptr;
  return emit(name, key, scalar) == Problem::kNone ? p + size : nullptr;
}

const char* JsonParser::Impl::known_text(const JsonTarget& name, std::string_view key, const char* p, const char* end, bool& high) {
  const char* const from = p + 1;
  const char* to = text_end(from, end, high);
  if (to >= end) return nullptr;
  std::string_view text(from, static_cast<size_t>(to - from));
  if (*to != '"') [[unlikely]] {
    if (*to != '\\' || !(to = quote_after(to, end, high))) return nullptr;
    escaped_bytes += static_cast<size_t>(to - from);
    if (tokens.unescaped({from, static_cast<size_t>(to - from)}, *arena, text) != Problem::kNone) return nullptr;
  }
  return put_text(name, key, {p, static_cast<size_t>(to + 1 - p)}, text) == Problem::kNone ? to + 1 : nullptr;
}

const char* JsonParser::Impl::known_array(const JsonTarget& name, std::string_view key, const char* p, const char* end, bool& high) {
  if (depth >= depth_max) return nullptr;
  if (p[1] == '"')
    if (const char* const behind = known_texts(name, key, p, end)) return behind;
  // Any other array: by its own tokens.
  const char* const behind = array_end(p, end, high);
  if (!behind || tokens.open({p, static_cast<size_t>(behind - p)}) != Problem::kNone) return nullptr;
  i = 0;
  if (read_array(name, key) != Problem::kNone || i != tokens.count()) return nullptr;
  return behind;
}

/// An array of plain ASCII texts without white space between. nullptr: it is not one, or its field wants something else, and nothing was added.
const char* JsonParser::Impl::known_texts(const JsonTarget& name, std::string_view key, const char* p, const char* end) {
  const bool repeated = name.field != EcsField::kUnknown && kEcsFields[static_cast<size_t>(name.field)].repeated;
  if (repeated && !takes_texts(name)) return nullptr;
  const char* const from = p;
  for (size_t count = 0; count < Event::kMaxFields;) {
    bool high = false;
    const char* const to = text_end(p += 2, end, high);
    if (to >= end || *to != '"' || high) return nullptr;
    if (repeated) {
      const std::string_view text(p, static_cast<size_t>(to - p));
      if (!text_fits(name, text)) return nullptr;
      elements[count].kind = ValueKind::kString;
      elements[count].text = text;
    }
    ++count;
    p = to + 1;
    if (*p == ']') {
      if (p >= end) return nullptr;
      ++p;
      if (repeated) return add_elements(name.field, count) == Problem::kNone ? p : nullptr;
      const std::string_view raw(from, static_cast<size_t>(p - from));
      return emit(name, key, {Value::of_json(raw), raw}) == Problem::kNone ? p : nullptr;
    }
    if (*p != ',' || p[1] != '"') return nullptr;
  }
  return nullptr;
}

}  // namespace penstock
