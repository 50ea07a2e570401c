// How the events of a shape are made is worked out once a shape: what is the same in all of them is put together then.
#include "frames/field_writer.h"
#include "frames/frame_reader.h"
#include "frames/text_writers.h"

namespace penstock::frames {
namespace {

constexpr uint32_t kOriginal = static_cast<uint32_t>(LogEventNumber::kEventOriginal);
constexpr uint32_t kAttrs = static_cast<uint32_t>(LogEventNumber::kAttrs);
constexpr size_t kConstantMax = 32;  ///< longer texts are copied from where they stand

void append(std::vector<char>& to, std::string_view text) { to.insert(to.end(), text.begin(), text.end()); }

}  // namespace

/// The value of all events' slots, if it is short.
bool FrameReader::constant(const Slot& slot, Value& value) const {
  if (slot.source != SlotSource::kColumn) return false;
  const Column& column = columns_[slot.column];
  if (column.type == ColumnType::kNumber) return column.number.constant(value.number);
  return column.type == ColumnType::kText && column.text.constant(value.text) && value.text.size() <= kConstantMax;
}

/// Appends a piece that is the same in all events' originals.
bool FrameReader::constant(const Shape& shape, const Piece& piece, std::vector<char>& text) const {
  if (piece.kind == PieceKind::kLiteral) return append(text, piece.literal), true;
  Value value{};
  if (piece.kind == PieceKind::kColumn) {
    if (!columns_[piece.at].text.constant(value.text) || value.text.size() > kConstantMax) return false;
    return append(text, value.text), true;
  }
  if (piece.kind != PieceKind::kSlot || !constant(shape.slots[piece.at], value)) return false;
  char digits[kNumberTextMax];
  if (!is_text(shape.slots[piece.at].kind)) value.text = {digits, write_decimal(value.number, 0, digits)};
  return append(text, value.text), true;
}

/// The parts of the original; marks the slots whose values it needs. Returns the number of the part that begins where a piece does that a
/// slot begins or ends with.
std::vector<uint32_t> FrameReader::plan_original(Shape& shape, std::vector<bool>& wanted) const {
  Steps& steps = shape.steps;
  steps.composes = !shape.pieces.empty();
  std::vector<bool> bound(shape.pieces.size() + 1);
  for (const Slot& slot : shape.slots)
    if (slot.source == SlotSource::kPieces) steps.composes = bound[slot.first] = bound[slot.first + slot.count] = true;
  std::vector<uint32_t> part_of(bound.size());
  std::vector<char>& literals = steps.part_literals;
  size_t begin = 0;
  const auto end_part = [&](uint32_t piece) {
    if (piece == Steps::kNone && begin == literals.size()) return;
    steps.parts.push_back({static_cast<uint32_t>(literals.size() - begin), piece});
    begin = literals.size();
  };
  for (uint32_t p = 0; p < shape.pieces.size(); ++p) {
    const Piece& piece = shape.pieces[p];
    if (bound[p]) end_part(Steps::kNone);
    part_of[p] = static_cast<uint32_t>(steps.parts.size());
    if (constant(shape, piece, literals)) continue;
    if (piece.kind != PieceKind::kColumn) wanted[piece.at] = true;
    end_part(p);
  }
  end_part(Steps::kNone);
  part_of[shape.pieces.size()] = static_cast<uint32_t>(steps.parts.size());
  literals.resize(literals.size() + kTextSpare);
  return part_of;
}

/// False: a slot is no field of a LogEvent.
bool FrameReader::plan(Shape& shape) const {
  Steps& steps = shape.steps;
  std::vector<bool> wanted(shape.slots.size());
  const std::vector<uint32_t> part_of = plan_original(shape, wanted);
  std::vector<char>& literals = steps.field_literals;
  size_t begin = 0;
  for (uint32_t i = 0; i < shape.slots.size(); ++i) {
    const Slot& slot = shape.slots[i];
    if (is_attr(slot.kind) && slot.number != kAttrs) return false;
    Steps::Field field{0, i, slot.kind, slot.source == SlotSource::kPieces, slot.number == kOriginal && is_text(slot.kind), 0, 0};
    Value value{};
    uint8_t bytes[kFieldBytesMax + kTextSpare];
    if (slot.kind != SlotKind::kEvent && !field.is_original && slot.name.size() <= kConstantMax && constant(slot, value)) {
      FieldWriter out{bytes};
      if (is_attr(slot.kind)) out.attribute(slot.kind, slot.name, value.text, value.number);
      else out.tag(slot.number, slot.kind), out.value(slot.kind, value.text, value.number);
      append(literals, view(bytes, static_cast<size_t>(out.at - bytes)));
      continue;
    }
    if (slot.kind != SlotKind::kEvent && !is_attr(slot.kind)) {
      FieldWriter out{bytes};
      out.tag(slot.number, slot.kind);
      append(literals, view(bytes, static_cast<size_t>(out.at - bytes)));
    }
    if (field.of_original) field.first = part_of[slot.first], field.last = part_of[slot.first + slot.count];
    else wanted[i] = true;
    field.literal_bytes = static_cast<uint32_t>(literals.size() - begin);
    steps.fields.push_back(field);
    begin = literals.size();
  }
  if (begin != literals.size())
    steps.fields.push_back({static_cast<uint32_t>(literals.size() - begin), Steps::kNone, SlotKind::kEvent, false, false, 0, 0});
  literals.resize(literals.size() + kTextSpare);
  for (uint32_t i = 0; i < shape.slots.size(); ++i)
    if (wanted[i]) steps.reads.push_back({shape.slots[i].column, i});
  return steps.planned = true;
}

}  // namespace penstock::frames
