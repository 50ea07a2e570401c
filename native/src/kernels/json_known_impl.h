// Documents of which nothing but the values is new: the way through them, once for every instruction set (json_known.cc has what any x86-64
// and other processors do, json_known_avx2.cc the same by 32 bytes). `p` is always within the document or at its end; nullptr: this way
// ends here, and the document is read by its tokens.
//
// An Isa says:
//   Marks                      what text_end compares with
//   High                       whether a byte above ASCII was passed: add(bool) and any()
//   text_end(p, end, marks, high)  the first quote, backslash or control character from p on; `end` or beyond when there is none. `high` may
//                              learn of bytes behind it, too: then text is looked at that is ASCII after all
//   quote_after(p, end, high)  the quote that ends a string, from the first of its escapes on. nullptr: there is none, or a control
//                              character stands before it
//   digits_at(p)               how many digits p begins with, up to 16
//   same(kept, p, size)        whether bytes are equal; 32 of each may be read
#pragma once

#include <algorithm>

#include "kernels/json_number.h"
#include "kernels/json_reader.h"
#include "kernels/swar.h"

namespace penstock {
namespace {

/// Behind the bracket that ends the array at `p`; its content is not checked. nullptr: it does not end.
template <class Isa>
const char* array_end(const char* p, const char* end, bool& high) {
  const typename Isa::Marks marks;
  typename Isa::High above;
  for (size_t open = 0; p < end; ++p) {
    switch (*p) {
      case '"':
        p = Isa::text_end(p + 1, end, marks, above);
        if (p < end && *p == '\\') p = Isa::quote_after(p, end, high);
        if (!p || p >= end || *p != '"') return nullptr;
        break;
      case '[': case '{': ++open; break;
      case ']': case '}':
        if (--open == 0) return high |= above.any(), p + 1;
        break;
      default: high |= static_cast<signed char>(*p) < 0;
    }
  }
  return nullptr;
}

/// The first byte from `p` on that no number has, or `end`: what lies behind that may be digits without end.
inline const char* number_end(const char* p, const char* end) {
  for (; p < end; ++p) {
    const char c = *p;
    if (static_cast<unsigned char>(c - '0') < 10 || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E') continue;
    break;
  }
  return p;
}

/// The value's own key, on the way that began at `before`.
inline std::string_view key_at(const JsonStep& step, const char* before) { return {before + step.key_at, step.key_size}; }

/// Whether a text or a number becomes an attribute, whatever it says.
inline bool is_attr(const JsonTarget& target) { return target.field == EcsField::kUnknown && target.role == JsonTarget::kField; }

inline bool ends_number(char c) { return c == ',' || c == '}'; }

/// The end of a value that is `whole` digits, a point and digits. nullptr: something else stands at `p`.
template <class Isa>
const char* decimal_end(const char* p, unsigned whole) {
  if (whole - 1 >= 16 || p[whole] != '.') return nullptr;
  const char* const point = p + whole;
  unsigned fraction = Isa::digits_at(point + 1);
  if (fraction == 16) fraction += Isa::digits_at(point + 17);
  return fraction != 0 && ends_number(point[1 + fraction]) ? point + 1 + fraction : nullptr;
}

inline bool ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) < 0; });
}

/// The number that one to eight digits at `p` spell.
inline int64_t number_of(const char* p, unsigned digits) {
  return eight_digits(load64(p) << (64 - 8 * digits) & 0x0f0f0f0f0f0f0f0f);
}

}  // namespace

