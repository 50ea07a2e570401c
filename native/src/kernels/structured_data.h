// STRUCTURED-DATA of RFC 5424, section 6.3, to JSON text: {"id":{"name":"value"}}. A name that comes more than once in
// an element (as RFC 5424 allows: [origin ip="…" ip="…"]) becomes an array: {"origin":{"ip":["…","…"]}}.
#pragma once

#include "kernels/common.h"
#include "kernels/name_set.h"
#include "kernels/problems.h"
#include "kernels/structured_data_memory.h"
#include "kernels/structured_data_plain.h"

#include <bit>

namespace penstock {
namespace {

template <class Isa>
class StructuredData {
 public:
  /// `out` to `limit` is room for the JSON; kPadding bytes after `limit` may be overwritten.
  StructuredData(const char* p, const char* end, char* out, char* limit)
      : p_(p), end_(end), out_(out), limit_(limit) {}

  /// Parses from '['. False: `problem()` met at `at()`. True: at() is the byte after the last ']'.
  bool parse(StructuredDataMemory* memory) {
    StructuredDataShape* const shape = memory ? &memory->shape_of(p_) : nullptr;
    if (shape && shape->values != 0 && known(*shape)) return plain_ = true;
    PlainStructuredData<Isa> plain;
    if (plain.parse(p_, end_, out_, limit_)) {
      if (shape) shape->learn({p_, static_cast<size_t>(plain.at() - p_)}, {out_, static_cast<size_t>(plain.out() - out_)});
      plain_ = true;
      p_ = plain.at();
      out_ = plain.out();
      return true;
    }
    return parse_any();
  }

  /// The same without the short cut for plain structured data.
  bool parse_any() {
    *out_++ = '{';
    NameSet ids;
    do {
      ++p_;
      if (ids.count() > 0) *out_++ = ',';
      if (!element(ids)) return false;
    } while (p_ < end_ && *p_ == '[');
    *out_++ = '}';
    return out_ <= limit_ || fail(Problem::kTooComplex);
  }

  const char* at() const { return p_ < end_ ? p_ : end_; }
  char* out() const { return out_; }
  Problem problem() const { return problem_; }
  /// Nothing had to be escaped or grouped: structured_data_text.h says the same of the bytes.
  bool plain() const { return plain_; }

 private:
  /// Reads data of which nothing but the values is new. False: it is other data, and nothing was read.
  bool known(const StructuredDataShape& shape) {
    const char* p = p_;
    char* out = out_;
    for (size_t n = 0;; ++n) {
      const StructuredDataShape::Piece& piece = shape.pieces[n];
      if (piece.text_size > end_ - p || out > limit_ || !Isa::same(piece.text, p, piece.text_size)) return false;
      std::memcpy(out, piece.json, StructuredDataShape::kJsonMax);
      p += piece.text_size;
      out += piece.json_size;
      if (n == shape.values) break;
      unsigned run;
      do {
        if (p >= end_ || out > limit_) return false;
        run = Isa::lowest(Isa::structure_copy(p, out));
        p += run;
        out += run;
      } while (run == 64);
      if (p >= end_ || *p != '"') return false;
    }
    if (out > limit_ || (p < end_ && *p == '[')) return false;
    p_ = p;
    out_ = out;
    return true;
  }

  static constexpr unsigned kMaxName = 32;
  static constexpr unsigned kMaxParams = 1024;

  struct Param {
    const char* value;  // after the opening quote
    uint16_t next;      // the next of the same name, or 0
  };

  bool fail(Problem problem = Problem::kSyslogStructuredData) {
    problem_ = problem;
    return false;
  }

  // id *(SP name="value") ']'
  bool element(NameSet& ids) {
    const char* const id = p_;
    if (!name()) return false;
    const int known = ids.add(id, static_cast<uint32_t>(p_ - id));
    if (known != NameSet::kNew) {
      p_ = id;
      return fail(known == NameSet::kFull ? Problem::kTooManyFields : Problem::kSyslogStructuredData);
    }
    *out_++ = ':';
    const char* const params = p_;
    char* const object = out_;
    *out_++ = '{';
    NameSet names;
    while (p_ < end_ && *p_ == ' ') {
      ++p_;
      if (names.count() > 0) *out_++ = ',';
      const char* const from = p_;
      if (!name()) return false;
      if (p_ >= end_ || *p_ != '=') return fail();
      const int earlier = names.add(from, static_cast<uint32_t>(p_ - from));
      if (earlier == NameSet::kFull) return fail(Problem::kTooManyFields);
      if (earlier != NameSet::kNew) {
        p_ = params;
        out_ = object;
        return grouped_params();
      }
      *out_++ = ':';
      if (!quoted()) return false;
    }
    return element_end();
  }
  bool element_end() {
    if (p_ >= end_ || *p_ != ']') return fail();
    ++p_;
    *out_++ = '}';
    return true;
  }

