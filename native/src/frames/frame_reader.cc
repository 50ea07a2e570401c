#include "frames/frame_reader.h"

#include <algorithm>

#include "kernels/crc32c.h"

namespace penstock::frames {
namespace {

constexpr std::string_view kTexts[] = {
    "",
    "the frame is shorter than its header",
    "not a frame: it does not begin with 89 46 52 4D",
    "the frame has a version this reader does not know",
    "the frame has a layout this reader does not know",
    "the frame is damaged: a checksum does not match",
    "the frame is damaged: its size is not the one its header says",
    "the frame's sections are compressed",
    "the frame claims to hold more than the reader's limit",
    "the frame is damaged: its columns cannot be read",
    "the frame is damaged: its shapes cannot be read",
    "the frame is damaged: its values are not what its header says",
    "the frame is damaged: the originals are not those it was made of",
};

constexpr size_t kRoomKept = 1 << 20;
constexpr uint32_t kOriginal = static_cast<uint32_t>(LogEventNumber::kEventOriginal);

bool good_entry(const SectionEntry& entry) {
  return entry.method <= SectionMethod::kZstd && entry.kind <= SectionKind::kPacked && entry.reserved == 0;
}

}  // namespace

std::string_view frame_error_text(FrameError error) { return kTexts[static_cast<size_t>(error)]; }

bool is_frame(std::string_view value) {
  uint32_t magic;
  if (value.size() < sizeof(FrameHeader)) return false;
  std::memcpy(&magic, value.data(), sizeof magic);
  return magic == kMagic;
}

FrameError FrameReader::open(std::string_view frame, uint32_t decoded_bytes_max) {
  ValueRoom room = std::move(room_), original = std::move(original_);
  *this = FrameReader();
  // Memory serves the next frame, but for what a very large event took.
  if (room.size() <= kRoomKept) room_ = std::move(room);
  if (original.size() <= kRoomKept) original_ = std::move(original);
  FrameError error = FrameError::kNone;
  if (!read_header(frame, decoded_bytes_max, error)) return error;
  if (!read_columns()) return FrameError::kColumns;
  if (!read_shapes()) return FrameError::kShapes;
  if (!counts_agree()) return FrameError::kValues;
  return FrameError::kNone;
}

bool FrameReader::read_header(std::string_view frame, uint32_t decoded_bytes_max, FrameError& error) {
  const auto refuse = [&](FrameError why) { return error = why, false; };
  if (frame.size() < sizeof header_) return refuse(FrameError::kShort);
  std::memcpy(&header_, frame.data(), sizeof header_);
  if (header_.magic != kMagic) return refuse(FrameError::kMagic);
  if (header_.version != kVersion) return refuse(FrameError::kVersion);
  if (header_.layout != kLayoutColumns) return refuse(FrameError::kLayout);
  const size_t entries_bytes = header_.sections * sizeof(SectionEntry);
  if (header_.frame_bytes != frame.size() || frame.size() < sizeof header_ + entries_bytes) return refuse(FrameError::kSize);
  const uint32_t crc = crc32c(0, frame.data(), sizeof header_ - sizeof header_.crc);
  if (crc32c(crc, frame.data() + sizeof header_, entries_bytes) != header_.crc) return refuse(FrameError::kChecksum);
  if (header_.events > kEventsMax || header_.columns > kColumnsMax || header_.shapes > kShapesMax ||
      header_.decoded_bytes > decoded_bytes_max || header_.event_bytes_max > header_.decoded_bytes ||
      header_.original_bytes > header_.decoded_bytes) {
    return refuse(FrameError::kLimit);
  }
  if (header_.sections == 0 || header_.sections > kSectionsMax || header_.events == 0) return refuse(FrameError::kSize);
  size_t at = sizeof header_ + entries_bytes;
  for (size_t i = 0; i < header_.sections; ++i) {
    SectionEntry entry;
    std::memcpy(&entry, frame.data() + sizeof header_ + i * sizeof entry, sizeof entry);
    if (!good_entry(entry) || entry.bytes > frame.size() - at) return refuse(FrameError::kSize);
    if (entry.method != SectionMethod::kStored) return refuse(FrameError::kPacked);
    if (entry.bytes != entry.plain_bytes) return refuse(FrameError::kSize);
    in_.sections.push_back(frame.substr(at, entry.bytes));
    if (crc32c(0, frame.data() + at, entry.bytes) != entry.crc) return refuse(FrameError::kChecksum);
    at += entry.bytes;
  }
  if (at != frame.size()) return refuse(FrameError::kSize);
  in_.head = wire::Reader(in_.sections[0]);
  in_.frame_end = frame.data() + frame.size();
  return true;
}

bool FrameReader::read_columns() {
  columns_.resize(header_.columns);
  // So that reading takes time and memory as its events do, whatever the counts say.
  in_.values_left = kValuesPerByte * header_.decoded_bytes;
  for (Column& column : columns_) {
    uint8_t type;
    if (!in_.byte(type) || !in_.count(column.count)) return false;
    column.type = static_cast<ColumnType>(type);
    const IdCursor* ids = nullptr;
    switch (column.type) {
      case ColumnType::kText:
        if (!column.text.read(in_, column.count, ids_)) return false;
        ids = &column.text.small_ids();
        break;
      case ColumnType::kNumber:
        if (!column.number.read(in_, column.count, ids_)) return false;
        ids = &column.number.ids;
        break;
      case ColumnType::kId:
        if (!column.id.read(in_, column.count)) return false;
        break;
      default: return false;
    }
    ids_.push_back(ids);
  }
  return !columns_.empty() && columns_[0].type == ColumnType::kNumber && columns_[0].count == header_.events;
}

bool FrameReader::read_shapes() {
  for (uint32_t i = 0; i < header_.shapes; ++i) {
    Shape& shape = shapes_.emplace_back();
    uint64_t slots, pieces;
    size_t beside = 0;
    if (!in_.varint(slots, in_.head.end - in_.head.at) || slots == 0) return false;
    for (; slots != 0; --slots)
      if (!read_slot(shape)) return false;
    if (!in_.varint(pieces, 2 * shape.slots.size() + 1)) return false;
    for (; pieces != 0; --pieces)
      if (!read_piece(shape)) return false;
    size_t originals = 0;
    for (const Slot& slot : shape.slots) {
      if (slot.source == SlotSource::kPieces && slot.first + slot.count > shape.pieces.size()) return false;
      originals += (slot.number == kOriginal && is_text(slot.kind)) || slot.kind == SlotKind::kEvent;
      beside += kFieldBytesMax + slot.name.size();
    }
    if (originals > 1) return false;
    room_beside_ = std::max(room_beside_, beside);
  }
  return in_.head.done();
}

bool FrameReader::read_slot(Shape& shape) {
  Slot slot{};
  uint64_t number, first, count;
  uint8_t kind, source;
  if (!in_.varint(number, (1u << 29) - 1) || !in_.byte(kind) || kind > static_cast<uint8_t>(SlotKind::kEvent)) return false;
  slot.number = static_cast<uint32_t>(number);
  slot.kind = static_cast<SlotKind>(kind);
  if ((number == 0) != (slot.kind == SlotKind::kEvent)) return false;
  if (is_attr(slot.kind) && !in_.text(slot.name)) return false;
  if (!in_.byte(source) || source > static_cast<uint8_t>(SlotSource::kPieces)) return false;
  slot.source = static_cast<SlotSource>(source);
  if (slot.source == SlotSource::kPieces) {
    if (!is_text(slot.kind) || slot.kind == SlotKind::kEvent) return false;
    if (!in_.varint(first, UINT16_MAX) || !in_.varint(count, UINT16_MAX)) return false;
    slot.first = static_cast<uint32_t>(first);
    slot.count = static_cast<uint32_t>(count);
  } else {
    if (!in_.varint(first, columns_.size() - 1)) return false;
    slot.column = static_cast<uint32_t>(first);
    const ColumnType column = columns_[first].type;
    if (is_text(slot.kind) ? column == ColumnType::kNumber : column != ColumnType::kNumber) return false;
    if (column == ColumnType::kId && slot.kind != SlotKind::kBytes) return false;
  }
  shape.slots.push_back(slot);
  return true;
}

bool FrameReader::read_piece(Shape& shape) {
  Piece piece{};
  uint8_t kind;
  uint64_t at;
  if (!in_.byte(kind) || kind > static_cast<uint8_t>(PieceKind::kStructuredData)) return false;
  piece.kind = static_cast<PieceKind>(kind);
  if (piece.kind == PieceKind::kLiteral) {
    if (!in_.text(piece.literal)) return false;
    return shape.pieces.push_back(piece), true;
  }
  if (!in_.varint(at, UINT32_MAX)) return false;
  piece.at = static_cast<uint32_t>(at);
  if (piece.kind == PieceKind::kColumn) {
    if (!text_column(at)) return false;
    return shape.pieces.push_back(piece), true;
  }
  if (at >= shape.slots.size() || shape.slots[at].source != SlotSource::kColumn) return false;
  const SlotKind slot = shape.slots[at].kind;
  if (piece.kind == PieceKind::kSlot || piece.kind == PieceKind::kStructuredData) {
    if (piece.kind == PieceKind::kStructuredData && !is_text(slot)) return false;
    const bool good = (is_text(slot) && text_column(shape.slots[at].column)) || slot == SlotKind::kVarint || slot == SlotKind::kAttrInt;
    return good && (shape.pieces.push_back(piece), true);
  }
  int64_t offset;
  if (slot != SlotKind::kFixed64) return false;
  piece.time.kind = piece.kind == PieceKind::kRfc3339 ? TimeForm::kRfc3339 : TimeForm::kBsd;
  if (piece.kind == PieceKind::kRfc3339) {
    if (!in_.byte(piece.time.digits) || piece.time.digits > 9 || !in_.byte(piece.time.zone)) return false;
    if (piece.time.zone != 'Z' && piece.time.zone != '+' && piece.time.zone != '-') return false;
  }
  if (!in_.zigzag(offset) || offset < -100'000 || offset > 100'000) return false;
  piece.time.offset_s = static_cast<int32_t>(offset);
  return shape.pieces.push_back(piece), true;
}

/// Every column has as many values as the events of each shape take from it.
bool FrameReader::counts_agree() {
  std::vector<uint64_t> events(shapes_.size()), wanted(columns_.size());
  NumberCursor ids = columns_[0].number;
  for (uint32_t i = 0; i < header_.events; ++i) {
    const auto id = static_cast<uint64_t>(ids.next());
    if (id >= shapes_.size()) return false;
    ++events[id];
  }
  wanted[0] = header_.events;
  for (size_t s = 0; s < shapes_.size(); ++s) {
    for (const Slot& slot : shapes_[s].slots)
      if (slot.source == SlotSource::kColumn) wanted[slot.column] += events[s];
    for (const Piece& piece : shapes_[s].pieces)
      if (piece.kind == PieceKind::kColumn) wanted[piece.at] += events[s];
  }
  for (size_t c = 0; c < columns_.size(); ++c)
    if (columns_[c].count != wanted[c]) return false;
  return true;
}

}  // namespace penstock::frames
