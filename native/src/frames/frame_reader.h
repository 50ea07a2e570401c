// Plain frames into LogEvents, byte for byte those that the encoding "protobuf" would have given. Bytes may come from anyone.
#pragma once

#include <vector>

#include "frames/cursors.h"
#include "frames/time_text.h"
#include "kernels/event.h"

namespace penstock::frames {

/// Why a frame is refused; the texts are in frame_error_text.
enum class FrameError : uint8_t {
  kNone, kShort, kMagic, kVersion, kLayout, kChecksum, kSize, kPacked, kLimit, kColumns, kShapes, kValues, kOriginal,
};
std::string_view frame_error_text(FrameError error);

/// Whether a record's value is a frame (its magic; nothing else is looked at).
bool is_frame(std::string_view value);

class FrameReader {
 public:
  /// Reads everything but the values. `frame` stays as it is while the reader is used; its sections are stored, not compressed.
  FrameError open(std::string_view frame, uint32_t decoded_bytes_max = kDecodedBytesMax);
  const FrameHeader& header() const { return header_; }

  /// Appends the next event to `out` (room for header().event_bytes_max + kPadding). nullptr: the frame is not what it says.
  uint8_t* next(uint8_t* out);
  /// After the last event: whether the frame held what its header says.
  FrameError close() const;

 private:
  friend class FrameProjection;

  struct Column {
    ColumnType type;
    uint64_t count;
    TextCursor text;
    NumberCursor number;
    EventIdCursor id;
  };
  struct Slot {
    uint32_t number;
    SlotKind kind;
    SlotSource source;
    std::string_view name;
    uint32_t column;
    uint32_t first, count;
    uint8_t tag[8];  ///< of its field
    uint8_t tag_size;
  };
  struct Piece {
    PieceKind kind;
    std::string_view literal;
    uint32_t at;  ///< column or slot
    TimeForm time;
  };
  struct Shape {
    std::vector<Slot> slots;
    std::vector<Piece> pieces;
  };
  struct Value {
    std::string_view text;
    int64_t number;
  };

  bool read_header(std::string_view frame, uint32_t decoded_bytes_max, FrameError& error);
  bool read_columns();
  bool read_shapes();
  bool read_slot(Shape& shape);
  bool read_piece(Shape& shape);
  bool counts_agree();
  bool text_column(uint64_t column) const { return column < columns_.size() && columns_[column].type == ColumnType::kText; }
  /// The next value of a column; a text is valid until room_ is reset.
  bool read_value(Column& column, Value& value) {
    switch (column.type) {
      case ColumnType::kText: return column.text.next(room_, value.text);
      case ColumnType::kNumber: value.number = column.number.next(); return true;
      case ColumnType::kId: column.id.next(id_), value.text = view(id_, kEventIdBytes); return true;
    }
    return false;
  }
  bool read_values(const Shape& shape);
  bool piece_text(const Shape& shape, const Piece& piece, char (&scratch)[kTimeTextMax], std::string_view& text);
  bool compose(const Shape& shape);
  static uint8_t* emit(const Slot& slot, const Value& value, uint8_t* out, const uint8_t* end);

  FrameHeader header_{};
  SectionTable in_;
  std::vector<Column> columns_;
  std::vector<const IdCursor*> ids_;
  std::vector<Shape> shapes_;
  std::vector<Value> values_;
  ValueRoom room_;
  std::vector<uint8_t> original_;
  std::vector<size_t> bounds_;
  TimeWriter times_;
  uint8_t id_[24];
  uint32_t events_read_ = 0;
  uint64_t decoded_ = 0;
  uint64_t original_bytes_ = 0;
  uint32_t original_crc_ = 0;
};

}  // namespace penstock::frames
