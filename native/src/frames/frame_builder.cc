#include "frames/frame_builder.h"

#include <bit>

#include "frames/clock.h"
#include "kernels/crc32c.h"
#include "kernels/encode.h"

namespace penstock::frames {
namespace {

constexpr size_t kShapesKept = 1024;   ///< more kinds of events than these travel whole
constexpr size_t kShapesNewMin = 32, kShapesNewShare = 64;  ///< in one frame: so many and one of so many events; a new one costs microseconds
constexpr uint64_t kAddMostNs = 20'000, kAddMostNsPerByte = 16;  ///< no event takes longer
constexpr size_t kOrdersKept = 8;      ///< orders in which the same fields may stand
constexpr uint32_t kIdColumn = UINT32_MAX - 1;
constexpr size_t kEmptyBound = sizeof(FrameHeader) + 4096;
constexpr size_t kColumnOverhead = 64;  ///< bytes of a column besides its values, its section's entry included
constexpr size_t kPlanOverhead = 16;    ///< bytes that tell a shape's slot or piece, besides texts

uint32_t id_key() { return static_cast<uint32_t>(LogEventNumber::kEventId); }
uint32_t original_key() { return static_cast<uint32_t>(LogEventNumber::kEventOriginal); }

/// What an event's values take at most besides themselves, and its shape when it is the first of it.
size_t bytes_besides(const Shape& shape) {
  const size_t values = shape.slots.size() + shape.pieces.size();
  // Numbers take eight bytes at most, texts a length besides themselves.
  size_t bytes = 8 * values;
  if (shape.in_frame != UINT32_MAX) [[likely]] return bytes;
  bytes += kPlanOverhead * values;
  for (const std::string& name : shape.names) bytes += name.size();
  return bytes;
}

/// A number below 2^kGlanceBits that events of one shape have in common; others hardly ever.
uint32_t glance(const Event& event) {
  uint64_t hash = event.field_count() << 1 | event.keep_original;
  for (size_t i = 0, n = event.field_count(); i < n; ++i) hash = std::rotl(hash, 5) ^ static_cast<uint64_t>(event.fields()[i].field);
  for (size_t i = 0, n = event.attr_count(); i < n; ++i) {
    const AttrEntry& attr = event.attrs()[i];
    hash = std::rotl(hash, 5) ^ (attr.name.size() << 3 | static_cast<uint64_t>(attr.value.kind));
  }
  return static_cast<uint32_t>((hash * 0x9e3779b97f4a7c15ULL) >> (64 - kGlanceBits));
}

}  // namespace

FrameBuilder::FrameBuilder(const BuilderOptions& options) : options_(options) {
  scratch_.seed = options.seed;
  whole_.slots.push_back({SlotSource::kColumn, 0, 0, 0});
  whole_.keys.push_back(static_cast<uint32_t>(SlotKind::kEvent) << 1);
  clear();
}

FrameBuilder::~FrameBuilder() = default;

void FrameBuilder::clear() {
  header_ = {};
  for (Column& column : columns_) {
    if (column.text && column.text->count() != 0) column.text->clear();
    if (column.number) column.number->clear();
  }
  for (Shape* shape : used_) shape->in_frame = UINT32_MAX;
  used_.clear();
  shape_ids_.clear();
  ids_.clear();
  fresh_shapes_ = 0;
  begun_ = false;
  spent_ns_ = 0;
  // Too many kinds of events to remember: what comes next may have fewer.
  if (shape_count_ >= kShapesKept || columns_.size() >= kColumnsMax / 2) forget_shapes();
  bound_ = kEmptyBound + kColumnOverhead * columns_.size();
}

void FrameBuilder::forget_shapes() {
  shapes_.clear();
  shape_count_ = 0;
  last_ = nullptr;
  seen_.fill(nullptr);
  columns_.clear();
  scratch_.variables = 0;
  column_of_.clear();
  whole_.slots[0].column = 0;
  bound_ = kEmptyBound;
}

void FrameBuilder::begin(size_t plain_bytes_max) {
  // What earlier frames' columns might take is not to leave so little room that no event fits.
  if (bound_ > plain_bytes_max / 2) forget_shapes();
  sampler_.next();
  scratch_.templates = sampler_.layout() == Layout::kTemplates;
  begun_ = true;
}

bool FrameBuilder::add(const Event& event, size_t plain_bytes_max) {
  if (!begun_) [[unlikely]] begin(plain_bytes_max);
  if (!sampler_.measures()) [[likely]] return add_event(event, plain_bytes_max);
  const uint64_t before = wall_ns();
  const bool added = add_event(event, plain_bytes_max);
  const uint64_t spent = wall_ns() - before;
  // Whoever took the core meanwhile is not this layout's fault.
  const uint64_t most = kAddMostNs + kAddMostNsPerByte * header_.event_bytes_max;
  spent_ns_ += spent <= most ? spent : spent_ns_ / (header_.events + 1);
  return added;
}

void FrameBuilder::packed(size_t bytes, uint64_t ns) {
  if (measured_.ns != 0) sampler_.measured(measured_.ns + ns, bytes, measured_.decoded_bytes);
  measured_.ns = 0;
}

[[gnu::always_inline]] inline bool FrameBuilder::add_event(const Event& event, size_t plain_bytes_max) {
  const bool columns = sampler_.layout() != Layout::kWhole;
  bool fits = true;
  Shape** seen = nullptr;
  if (columns && last_) {
    if (add_like_before(event, plain_bytes_max, fits)) return fits;
    seen = &seen_[glance(event)];
    if (*seen && add_by(**seen, event, plain_bytes_max, fits)) return fits;
  }
  size_t size = columns ? log_event_size(event) : log_event_size_max(event);
  if (!has_room_for(size)) return false;
  Shape* const before = last_;
  Shape* shape = columns && list_.fill(event, options_.utc_offset_s, times_) ? shape_for(event) : nullptr;
  if (shape && before) before->after = shape;
  if (shape && seen) *seen = shape;
  const size_t more = size + bytes_besides(shape ? *shape : whole_);
  if (bound_ + more > plain_bytes_max) return false;
  bound_ += more;
  if (shape) append(*shape, event);
  else size = append_whole(event, size);
  count(event, size);
  return true;
}

/// False: the event has another shape than those that may be expected now. `fits`: whether it was added.
[[gnu::always_inline]] inline bool FrameBuilder::add_like_before(const Event& event, size_t plain_bytes_max, bool& fits) {
  Shape* const expected = last_->after;
  if (add_by(*expected, event, plain_bytes_max, fits)) return true;
  return expected != last_ && add_by(*last_, event, plain_bytes_max, fits);
}

bool FrameBuilder::add_by(Shape& shape, const Event& event, size_t plain_bytes_max, bool& fits) {
  if (!shape.plan || !shape.plan->matches(event, list_.derives, times_, match_)) return false;
  const size_t more = match_.size + bytes_besides(shape);
  fits = has_room_for(match_.size) && bound_ + more <= plain_bytes_max;
  if (!fits) return true;
  bound_ += more;
  enter(&shape);
  add_id(event.id);
  shape.plan->append(event, match_);
  last_->after = &shape;
  last_ = &shape;
  count(event, match_.size);
  return true;
}

bool FrameBuilder::has_room_for(size_t size) const {
  return header_.events != kEventsMax && header_.decoded_bytes + size <= kDecodedBytesMax;
}

[[gnu::always_inline]] inline void FrameBuilder::count(const Event& event, size_t size) {
  ++header_.events;
  header_.decoded_bytes += static_cast<uint32_t>(size);
  if (size > header_.event_bytes_max) header_.event_bytes_max = static_cast<uint32_t>(size);
  if (event.keep_original) {
    header_.original_bytes += static_cast<uint32_t>(event.original.size());
    header_.original_crc = crc32c(header_.original_crc, event.original.data(), event.original.size());
  }
}

/// nullptr: the event travels whole.
Shape* FrameBuilder::shape_for(const Event& event) {
  const size_t size = event.keep_original ? event.original.size() : 0;
  if (last_ && last_->has_fields_of(list_) && last_->cut(list_, size, bounds_)) return last_;
  const uint64_t hash = shape_hash(list_, options_.seed);
  const auto found = shapes_.find(hash);
  if (found != shapes_.end()) {
    for (const auto& shape : found->second) {
      if (!shape->has_fields_of(list_) || !shape->cut(list_, size, bounds_)) continue;
      return last_ = shape.get();
    }
    if (found->second.size() >= kOrdersKept) return nullptr;
  }
  if (fresh_shapes_ >= kShapesNewMin + header_.events / kShapesNewShare) return nullptr;
  if (shape_count_ >= kShapesKept || columns_.size() + 3 * list_.count > kColumnsMax / 2) return nullptr;
  Shape* shape = new_shape(hash, event.keep_original);
  if (!shape || !shape->cut(list_, size, bounds_)) return nullptr;
  if (event.problems == 0) make_plan(*shape, event);
  return last_ = shape;
}

void FrameBuilder::append(const Shape& shape, const Event& event) {
  enter(const_cast<Shape*>(&shape));
  const auto line = reinterpret_cast<uintptr_t>(event.original.data());
  for (size_t i = 0; i < shape.slots.size(); ++i) {
    const Shape::SlotPlan& plan = shape.slots[i];
    if (plan.source == SlotSource::kPieces) continue;
    if (plan.column == kIdColumn) {
      add_id(event.id);
      continue;
    }
    Column& column = columns_[plan.column];
    if (column.type == ColumnType::kText) {
      const std::string_view text = list_.slots[i].text;
      // A part of the line has its padding behind it.
      if (reinterpret_cast<uintptr_t>(text.data()) - line < event.original.size()) column.text->add_padded(text);
      else column.text->add(text);
    } else column.number->add(list_.slots[i].number);
  }
  for (size_t i = 0; i < shape.pieces.size(); ++i) {
    if (!shape.pieces[i].own) continue;
    columns_[shape.pieces[i].column].text->add_padded(event.original.substr(bounds_[i], bounds_[i + 1] - bounds_[i]));
  }
}

/// Its bytes: `size_max` or less.
size_t FrameBuilder::append_whole(const Event& event, size_t size_max) {
  TextColumn& column = whole_column();
  enter(&whole_);
  uint8_t* const begin = column.room(size_max + kPadding);
  const auto size = static_cast<size_t>(encode_log_event(event, begin) - begin);
  column.used(size);
  return size;
}

inline TextColumn& FrameBuilder::whole_column() {
  uint32_t& number = whole_.slots[0].column;
  if (number == 0) {
    number = column(ColumnType::kText, "whole", false, false) + 1;
    columns_[number - 1].text->always_plain();
  }
  return *columns_[number - 1].text;
}

inline void FrameBuilder::enter(Shape* shape) {
  if (shape->in_frame == UINT32_MAX) {
    shape->in_frame = static_cast<uint32_t>(used_.size());
    used_.push_back(shape);
  }
  shape_ids_.add(shape->in_frame);
}

[[gnu::always_inline]] inline void FrameBuilder::add_id(const EventId& id) {
  if (!ids_.empty()) {
    IdRun& run = ids_.back();
    if (run.first.chunk == id.chunk && run.first.ring == id.ring && run.first.index + run.count == id.index &&
        run.first.node == id.node && run.first.boot == id.boot) {
      ++run.count;
      return;
    }
  }
  ids_.push_back({id, 1});
  bound_ += 40;
}

Shape* FrameBuilder::new_shape(uint64_t hash, bool with_original) {
  auto owned = std::make_unique<Shape>();
  Shape& shape = *owned;
  shape.keys.assign(list_.keys, list_.keys + list_.count);
  shape.time_code = list_.time_code;
  shape.time = list_.time;
  for (size_t i = 0; i < list_.count; ++i)
    if (is_attr(SlotList::kind_of(list_.keys[i]))) shape.names.emplace_back(list_.slots[i].name);
  shape.cuts = cuts_of(list_);
  const auto pieces = static_cast<uint16_t>(with_original ? shape.cuts.size() + 1 : 0);
  for (size_t i = 0; i < list_.count; ++i) {
    const uint32_t key = list_.keys[i];
    if (SlotList::number_of(key) == original_key()) {
      shape.slots.push_back({SlotSource::kPieces, 0, 0, pieces});
      continue;
    }
    // Piece p lies between cut p − 1 and cut p. What stands in one piece is the value of that piece.
    uint16_t first = 0, end = 0;
    for (uint16_t c = 0; c < shape.cuts.size(); ++c) {
      if (shape.cuts[c].slot != i) continue;
      (shape.cuts[c].is_end ? end : first) = static_cast<uint16_t>(c + 1);
    }
    const bool alone = end - first == 1;
    if (SlotList::derived(key) && !alone) {
      list_.derives = false;
      return nullptr;
    }
    const bool is_number = !is_text(SlotList::kind_of(key));
    if (SlotList::stands(key) && !alone && !is_number)
      shape.slots.push_back({SlotSource::kPieces, 0, first, static_cast<uint16_t>(end - first)});
    else
      shape.slots.push_back({SlotSource::kColumn, slot_column(i), alone ? first : uint16_t{0}, 0});
  }
  std::string left = "begin";
  for (uint16_t p = 0; p < pieces; ++p) {
    const bool inside = p > 0 && p < shape.cuts.size() && shape.cuts[p - 1].slot == shape.cuts[p].slot &&
                        !shape.cuts[p - 1].is_end && shape.cuts[p].is_end;
    if (p > 0) {
      const Shape::Cut& cut = shape.cuts[p - 1];
      left = std::to_string(list_.keys[cut.slot]) + (cut.is_end ? ">" : "<") + std::string(list_.slots[cut.slot].name);
    }
    if (inside) shape.pieces.push_back({false, 0, shape.cuts[p].slot});
    else shape.pieces.push_back({true, column(ColumnType::kText, "between " + left, false, true), 0});
  }
  ++shape_count_;
  ++fresh_shapes_;
  auto& bucket = shapes_[hash];
  bucket.push_back(std::move(owned));
  return bucket.back().get();
}

/// Of a shape just made of this event.
void FrameBuilder::make_plan(Shape& shape, const Event& event) {
  std::vector<EventPlan::Target> slots;
  std::vector<TextColumn*> pieces;
  for (const Shape::SlotPlan& slot : shape.slots) {
    if (slot.source == SlotSource::kPieces || slot.column == kIdColumn) slots.push_back({nullptr, nullptr});
    else slots.push_back({columns_[slot.column].text.get(), columns_[slot.column].number.get()});
  }
  for (const Shape::PiecePlan& piece : shape.pieces) pieces.push_back(piece.own ? columns_[piece.column].text.get() : nullptr);
  shape.plan = std::make_unique<EventPlan>(event, list_, shape, slots, pieces);
}

uint32_t FrameBuilder::slot_column(size_t slot) {
  const uint32_t number = SlotList::number_of(list_.keys[slot]);
  const SlotKind kind = SlotList::kind_of(list_.keys[slot]);
  if (number == id_key()) return kIdColumn;
  std::string key = std::to_string(number) + " " + std::to_string(static_cast<int>(kind)) + " ";
  key.append(list_.slots[slot].name);
  return column(is_text(kind) ? ColumnType::kText : ColumnType::kNumber, std::move(key), kind == SlotKind::kFixed64, false);
}

uint32_t FrameBuilder::column(ColumnType type, std::string key, bool time, bool folds) {
  const auto [at, fresh] = column_of_.try_emplace(std::move(key), static_cast<uint32_t>(columns_.size()));
  if (fresh) {
    Column column{type, nullptr, nullptr, folds, 0};
    if (type == ColumnType::kText) column.text = std::make_unique<TextColumn>();
    else column.number = std::make_unique<NumberColumn>(time);
    columns_.push_back(std::move(column));
    bound_ += kColumnOverhead;
  }
  return at->second;
}

}  // namespace penstock::frames
