// One event of a frame after the other: values from columns, the original from its pieces, the LogEvent from both.
#include "frames/field_writer.h"
#include "frames/frame_reader.h"
#include "frames/structured_data_piece.h"
#include "frames/text_writers.h"
#include "kernels/crc32c.h"

namespace penstock::frames {
namespace {

/// event.original of a LogEvent, empty where it has none. False: it is no LogEvent.
bool original_of(std::string_view event, std::string_view& original) {
  wire::Reader in(event);
  original = {};
  uint32_t number, type;
  while (!in.done()) {
    if (!in.tag(number, type)) return false;
    const bool found = number == static_cast<uint32_t>(LogEventNumber::kEventOriginal) && type == wire::kBytes;
    if (found ? !in.bytes(original) : !in.skip(type)) return false;
  }
  return true;
}

}  // namespace

bool FrameReader::append_piece(const Shape& shape, const Piece& piece) {
  switch (piece.kind) {
    case PieceKind::kLiteral: return original_.append(piece.literal);
    case PieceKind::kColumn: return false;
    case PieceKind::kSlot:
      if (is_text(shape.slots[piece.at].kind)) return original_.append(values_[piece.at].text);
      static_assert(kNumberTextMax <= ValueRoom::kSpare);
      return original_.took(write_decimal(values_[piece.at].number, 0, original_.here()));
    case PieceKind::kStructuredData: return append_structured_data(values_[piece.at].text, original_);
    default:
      static_assert(kTimeTextMax <= ValueRoom::kSpare);
      return original_.took(times_.write(values_[piece.at].number, piece.time, original_.here()));
  }
}

/// The original, and where its parts begin. False: larger than any event may be.
bool FrameReader::compose(const Shape& shape) {
  const Steps& steps = shape.steps;
  original_.reset(header_.event_bytes_max);
  const char* literal = steps.part_literals.data();
  size_t i = 0;
  for (const Steps::Part& part : steps.parts) {
    bounds_[i++] = original_.here();
    if (!original_.append({literal, part.literal_bytes})) return false;
    literal += part.literal_bytes;
    if (part.piece == Steps::kNone) continue;
    const Piece& piece = shape.pieces[part.piece];
    std::string_view text;
    if (piece.kind == PieceKind::kColumn) {
      if (!columns_[piece.at].text.next(room_, text) || !original_.append(text)) return false;
    } else if (!append_piece(shape, piece)) {
      return false;
    }
  }
  bounds_[i] = original_.here();
  return true;
}

uint8_t* FrameReader::next(uint8_t* out) {
  if (events_read_ == header_.events) return nullptr;
  ++events_read_;
  Shape& shape = shapes_[static_cast<size_t>(columns_[0].number.next())];
  if (!shape.steps.planned) [[unlikely]] {
    if (!plan(shape)) return nullptr;
    values_.resize(std::max(values_.size(), shape.slots.size()));
    bounds_.resize(std::max(bounds_.size(), shape.steps.parts.size() + 1));
  }
  // Every value is in the event or in its original, once or (structured data) twice.
  room_.reset(4 * size_t{header_.event_bytes_max} + 64);
  for (const Steps::Read& read : shape.steps.reads)
    if (!read_value(columns_[read.column], values_[read.value])) return nullptr;
  if (shape.steps.composes && !compose(shape)) return nullptr;
  uint8_t* const end = emit(shape, out);
  if (!end) return nullptr;
  const auto size = static_cast<size_t>(end - out);
  decoded_ += size;
  return size > header_.event_bytes_max || decoded_ > header_.decoded_bytes ? nullptr : end;
}

/// Fields one after the other. What they take beside texts of the event's own is room_beside_ at most, so that only those are counted here.
uint8_t* FrameReader::emit(const Shape& shape, uint8_t* out) {
  FieldWriter to{out};
  const char* literal = shape.steps.field_literals.data();
  size_t left = header_.event_bytes_max;
  for (const Steps::Field& field : shape.steps.fields) {
    to.at = wire::copy_padded(to.at, literal, field.literal_bytes);
    literal += field.literal_bytes;
    if (field.slot == Steps::kNone) break;
    const Value& value = values_[field.slot];
    if (!is_text(field.kind)) {
      if (is_attr(field.kind)) to.attribute(field.kind, shape.slots[field.slot].name, {}, value.number);
      else to.value(field.kind, {}, value.number);
      continue;
    }
    std::string_view text = value.text;
    if (field.of_original) text = {bounds_[field.first], static_cast<size_t>(bounds_[field.last] - bounds_[field.first])};
    if (text.size() > left) return nullptr;
    left -= text.size();
    if (field.kind == SlotKind::kBytes) to.text(text);
    else if (field.kind == SlotKind::kEvent) to.at = wire::copy_padded(to.at, text.data(), text.size());
    else to.attribute(field.kind, shape.slots[field.slot].name, text, 0);
    if (!field.is_original && field.kind != SlotKind::kEvent) continue;
    std::string_view original = text;
    if (!field.is_original && !original_of(text, original)) return nullptr;
    original_bytes_ += original.size();
    if (!original.empty()) original_crc_ = crc32c(original_crc_, original.data(), original.size());
  }
  return to.at;
}

FrameError FrameReader::close() const {
  if (events_read_ != header_.events || decoded_ != header_.decoded_bytes) return FrameError::kValues;
  if (original_bytes_ != header_.original_bytes || original_crc_ != header_.original_crc) return FrameError::kOriginal;
  return FrameError::kNone;
}

}  // namespace penstock::frames
