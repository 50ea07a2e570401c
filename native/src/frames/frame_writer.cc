// The end of a frame: columns and shapes into sections, sections behind the header.
#include "frames/frame_builder.h"
#include "frames/clock.h"
#include "kernels/crc32c.h"

namespace penstock::frames {
namespace {

constexpr uint32_t kLiteral = UINT32_MAX;

void write_kind(ByteBuffer& out, PieceKind kind) { out.byte(static_cast<uint8_t>(kind)); }

}  // namespace

size_t FrameBuilder::finish(uint8_t* out, bool checksums) {
  const bool measures = sampler_.measures();
  const uint64_t before = measures ? thread_ns() : 0;
  sections_.clear();
  small_.clear();
  write_columns();
  write_shapes();
  const size_t size = assemble(out, checksums);
  const uint64_t decoded_bytes = header_.decoded_bytes, spent = spent_ns_;
  sampler_.ended(decoded_bytes);
  clear();
  measured_ = {measures ? spent + thread_ns() - before : 0, decoded_bytes};
  return size;
}

// Column 0 says each event's shape; column 1 are the ids of events that do not travel whole, when there are any.
void FrameBuilder::write_columns() {
  ByteBuffer& head = sections_.head;
  ColumnWriter writer{sections_, small_, scratch_};
  const auto begin = [&](ColumnType type, size_t count) {
    head.byte(static_cast<uint8_t>(type));
    head.varint(count);
    writer.column = header_.columns++;
  };
  begin(ColumnType::kNumber, shape_ids_.count());
  shape_ids_.write(writer);
  if (!ids_.empty()) {
    size_t count = 0;
    for (const IdRun& run : ids_) count += run.count;
    begin(ColumnType::kId, count);
    write_ids(head);
  }
  for (Column& column : columns_) {
    const size_t count = column.text ? column.text->count() : column.number->count();
    if (count == 0) continue;
    if (column.folds && column.text->constant()) {
      column.in_frame = kLiteral;
      continue;
    }
    column.in_frame = header_.columns;
    begin(column.type, count);
    if (column.text) column.text->write(writer);
    else column.number->write(writer);
  }
}

void FrameBuilder::write_ids(ByteBuffer& head) const {
  head.varint(ids_.size());
  EventId before{};
  for (const IdRun& run : ids_) {
    head.varint(run.first.node);
    head.varint(run.first.boot);
    head.varint(run.first.ring);
    head.zigzag(static_cast<int64_t>(run.first.chunk) - static_cast<int64_t>(before.chunk));
    head.varint(run.first.index & 0xffffff);
    head.varint(run.count);
    before = run.first;
  }
}

void FrameBuilder::write_shapes() {
  ByteBuffer& head = sections_.head;
  for (const Shape* shape : used_) {
    head.varint(shape->slots.size());
    size_t name = 0;
    for (size_t i = 0; i < shape->slots.size(); ++i) {
      const SlotKind kind = SlotList::kind_of(shape->keys[i]);
      const Shape::SlotPlan& plan = shape->slots[i];
      head.varint(SlotList::number_of(shape->keys[i]));
      head.byte(static_cast<uint8_t>(kind));
      if (is_attr(kind)) head.text(shape->names[name++]);
      head.byte(static_cast<uint8_t>(plan.source));
      if (plan.source == SlotSource::kPieces) {
        head.varint(plan.first);
        head.varint(plan.count);
      } else if (shape == &whole_) {
        head.varint(columns_[plan.column - 1].in_frame);
      } else {
        head.varint(plan.column < columns_.size() ? columns_[plan.column].in_frame : 1);
      }
    }
    head.varint(shape->pieces.size());
    for (const Shape::PiecePlan& piece : shape->pieces) {
      if (piece.own && columns_[piece.column].in_frame == kLiteral) {
        write_kind(head, PieceKind::kLiteral);
        head.text(columns_[piece.column].text->first());
      } else if (piece.own) {
        write_kind(head, PieceKind::kColumn);
        head.varint(columns_[piece.column].in_frame);
      } else if (SlotList::derived(shape->keys[piece.slot])) {
        write_kind(head, PieceKind::kStructuredData);
        head.varint(piece.slot);
      } else if (SlotList::kind_of(shape->keys[piece.slot]) != SlotKind::kFixed64) {
        write_kind(head, PieceKind::kSlot);
        head.varint(piece.slot);
      } else if (shape->time.kind == TimeForm::kRfc3339) {
        write_kind(head, PieceKind::kRfc3339);
        head.varint(piece.slot);
        head.byte(shape->time.digits);
        head.byte(shape->time.zone);
        head.zigzag(shape->time.offset_s);
      } else {
        write_kind(head, PieceKind::kBsdTime);
        head.varint(piece.slot);
        head.zigzag(shape->time.offset_s);
      }
    }
  }
}

size_t FrameBuilder::assemble(uint8_t* out, bool checksums) {
  const ByteBuffer& head = sections_.head;
  const auto count = static_cast<uint16_t>(sections_.parts().size() + 1);
  uint8_t* p = out + sizeof(FrameHeader) + count * sizeof(SectionEntry);
  uint8_t* const first = p;
  std::memcpy(p, head.data(), head.size());
  p += head.size();
  const uint8_t* body = sections_.body().data();
  for (const Sections::Part& part : sections_.parts()) {
    std::memcpy(p, part.elsewhere ? part.elsewhere : body, part.size);
    if (!part.elsewhere) body += part.size;
    p += part.size;
  }

  header_.magic = kMagic;
  header_.version = kVersion;
  header_.layout = kLayoutColumns;
  header_.sections = count;
  header_.schema = options_.schema;
  header_.plain_bytes = static_cast<uint32_t>(p - first);
  header_.frame_bytes = static_cast<uint32_t>(p - out);
  header_.shapes = static_cast<uint32_t>(used_.size());
  for (size_t i = 0; i < count; ++i) {
    const SectionKind kind = i == 0 ? SectionKind::kText : sections_.parts()[i - 1].kind;
    const auto size = static_cast<uint32_t>(i == 0 ? head.size() : sections_.parts()[i - 1].size);
    const SectionEntry entry{SectionMethod::kStored, kind, 0, size, size, 0};
    std::memcpy(out + sizeof(FrameHeader) + i * sizeof entry, &entry, sizeof entry);
  }
  seal_header(header_, out);
  if (checksums) seal_sections(out);
  return header_.frame_bytes;
}

}  // namespace penstock::frames
