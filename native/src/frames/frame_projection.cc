#include "frames/frame_projection.h"

#include <algorithm>

namespace penstock::frames {
namespace {

constexpr uint32_t kAttrs = static_cast<uint32_t>(LogEventNumber::kAttrs);

}  // namespace

FrameError FrameProjection::open(std::string_view frame, std::span<const WantedField> wanted, uint32_t decoded_bytes_max) {
  const FrameError error = reader_.open(frame, decoded_bytes_max);
  if (error == FrameError::kNone) plan(wanted.first(std::min(wanted.size(), kWantedMax)));
  return error;
}

void FrameProjection::plan(std::span<const WantedField> wanted) {
  const std::vector<FrameReader::Shape>& shapes = reader_.shapes_;
  wanted_.clear();
  for (const WantedField& field : wanted) wanted_.push_back({field.number, std::string(field.attribute)});
  plans_.assign(shapes.size(), {});
  std::vector<bool> needed(reader_.columns_.size());
  size_t values = 0, bounds = 0;
  for (size_t s = 0; s < shapes.size(); ++s) {
    choose(shapes[s], plans_[s], needed);
    values = std::max(values, shapes[s].slots.size() + shapes[s].pieces.size());
    bounds = std::max(bounds, shapes[s].pieces.size() + 1);
  }
  // A column that only some shapes need is read for all of them: its values follow each other.
  for (size_t s = 0; s < shapes.size(); ++s) {
    const FrameReader::Shape& shape = shapes[s];
    std::vector<Read>& reads = plans_[s].reads;
    const auto slots = static_cast<uint32_t>(shape.slots.size());
    for (uint32_t i = 0; i < slots; ++i) {
      const FrameReader::Slot& slot = shape.slots[i];
      if (slot.source == SlotSource::kColumn && needed[slot.column]) reads.push_back({slot.column, i});
    }
    for (uint32_t p = 0; p < shape.pieces.size(); ++p) {
      const FrameReader::Piece& piece = shape.pieces[p];
      if (piece.kind == PieceKind::kColumn && needed[piece.at]) reads.push_back({piece.at, slots + p});
    }
  }
  for (size_t s = 0; s < shapes.size(); ++s) make_direct(shapes[s], plans_[s]);
  reader_.values_.resize(values);
  reader_.bounds_.resize(bounds);
}

/// What of a shape is wanted; marks the columns that it is made of.
void FrameProjection::choose(const FrameReader::Shape& shape, Plan& plan, std::vector<bool>& needed) const {
  // Wanted slots may share pieces, and hostile ones do: how many begin before a piece, less those that end, counts each piece once.
  std::vector<int64_t> begins(shape.pieces.size() + 1);
  for (uint32_t i = 0; i < shape.slots.size(); ++i) {
    const FrameReader::Slot& slot = shape.slots[i];
    const size_t which = slot.kind == SlotKind::kEvent ? 0 : find(slot.number, slot.name);
    if (which == kWantedMax) continue;
    plan.gives.push_back({static_cast<uint32_t>(which), i});
    if (slot.source == SlotSource::kColumn) {
      needed[slot.column] = true;
      continue;
    }
    ++begins[slot.first];
    --begins[slot.first + slot.count];
    plan.composed = true;
  }
  int64_t users = 0;
  for (uint32_t p = 0; p < shape.pieces.size(); ++p) {
    const FrameReader::Piece& piece = shape.pieces[p];
    if ((users += begins[p]) == 0) continue;
    plan.pieces.push_back(p);
    if (piece.kind == PieceKind::kColumn) needed[piece.at] = true;
    else if (piece.kind != PieceKind::kLiteral) needed[shape.slots[piece.at].column] = true;
  }
}

size_t FrameProjection::find(uint32_t number, std::string_view attribute) const {
  for (size_t i = 0; i < wanted_.size(); ++i)
    if (wanted_[i].number == number && (number != kAttrs || wanted_[i].attribute == attribute)) return i;
  return kWantedMax;
}

/// Where every wanted field is a column's value, it goes straight to where the caller finds it; what is the same in all events stands there.
void FrameProjection::make_direct(const FrameReader::Shape& shape, Plan& plan) const {
  plan.direct = !plan.composed;
  for (const Give& give : plan.gives) plan.direct &= shape.slots[give.slot].kind != SlotKind::kEvent;
  if (!plan.direct) return;
  std::vector<Read> reads;
  std::vector<uint32_t> field_of(shape.slots.size() + shape.pieces.size(), kNone);
  for (const Give& give : plan.gives) {
    field_of[give.slot] = static_cast<uint32_t>(plan.fields.size());
    plan.fields.push_back({give.wanted, shape.slots[give.slot].kind, {}, 0});
  }
  for (const Read& read : plan.reads) {
    const FrameReader::Column& column = reader_.columns_[read.column];
    ProjectedField unwanted{};
    ProjectedField& field = field_of[read.to] == kNone ? unwanted : plan.fields[field_of[read.to]];
    const bool constant = column.type == ColumnType::kText     ? column.text.constant(field.text)
                          : column.type == ColumnType::kNumber ? column.number.constant(field.number)
                                                               : false;
    if (!constant) reads.push_back({read.column, field_of[read.to]});
  }
  plan.reads = std::move(reads);
}

bool FrameProjection::next_direct(Plan& plan) {
  FrameReader& in = reader_;
  for (const Read& read : plan.reads) {
    FrameReader::Value value;
    if (!in.read_value(in.columns_[read.column], value)) return false;
    if (read.to == kNone) continue;
    ProjectedField& field = plan.fields[read.to];
    if (is_text(field.kind)) field.text = value.text;
    else field.number = value.number;
  }
  // A field takes a tag and a value, or its size, at least.
  size_t bytes = 2 * plan.fields.size();
  for (const ProjectedField& field : plan.fields) bytes += field.text.size();
  return bytes <= in.header_.event_bytes_max && (in.decoded_ += bytes) <= in.header_.decoded_bytes;
}

bool FrameProjection::next(std::span<const ProjectedField>& fields) {
  FrameReader& in = reader_;
  if (in.events_read_ == in.header_.events) return false;
  ++in.events_read_;
  const auto id = static_cast<size_t>(in.columns_[0].number.next());
  Plan& plan = plans_[id];
  // As the whole decode, of which this is a part.
  in.room_.reset(4 * size_t{in.header_.event_bytes_max} + 64);
  if (plan.direct) {
    fields = plan.fields;
    return next_direct(plan);
  }
  fields_.clear();
  const FrameReader::Shape& shape = in.shapes_[id];
  for (const Read& read : plan.reads)
    if (!in.read_value(in.columns_[read.column], in.values_[read.to])) return false;
  if (plan.composed && !compose(shape, plan)) return false;
  size_t bytes = 0;
  for (const Give& give : plan.gives) {
    const FrameReader::Slot& slot = shape.slots[give.slot];
    FrameReader::Value value = in.values_[give.slot];
    if (slot.source == SlotSource::kPieces) {
      const char* const from = in.bounds_[slot.first];
      value.text = slot.count == 0 ? std::string_view(kNoText, 0) : std::string_view(from, static_cast<size_t>(in.bounds_[slot.first + slot.count] - from));
    }
    // A field takes a tag and a value, or its size, at least.
    bytes += (slot.kind == SlotKind::kEvent ? 0 : 2) + (is_text(slot.kind) ? value.text.size() : 0);
    if (bytes > in.header_.event_bytes_max) return false;
    if (slot.kind != SlotKind::kEvent) fields_.push_back({give.wanted, slot.kind, is_text(slot.kind) ? value.text : std::string_view(), value.number});
    else if (!take_apart(value.text)) return false;
  }
  in.decoded_ += bytes;
  fields = fields_;
  return in.decoded_ <= in.header_.decoded_bytes;
}

/// The wanted pieces one after the other, and where each begins.
bool FrameProjection::compose(const FrameReader::Shape& shape, const Plan& plan) {
  FrameReader& in = reader_;
  in.original_.reset(in.header_.event_bytes_max);
  for (const uint32_t p : plan.pieces) {
    const FrameReader::Piece& piece = shape.pieces[p];
    in.bounds_[p] = in.original_.here();
    const bool good = piece.kind == PieceKind::kColumn ? in.original_.append(in.values_[shape.slots.size() + p].text) : in.append_piece(shape, piece);
    if (!good) return false;
    in.bounds_[p + 1] = in.original_.here();
  }
  return true;
}

/// The wanted fields of a LogEvent.
bool FrameProjection::take_apart(std::string_view event) {
  wire::Reader in(event);
  while (!in.done()) {
    uint32_t number, type;
    if (!in.tag(number, type)) return false;
    if (number == kAttrs && type == wire::kBytes) {
      std::string_view attribute;
      if (!in.bytes(attribute) || !take_attribute(attribute)) return false;
      continue;
    }
    const size_t which = find(number, {});
    if (which == kWantedMax || number == kAttrs || type == wire::kFixed32) {
      if (!in.skip(type)) return false;
      continue;
    }
    ProjectedField field{static_cast<uint32_t>(which), SlotKind::kBytes, {}, 0};
    uint64_t value = 0;
    if (type == wire::kBytes ? !in.bytes(field.text) : type == wire::kFixed64 ? !in.fixed64(value) : type != wire::kVarint || !in.varint(value))
      return false;
    if (type != wire::kBytes) field.kind = type == wire::kFixed64 ? SlotKind::kFixed64 : SlotKind::kVarint;
    field.number = static_cast<int64_t>(value);
    fields_.push_back(field);
  }
  return true;
}

bool FrameProjection::take_attribute(std::string_view attribute) {
  // key = 1, value = 2 {string = 1, sint64 = 2, double = 3, bool = 4, null = 5, json = 6}
  wire::Reader in(attribute);
  std::string_view name, value;
  uint32_t number, type;
  while (!in.done()) {
    if (!in.tag(number, type) || !(type == wire::kBytes && number == 1 ? in.bytes(name) : type == wire::kBytes && number == 2 ? in.bytes(value) : in.skip(type)))
      return false;
  }
  const size_t which = find(kAttrs, name);
  if (which == kWantedMax) return true;
  in = wire::Reader(value);
  ProjectedField field{static_cast<uint32_t>(which), SlotKind::kAttrNull, {}, 0};
  uint64_t bits = 0;
  if (in.done() || !in.tag(number, type) || number < 1 || number > 6) return false;
  field.kind = static_cast<SlotKind>(static_cast<uint32_t>(SlotKind::kAttrString) + number - 1);
  if (is_text(field.kind) ? type != wire::kBytes || !in.bytes(field.text)
      : field.kind == SlotKind::kAttrDouble ? type != wire::kFixed64 || !in.fixed64(bits) : type != wire::kVarint || !in.varint(bits)) {
    return false;
  }
  field.number = field.kind == SlotKind::kAttrInt ? wire::unzigzag(bits) : static_cast<int64_t>(bits);
  fields_.push_back(field);
  return in.done();
}

}  // namespace penstock::frames