  // The same when a name comes twice: collect first, then write each name with all its values.
  bool grouped_params() {
    NameSet names;
    Param list[kMaxParams];
    uint16_t first_of[NameSet::kCapacity], last_of[NameSet::kCapacity];
    const char* name_of[NameSet::kCapacity];
    unsigned count = 0;
    char* const start = out_;
    while (p_ < end_ && *p_ == ' ') {
      const char* const from = ++p_;
      out_ = start;  // only the reading matters here
      if (!name()) return false;
      if (p_ >= end_ || *p_ != '=') return fail();
      if (count == kMaxParams) return fail(Problem::kTooManyFields);
      const int earlier = names.add(from, static_cast<uint32_t>(p_ - from));
      if (earlier == NameSet::kFull) return fail(Problem::kTooManyFields);
      const auto index = static_cast<uint16_t>(count++);
      if (earlier == NameSet::kNew) {
        first_of[names.count() - 1] = last_of[names.count() - 1] = index;
        name_of[names.count() - 1] = from;
      } else {
        list[last_of[earlier]].next = index;
        last_of[earlier] = index;
      }
      list[index] = {p_ + 1, 0};
      if (!quoted()) return false;
    }
    const char* const after = p_;
    out_ = start;
    *out_++ = '{';
    for (unsigned i = 0; i < names.count(); ++i) {
      if (i > 0) *out_++ = ',';
      p_ = name_of[i];
      if (!name()) return false;
      *out_++ = ':';
      const bool many = list[first_of[i]].next != 0;
      if (many) *out_++ = '[';
      for (uint16_t index = first_of[i];;) {
        p_ = list[index].value - 1;
        if (!quoted()) return false;
        index = list[index].next;
        if (index == 0) break;
        *out_++ = ',';
      }
      if (many) *out_++ = ']';
    }
    p_ = after;
    return element_end();
  }

  // SD-NAME at p_, written as a JSON string; p_ ends at what follows it.
  bool name() {
    const char* const from = p_;
    *out_++ = '"';
    for (;;) {
      if (out_ > limit_) return fail(Problem::kTooComplex);
      const auto mask = Isa::copy_name(p_, out_);
      const unsigned run = mask ? static_cast<unsigned>(std::countr_zero(mask)) : Isa::kCopyWidth;
      p_ += run;
      out_ += run;
      if (mask && p_ < end_ && *p_ == '\\') {
        *out_++ = '\\';
        *out_++ = *p_++;
        continue;
      }
      if (mask || p_ >= end_ || p_ - from > kMaxName) break;
    }
    *out_++ = '"';
    if (p_ >= end_ || p_ == from || p_ - from > kMaxName) return fail();
    return true;
  }

  // ="value" at p_ (on the '='), written as a JSON string; p_ ends after the closing quote.
  bool quoted() {
    ++p_;
    if (p_ >= end_ || *p_ != '"') return fail();
    ++p_;
    *out_++ = '"';
    for (;;) {
      if (out_ > limit_) return fail(Problem::kTooComplex);
      const auto mask = Isa::copy_value(p_, out_);
      const unsigned run = mask ? static_cast<unsigned>(std::countr_zero(mask)) : Isa::kCopyWidth;
      p_ += run;
      out_ += run;
      if (p_ >= end_) return p_ = end_, fail();
      if (!mask) continue;
      if (*p_ == '"') break;
      if (!special()) return false;
    }
    ++p_;
    *out_++ = '"';
    return true;
  }

  // A backslash, a bracket or a control character within a value.
  bool special() {
    const char c = *p_;
    if (c == ']') return fail();  // RFC 5424: must be escaped
    ++p_;
    if (c == '\\') {
      // Before '"', '\' and ']' it escapes; before anything else it is a backslash (RFC 5424, 6.3.3).
      const char next = p_ < end_ ? *p_ : 0;
      if (next == ']') return *out_++ = ']', ++p_, true;
      *out_++ = '\\';
      *out_++ = next == '"' ? '"' : '\\';
      if (next == '"' || next == '\\') ++p_;
      return true;
    }
    constexpr char kHex[] = "0123456789abcdef";
    std::memcpy(out_, "\\u00", 4);
    out_[4] = kHex[c >> 4 & 15];
    out_[5] = kHex[c & 15];
    out_ += 6;
    return true;
  }

  const char* p_;
  const char* const end_;
  char* out_;
  char* const limit_;
  bool plain_ = false;
  Problem problem_ = Problem::kNone;
};

}  // namespace
}  // namespace penstock
