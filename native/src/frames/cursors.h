// Columns of a plain frame being read: where their values are, and the next one. Nothing is unpacked ahead, so a reader's memory does
// not depend on what a frame claims to hold. Every read stays inside the frame, whatever its bytes say.
#pragma once

#include <vector>

#include "frames/format.h"
#include "frames/value_room.h"
#include "kernels/wire.h"

namespace penstock::frames {

/// The sections of a plain frame.
struct SectionTable {
  std::vector<std::string_view> sections;
  wire::Reader head{{}};  ///< section 0, as far as it is read
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
};

/// Ids as bytes, packed, or as a function of the bytes of an earlier column.
struct IdCursor {
  std::string_view bytes;
  unsigned width = 0;  ///< 0: a byte each
  bool small = false;  ///< all are below 256: another column may be a function of them
  bool mapped = false;
  uint8_t map[256];

  bool read(SectionTable& in, uint64_t count, const std::vector<const IdCursor*>& columns);
  uint64_t at(size_t i) const;
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
  size_t next_at = 0;

  bool read(SectionTable& in, uint64_t count, const std::vector<const IdCursor*>& columns);
  int64_t next();
};

struct TextCursor {
  /// A part of a template: a literal or the next value of a variable.
  struct Part {
    std::string_view literal;
    uint32_t variable;  ///< number + 1; 0: the literal
  };
  struct Exception {
    uint64_t at;
    std::string_view text;
  };

  TextCoding coding = TextCoding::kConst;
  unsigned digits = 0;                     ///< of decimals after the point, in all of digits, of a hexadecimal pattern
  std::string_view bytes;                  ///< the constant, a pattern's digits, or what is left of the plain texts
  std::string_view pattern;
  std::vector<std::string_view> entries;   ///< of a dictionary
  IdCursor ids;
  NumberCursor numbers;                    ///< lengths, numbers, templates
  std::vector<Part> parts;
  std::vector<uint32_t> part_ends;         ///< of each template
  std::vector<TextCursor> variables;
  std::vector<Exception> exceptions;
  size_t next_at = 0;
  size_t next_value = 0, next_exception = 0;

  bool read(SectionTable& in, uint64_t count, const std::vector<const IdCursor*>& columns, unsigned depth = 1);
  /// The next value: in the frame, or composed in `room`. False: an id without entry, or no room.
  bool next(ValueRoom& room, std::string_view& text);

 private:
  bool append_template(ValueRoom& room);
  bool append_typed(ValueRoom& room);
  bool read_plain(SectionTable& in, uint64_t count, const std::vector<const IdCursor*>& columns);
  bool read_dictionary(SectionTable& in, uint64_t count, const std::vector<const IdCursor*>& columns);
  bool read_templates(SectionTable& in, uint64_t count, unsigned depth);
  bool read_exceptions(SectionTable& in, uint64_t& count);
};

struct EventIdCursor {
  wire::Reader runs{{}};
  uint64_t node = 0, boot = 0, ring = 0, chunk = 0, index = 0, left = 0;

  bool read(SectionTable& in, uint64_t count);
  /// Writes 18 bytes.
  void next(uint8_t* out);
};

}  // namespace penstock::frames
