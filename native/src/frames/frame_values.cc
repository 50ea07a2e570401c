// One event of a frame after the other: values from columns, the original from its pieces, the LogEvent from both.
#include "frames/frame_reader.h"
#include "frames/structured_data_piece.h"
#include "frames/text_types.h"
#include "kernels/crc32c.h"
#include "kernels/event.h"

namespace penstock::frames {
namespace {

constexpr uint32_t kOriginal = static_cast<uint32_t>(LogEventNumber::kEventOriginal);
constexpr uint32_t kAttrs = static_cast<uint32_t>(LogEventNumber::kAttrs);

/// event.original of a LogEvent; data() == nullptr: it has none.
std::string_view original_of(std::string_view event) {
  wire::Reader in(event);
  std::string_view original;
  uint32_t number, type;
  while (!in.done() && in.tag(number, type)) {
    if (number == kOriginal && type == wire::kBytes ? !in.bytes(original) : !in.skip(type)) break;
  }
  return original;
}

/// Appends to a buffer that must not be outgrown.
struct Output {
  uint8_t* at;
  const uint8_t* end;

  bool room(size_t size) const { return size <= static_cast<size_t>(end - at); }
  /// Of a field: copied whole, there are kPadding bytes more than room.
  void tag(const uint8_t (&bytes)[8], size_t size) {
    std::memcpy(at, bytes, 8);
    at += size;
  }
  void varint(uint64_t value) { at = wire::put_varint(at, value); }
  void fixed64(int64_t value) { at = wire::put_fixed64(at, static_cast<uint64_t>(value)); }
  void text(std::string_view text) {
    varint(text.size());
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    at += text.size();
  }
};

}  // namespace

bool FrameReader::read_values(const Shape& shape) {
  values_.resize(shape.slots.size());
  for (size_t i = 0; i < shape.slots.size(); ++i) {
    const Slot& slot = shape.slots[i];
    if (slot.source != SlotSource::kColumn) continue;
    if (!read_value(columns_[slot.column], values_[i])) return false;
  }
  return true;
}

/// What a piece that is no column's adds: of the values of its event's slots.
bool FrameReader::piece_text(const Shape& shape, const Piece& piece, char (&scratch)[kTimeTextMax], std::string_view& text) {
  switch (piece.kind) {
    case PieceKind::kLiteral: text = piece.literal; return true;
    case PieceKind::kColumn: return false;
    case PieceKind::kSlot:
      if (is_text(shape.slots[piece.at].kind)) text = values_[piece.at].text;
      else text = {scratch, write_decimal(values_[piece.at].number, 0, scratch)};
      return true;
    case PieceKind::kStructuredData: {
      const char* const begin = room_.here();
      if (!append_structured_data(values_[piece.at].text, room_)) return false;
      text = {begin, static_cast<size_t>(room_.here() - begin)};
      return true;
    }
    default: text = {scratch, times_.write(values_[piece.at].number, piece.time, scratch)}; return true;
  }
}

/// The original into original_, the ends of its pieces into bounds_. False: larger than any event may be.
bool FrameReader::compose(const Shape& shape) {
  const size_t most = header_.event_bytes_max;
  if (original_.size() < most) original_.resize(most);
  bounds_.resize(shape.pieces.size() + 1);
  bounds_[0] = 0;
  size_t size = 0, i = 0;
  char scratch[kTimeTextMax];
  for (const Piece& piece : shape.pieces) {
    std::string_view text;
    if (piece.kind == PieceKind::kColumn ? !columns_[piece.at].text.next(room_, text) : !piece_text(shape, piece, scratch, text)) return false;
    if (text.size() > most - size) return false;
    if (!text.empty()) std::memcpy(original_.data() + size, text.data(), text.size());
    bounds_[++i] = size += text.size();
  }
  return true;
}

uint8_t* FrameReader::next(uint8_t* out) {
  if (events_read_ == header_.events) return nullptr;
  ++events_read_;
  const Shape& shape = shapes_[static_cast<size_t>(columns_[0].number.next())];
  // Every value is in the event or in its original, once or (structured data) twice.
  room_.reset(4 * size_t{header_.event_bytes_max} + 64);
  if (!read_values(shape) || !compose(shape)) return nullptr;
  const uint8_t* const begin = out;
  const uint8_t* const end = out + header_.event_bytes_max;
  for (size_t i = 0; i < shape.slots.size(); ++i) {
    const Slot& slot = shape.slots[i];
    if (slot.source == SlotSource::kPieces) {
      const size_t from = bounds_[slot.first], to = bounds_[slot.first + slot.count];
      values_[i].text = view(original_.data() + from, to - from);
    }
    out = emit(slot, values_[i], out, end);
    if (!out) return nullptr;
    if (slot.number != kOriginal && slot.kind != SlotKind::kEvent) continue;
    const std::string_view original = slot.kind == SlotKind::kEvent ? original_of(values_[i].text) : values_[i].text;
    original_bytes_ += original.size();
    if (!original.empty()) original_crc_ = crc32c(original_crc_, original.data(), original.size());
  }
  decoded_ += static_cast<uint64_t>(out - begin);
  return decoded_ > header_.decoded_bytes ? nullptr : out;
}

FrameError FrameReader::close() const {
  if (events_read_ != header_.events || decoded_ != header_.decoded_bytes) return FrameError::kValues;
  if (original_bytes_ != header_.original_bytes || original_crc_ != header_.original_crc) return FrameError::kOriginal;
  return FrameError::kNone;
}

uint8_t* FrameReader::emit(const Slot& slot, const Value& value, uint8_t* at, const uint8_t* end) {
  Output out{at, end};
  if (slot.kind == SlotKind::kEvent) {
    if (!out.room(value.text.size())) return nullptr;
    std::memcpy(at, value.text.data(), value.text.size());
    return at + value.text.size();
  }
  if (!is_attr(slot.kind)) {
    const auto number = static_cast<uint64_t>(value.number);
    switch (slot.kind) {
      case SlotKind::kVarint:
        if (!out.room(slot.tag_size + wire::varint_size(number))) return nullptr;
        out.tag(slot.tag, slot.tag_size);
        out.varint(number);
        break;
      case SlotKind::kFixed64:
        if (!out.room(slot.tag_size + 8u)) return nullptr;
        out.tag(slot.tag, slot.tag_size);
        out.fixed64(value.number);
        break;
      case SlotKind::kBool:
        if (!out.room(slot.tag_size + 1u)) return nullptr;
        out.tag(slot.tag, slot.tag_size);
        out.varint(number != 0);
        break;
      default:
        if (!out.room(slot.tag_size + wire::text_size(value.text.size()))) return nullptr;
        out.tag(slot.tag, slot.tag_size);
        out.text(value.text);
    }
    return out.at;
  }
  size_t size = 2;  // bool, null
  if (is_text(slot.kind)) size = 1 + wire::text_size(value.text.size());
  else if (slot.kind == SlotKind::kAttrInt) size = 1 + wire::varint_size(wire::zigzag(value.number));
  else if (slot.kind == SlotKind::kAttrDouble) size = 9;
  const size_t attr = 1 + wire::text_size(slot.name.size()) + 1 + wire::text_size(size);
  if (slot.number != kAttrs || !out.room(slot.tag_size + wire::text_size(attr))) return nullptr;
  out.tag(slot.tag, slot.tag_size);
  out.varint(attr);
  out.varint(1 << 3 | wire::kBytes);
  out.text(slot.name);
  out.varint(2 << 3 | wire::kBytes);
  out.varint(size);
  switch (slot.kind) {
    case SlotKind::kAttrString: out.varint(1 << 3 | wire::kBytes), out.text(value.text); break;
    case SlotKind::kAttrInt: out.varint(2 << 3 | wire::kVarint), out.varint(wire::zigzag(value.number)); break;
    case SlotKind::kAttrDouble: out.varint(3 << 3 | wire::kFixed64), out.fixed64(value.number); break;
    case SlotKind::kAttrBool: out.varint(4 << 3 | wire::kVarint), out.varint(value.number != 0); break;
    case SlotKind::kAttrNull: out.varint(5 << 3 | wire::kVarint), out.varint(1); break;
    default: out.varint(6 << 3 | wire::kBytes), out.text(value.text);
  }
  return out.at;
}

}  // namespace penstock::frames
