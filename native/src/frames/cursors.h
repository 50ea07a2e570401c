// Columns of a plain frame being read: where their values are, and the next one. At most a few numbers of a column are unpacked ahead, so a
// reader's memory does not depend on what a frame claims to hold. Every read stays inside the frame, whatever its bytes say.
//
// Behind every text that a cursor gives, kTextSpare bytes are readable.
#pragma once

#include <memory>
#include <vector>

#include "frames/format.h"
#include "frames/value_room.h"
#include "kernels/wire.h"

namespace penstock::frames {

inline constexpr size_t kTextSpare = kPadding / 2;
inline constexpr char kNoText[kTextSpare] = {};

/// The sections of a plain frame.
struct SectionTable {
  std::vector<std::string_view> sections;
  wire::Reader head{{}};  ///< section 0, as far as it is read
  const char* frame_end = nullptr;
  uint64_t columns_left = kColumnsMax;  ///< columns and variables of templates that may still come
  uint64_t values_left = 0;             ///< that they may have together

  bool byte(uint8_t& value) { return head.at != head.end && (value = *head.at++, true); }
  /// The number of a column's values, at least 1.
  bool count(uint64_t& values) { return varint(values, values_left) && values != 0 && (values_left -= values, true); }
  bool varint(uint64_t& value, uint64_t most) { return head.varint(value) && value <= most; }
  bool zigzag(int64_t& value) {
    uint64_t raw;
    return head.varint(raw) && (value = wire::unzigzag(raw), true);
  }
  /// `size` bytes: of the section named next, or the next ones of section 0.
  bool blob(uint64_t size, std::string_view& bytes);
  /// A text of section 0 with its size before it.
  bool text(std::string_view& text) { return head.bytes(text) && (text = readable(text), true); }
  /// A text of the frame, or a copy of it where too little of the frame is behind it.
  std::string_view readable(std::string_view text) { return ends_early(text) ? text : copied(text); }
  bool ends_early(std::string_view text) const { return text.size() + kTextSpare <= static_cast<size_t>(frame_end - text.data()); }

 private:
  std::string_view copied(std::string_view text);

  std::vector<std::unique_ptr<char[]>> copies_;  ///< of what stands at the frame's end
};

/// Ids as bytes, packed, or as a function of the bytes of an earlier column.
struct IdCursor {
  std::string_view bytes;
  unsigned width = 0;  ///< 0: a byte each
  bool small = false;  ///< all are below 256: another column may be a function of them
  bool mapped = false;
  uint8_t map[256];

  IdCursor() {}
  bool read(SectionTable& in, uint64_t count, const std::vector<const IdCursor*>& columns);
  uint64_t at(size_t i) const {
    if (width != 0) [[unlikely]] return unpacked(i);
    const auto id = static_cast<uint8_t>(bytes[i]);
    return mapped ? map[id] : id;
  }

 private:
  uint64_t unpacked(size_t i) const;
};

struct NumberCursor {
  NumberCoding coding = NumberCoding::kConst;
  uint64_t scale = 1;
  uint64_t least = 0;        ///< the constant, the smallest, the smallest step
  unsigned width = 0;
  std::string_view packed;
  IdCursor ids;
  wire::Reader runs{{}};
  uint64_t last = 0;         ///< deltas, runs: the value before
  uint64_t run_left = 0;
  uint64_t count = 0;

  NumberCursor() {}
  bool read(SectionTable& in, uint64_t values, const std::vector<const IdCursor*>& columns);
  /// The next value; to be called at most `count` times.
  int64_t next() {
    if (ahead_at_ == ahead_end_) [[unlikely]] unpack_ahead();
    return ahead_[ahead_at_++];
  }
  /// The value of all of them, where they are alike by their coding.
  bool constant(int64_t& value) const { return coding == NumberCoding::kConst && (value = static_cast<int64_t>(least * scale), true); }

 private:
  static constexpr size_t kAhead = 32;
  void unpack_ahead();
  void unpack(size_t from, size_t values, int64_t* out) const;

  size_t unpacked_ = 0;
  uint32_t ahead_at_ = 0, ahead_end_ = 0;
  int64_t ahead_[kAhead];
};

struct TextCursor {
  /// A part of a template: a literal, which may be empty, and behind it the next value of a variable.
  struct Part {
    std::string_view literal;
    uint32_t variable;  ///< number + 1; 0: none
  };
  struct Exception {
    uint64_t at;
    std::string_view text;
  };

  TextCoding coding = TextCoding::kConst;
  unsigned digits = 0;                     ///< of decimals after the point, in all of digits, of a hexadecimal pattern
  bool bare = false;                       ///< a hexadecimal pattern: whole bytes of lower-case digits
  std::string_view bytes;                  ///< the constant, a pattern's digits, or what is left of the plain texts
  std::string_view pattern;
  const char* frame_end = nullptr;
  std::vector<std::string_view> entries;   ///< of a dictionary
  IdCursor ids;
  NumberCursor numbers;                    ///< lengths, numbers, templates
  std::vector<Part> parts;
  std::vector<uint32_t> part_ends;         ///< of each template
  std::vector<TextCursor> variables;
  std::vector<Exception> exceptions;
  uint64_t exception_at = UINT64_MAX;      ///< the next value that is none of the type
  size_t next_at = 0;
  size_t next_value = 0, next_exception = 0;

  TextCursor() {}
  bool read(SectionTable& in, uint64_t count, const std::vector<const IdCursor*>& columns, unsigned depth = 1);
  /// The next value: in the frame, or composed in `room`. False: an id without entry, or no room.
  bool next(ValueRoom& room, std::string_view& text) {
    if (next_value++ == exception_at) [[unlikely]] return take_exception(text);
    if (coding == TextCoding::kConst) return text = bytes, true;
    if (coding != TextCoding::kDictionary) return compose(room, text);
    const uint64_t id = ids.at(next_at++);
    return id < entries.size() && (text = entries[id], true);
  }
  /// What a later column may be a function of: the ids of its dictionary, or of its numbers where these are its texts.
  const IdCursor& small_ids() const {
    const bool typed = coding == TextCoding::kDecimal || coding == TextCoding::kDigits || coding == TextCoding::kIpv4;
    return typed ? numbers.ids : ids;
  }
  /// The text of all of them, where they are alike by their coding.
  bool constant(std::string_view& text) const { return coding == TextCoding::kConst && exceptions.empty() && (text = bytes, true); }

 private:
  bool take_exception(std::string_view& text);
  bool compose(ValueRoom& room, std::string_view& text);
  bool take_plain(ValueRoom& room, std::string_view& text);
  bool append_template(ValueRoom& room);
  bool append_typed(ValueRoom& room);
  bool append_hex(ValueRoom& room);
  bool read_plain(SectionTable& in, uint64_t count, const std::vector<const IdCursor*>& columns);
  bool read_dictionary(SectionTable& in, uint64_t count, const std::vector<const IdCursor*>& columns);
  bool read_templates(SectionTable& in, uint64_t count, unsigned depth);
  bool read_exceptions(SectionTable& in, uint64_t& count);
};

struct EventIdCursor {
  wire::Reader runs{{}};
  uint64_t node = 0, boot = 0, ring = 0, chunk = 0, index = 0, left = 0;

  bool read(SectionTable& in, uint64_t count);
  /// The next one in `room`. False: no room.
  bool next(ValueRoom& room, std::string_view& id);
};

}  // namespace penstock::frames
