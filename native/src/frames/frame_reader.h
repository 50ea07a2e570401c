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

  /// Bytes that `next` may write: more than the largest event has, since what is written is counted afterwards.
  size_t event_room() const { return header_.event_bytes_max + room_beside_ + kPadding; }
  /// Appends the next event to `out` (event_room() bytes, the first ones of which are the event). nullptr: the frame is not what it says.
  uint8_t* next(uint8_t* out);
  /// After the last event: whether the frame held what its header says.
  FrameError close() const;

 private:
  friend class FrameProjection;

  struct Column {
    ColumnType type = ColumnType::kText;
    uint64_t count = 0;
    TextCursor text;
    NumberCursor number;
    EventIdCursor id;
    Column() {}
  };
  struct Slot {
    uint32_t number;
    SlotKind kind;
    SlotSource source;
    std::string_view name;
    uint32_t column;
    uint32_t first, count;
  };
  struct Piece {
    PieceKind kind;
    std::string_view literal;
    uint32_t at;  ///< column or slot
    TimeForm time;
  };
  /// How the events of a shape are made: what is the same in all of them stands ready, as bytes before each part that is not.
  struct Steps {
    struct Read {
      uint32_t column;
      uint32_t value;         ///< of which slot
    };
    struct Part {
      uint32_t literal_bytes;
      uint32_t piece;         ///< what follows the literal; kNone: nothing
    };
    struct Field {
      uint32_t literal_bytes; ///< fields that are the same in all events, and the tag of this one if it is no attribute
      uint32_t slot;          ///< kNone: nothing follows
      SlotKind kind;
      bool of_original;       ///< a part of it, from part `first` to before part `last`
      bool is_original;
      uint32_t first, last;
    };
    static constexpr uint32_t kNone = UINT32_MAX;

    std::vector<Read> reads;
    std::vector<Part> parts;  ///< of the original
    std::vector<Field> fields;
    std::vector<char> part_literals, field_literals;  ///< kTextSpare bytes more than they hold
    bool composes = false;    ///< fields are parts of the original
    bool planned = false;
  };
  struct Shape {
    std::vector<Slot> slots;
    std::vector<Piece> pieces;
    Steps steps;
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
      case ColumnType::kId: return column.id.next(room_, value.text);
    }
    return false;
  }
  bool plan(Shape& shape) const;
  std::vector<uint32_t> plan_original(Shape& shape, std::vector<bool>& wanted) const;
  bool constant(const Slot& slot, Value& value) const;
  bool constant(const Shape& shape, const Piece& piece, std::vector<char>& text) const;
  /// A part of the original from the values of its event's slots; not that of a column.
  bool append_piece(const Shape& shape, const Piece& piece);
  bool compose(const Shape& shape);
  uint8_t* emit(const Shape& shape, uint8_t* out);

  /// What a field takes beside its name and a text that is not the same in all events.
  static constexpr size_t kFieldBytesMax = 64;

  FrameHeader header_{};
  SectionTable in_;
  std::vector<Column> columns_;
  std::vector<const IdCursor*> ids_;
  std::vector<Shape> shapes_;
  std::vector<Value> values_;
  ValueRoom room_;
  ValueRoom original_;
  std::vector<const char*> bounds_;  ///< where the parts of the original begin
  TimeWriter times_;
  size_t room_beside_ = 0;
  uint32_t events_read_ = 0;
  uint64_t decoded_ = 0;
  uint64_t original_bytes_ = 0;
  uint32_t original_crc_ = 0;
};

}  // namespace penstock::frames