template <class Isa>
bool JsonParser::Impl::read_known_with(std::string_view text) {
  begin();
  JsonStep* const root = steps.begin(text, names);
  if (!root) return false;
  JsonStep* at = root;
  bool plain = steps.plain(*root), straight = true;
  by_steps = true;
  const typename Isa::Marks marks;
  typename Isa::High high;
  JsonNames::Meeting meeting(names);
  Event& to = *event;
  const size_t fields_before = to.field_count();
  uint8_t flags = 0;
  bool twice = false;
  const auto seen_here = [&, last = field_document.get(), now = document](EcsField field) {
    if (plain) return;
    twice |= last[static_cast<size_t>(field)] == now;
    last[static_cast<size_t>(field)] = now;
  };
  const char* p = text.data();
  const char* const end = p + text.size();
  for (;;) {
    JsonStep* following = steps.follow<Isa>(*at, p, end);
    if (!following) [[unlikely]] {
      // Names and fields that were not asked for on the plain way are those of what comes now, too.
      if (plain && !meet_again(*root, *at, fields_before, meeting)) return false;
      plain = straight = false;
      following = steps.find(*at, p, end);
      if (!following) return false;
    }
    at = following;
    if (!plain && !meet(*at, meeting)) return false;
    const char* const before = p;
    p += at->text_size;
    if (at->last) break;
    flags |= at->flags;
    if (p == end) return false;
    // Nearly all values are texts, or numbers of a few digits, as their fields want them.
    const JsonTarget target = at->target;
    if (*p == '"') {
      const char* const from = p + 1;
      const char* const behind = Isa::text_end(from, end, marks, high);
      if (behind >= end) return false;
      if (*behind == '"' && target.field != EcsField::kUnknown && target.type == EcsType::kString) [[likely]] {
        seen_here(target.field);
        if (!to.add_text(target.field, {from, static_cast<size_t>(behind - from)})) return false;
        p = behind + 1;
        continue;
      }
      if (*behind == '"' && is_attr(target)) {
        const std::string_view name = attr_name(*at, key_at(*at, before));
        if (!name.data() || !to.add_attr_text(name, {from, static_cast<size_t>(behind - from)})) return false;
        p = behind + 1;
        continue;
      }
      p = known_text<Isa>(*at, before, {from, static_cast<size_t>(behind - from)}, end, high);
      if (!p || p > end) return false;
      continue;
    }
    if (target.field != EcsField::kUnknown && target.type == EcsType::kInt) {
      const unsigned digits = Isa::digits_at(p);
      if (digits - 1 < 8 && ends_number(p[digits]) && (*p != '0' || digits == 1)) [[likely]] {
        seen_here(target.field);
        if (!to.add_int(target.field, number_of(p, digits))) return false;
        p += digits;
        if (p > end) return false;
        continue;
      }
    } else if (is_attr(target)) {
      const unsigned digits = Isa::digits_at(p);
      if (digits - 1 < 8 && ends_number(p[digits]) && (*p != '0' || digits == 1)) {
        const std::string_view name = attr_name(*at, key_at(*at, before));
        if (!name.data() || !to.add_attr_int(name, number_of(p, digits))) return false;
        p += digits;
        if (p > end) return false;
        continue;
      }
    }
    stand_at(*at);
    bool above = false;
    p = known_value<Isa>(target, key_at(*at, before), p, end, above);
    if (!p || p > end) return false;
    high.add(above);
  }
  if (p != end) return false;
  names.take(meeting);
  if (!plain) steps.passed(*root, straight, names.duplicate());
  field_twice |= twice;
  dotted_key = flags & JsonStep::kDottedKey;
  nested = flags & JsonStep::kNested;
  wanted = flags & JsonStep::kWanted;
  return !high.any() || tokens.utf8_valid(text);
}

/// `before`: where the way to it began; `text`: up to the first byte that may end it.
template <class Isa>
const char* JsonParser::Impl::known_text(const JsonStep& at, const char* before, std::string_view text, const char* end,
                                         typename Isa::High& high) {
  const char* const from = text.data();
  const char* to = from + text.size();
  if (*to != '"') [[unlikely]] {
    bool above = false;
    if (*to != '\\' || !(to = Isa::quote_after(to, end, above))) return nullptr;
    high.add(above);
    escaped_bytes += static_cast<size_t>(to - from);
    if (tokens.unescaped({from, static_cast<size_t>(to - from)}, *arena, text) != Problem::kNone) return nullptr;
  }
  if (at.target.role == JsonTarget::kTimestamp && put_date(text)) return to + 1;
  stand_at(at);
  return put_text(at.target, key_at(at, before), {from - 1, static_cast<size_t>(to + 2 - from)}, text) == Problem::kNone ? to + 1 : nullptr;
}

template <class Isa>
const char* JsonParser::Impl::known_value(const JsonTarget& name, std::string_view key, const char* p, const char* end, bool& high) {
  if (*p == '[') return known_array<Isa>(name, key, p, end, high);
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
      const unsigned digits = Isa::digits_at(p);
      if (ends_number(p[digits])) {  // what nearly all numbers are
        int64_t number;
        if (!short_json_int({p, digits}, number)) return nullptr;
        return put_int(name, key, {p, digits}, number) == Problem::kNone ? p + digits : nullptr;
      }
      if (const char* const behind = decimal_end<Isa>(p, digits)) {
        scalar.raw = {p, static_cast<size_t>(behind - p)};
        if (behind >= end || !parse_json_decimal(scalar.raw, digits, scalar.value)) return nullptr;
        return emit(name, key, scalar) == Problem::kNone ? behind : nullptr;
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

template <class Isa>
const char* JsonParser::Impl::known_array(const JsonTarget& name, std::string_view key, const char* p, const char* end, bool& high) {
  if (depth >= depth_max) return nullptr;
  if (p[1] == '"')
    if (const char* const behind = known_texts<Isa>(name, key, p, end)) return behind;
  // Any other array: by its own tokens.
  const char* const behind = array_end<Isa>(p, end, high);
  if (!behind || tokens.open({p, static_cast<size_t>(behind - p)}) != Problem::kNone) return nullptr;
  i = 0;
  if (read_array(name, key) != Problem::kNone || i != tokens.count()) return nullptr;
  return behind;
}

/// An array of plain ASCII texts without white space between. nullptr: it is not one, or its field wants something else, and nothing was added.
template <class Isa>
const char* JsonParser::Impl::known_texts(const JsonTarget& name, std::string_view key, const char* p, const char* end) {
  const bool repeated = name.field != EcsField::kUnknown && kEcsFields[static_cast<size_t>(name.field)].repeated;
  if (repeated && !takes_texts(name)) return nullptr;
  const char* const from = p;
  const typename Isa::Marks marks;
  for (size_t count = 0; count < Event::kMaxFields;) {
    typename Isa::High high;
    const char* const to = Isa::text_end(p += 2, end, marks, high);
    if (to >= end || *to != '"' || (high.any() && !ascii({p, static_cast<size_t>(to - p)}))) return nullptr;
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
