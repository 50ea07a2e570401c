// Event → Avro binary, in one pass over the names in order: that is the order of the schema's records.
// https://avro.apache.org/docs/1.12.0/specification/#binary-encoding
//
// Every member of a record is a union with null or an array, so that absent is one zero byte; between two fields that are there
// stand as many zeros as members are passed over.
#include <algorithm>

#include "generated/avro_places.h"
#include "kernels/encode.h"
#include "kernels/event_marks.h"
#include "kernels/json_items.h"
#include "kernels/wire.h"

namespace penstock {
namespace {

constexpr uint8_t kSomething = 2;  // the second of a union, zigzag

/// Branches of an attribute's union, zigzag: schema/log_event.avsc.
enum AttrBranch : uint8_t { kNullAttr = 0, kBoolAttr = 2, kLongAttr = 4, kDoubleAttr = 6, kStringAttr = 8, kJsonAttr = 10 };

class AvroWriter {
 public:
  AvroWriter(const Event& event, uint8_t* out) : event_(event), out_(out) {}

  /// The items [first, last), all of one field.
  void field(const JsonItem* const* first, const JsonItem* const* last) {
    const JsonItem& item = **first;
    enter(kAvroPlaces[item.id]);
    if (!item.repeated) {
      *out_++ = kSomething;
      return value(*last[-1]);
    }
    number(last - first);
    for (const JsonItem* const* next = first; next < last; ++next) value(**next);
    *out_++ = 0;
  }
  void leave_fields() { leave_to(0), skip(kAvroRecords[0].members); }
  void attrs(const JsonItem* const* first, size_t count) {
    if (count > 0) number(static_cast<int64_t>(count));
    for (size_t i = 0; i < count; ++i) text(first[i]->name), attr(*first[i]);
    *out_++ = 0;
  }
  uint8_t* end() const { return out_; }

 private:
  struct Open {
    uint16_t record = 0;
    uint16_t next = 0;  ///< the first member not written
  };

  /// Comes to the place: what is open and not around it is ended, what is around it and not open is begun.
  void enter(AvroPlace place) {
    uint16_t around[kAvroDepthMax + 1];
    size_t depth = 0;
    for (uint16_t record = place.record; record != 0; record = kAvroRecords[record].parent) around[depth++] = record;
    size_t common = 0;
    while (common < depth_ && common < depth && open_[common + 1].record == around[depth - 1 - common]) ++common;
    leave_to(common);
    while (depth_ < depth) {
      const uint16_t record = around[depth - 1 - depth_];
      skip(kAvroRecords[record].slot);
      *out_++ = kSomething;
      ++open_[depth_].next;
      open_[++depth_] = {record, 0};
    }
    skip(place.slot);
    ++open_[depth_].next;
  }
  void leave_to(size_t depth) {
    for (; depth_ > depth; --depth_) skip(kAvroRecords[open_[depth_].record].members);
  }
  /// The members before `slot` are absent.
  void skip(uint16_t slot) {
    Open& open = open_[depth_];
    const auto count = static_cast<size_t>(slot - open.next);
    std::memset(out_, 0, count);
    out_ += count;
    open.next = slot;
  }
  void number(int64_t value) { out_ = wire::put_varint(out_, wire::zigzag(value)); }
  void text(std::string_view text) {
    number(static_cast<int64_t>(text.size()));
    out_ = wire::copy_exact(out_, text.data(), text.size());
  }
  void value(const JsonItem& item) {
    switch (item.shape) {
      case JsonShape::kText:
      case JsonShape::kRaw: return text(item.text);
      case JsonShape::kInt:
      case JsonShape::kDate: return number(item.i);
      case JsonShape::kDouble: out_ = wire::put_fixed64(out_, static_cast<uint64_t>(item.i)); return;
      case JsonShape::kBool: *out_++ = item.i != 0; return;
      case JsonShape::kId: return id();
      case JsonShape::kNull: return;  // no field is
    }
  }
  void attr(const JsonItem& item) {
    switch (item.shape) {
      case JsonShape::kText: *out_++ = kStringAttr; break;
      case JsonShape::kRaw: *out_++ = kJsonAttr; break;
      case JsonShape::kInt: *out_++ = kLongAttr; break;
      case JsonShape::kDouble: *out_++ = kDoubleAttr; break;
      case JsonShape::kBool: *out_++ = kBoolAttr; break;
      default: *out_++ = kNullAttr; return;
    }
    value(item);
  }
  void id() {
    number(kEventIdBytes);
    put_event_id(event_.id, out_);
    out_ += kEventIdBytes;
  }

  const Event& event_;
  uint8_t* out_;
  Open open_[kAvroDepthMax + 1];
  size_t depth_ = 0;
};

JsonScratch& scratch() {
  thread_local const std::unique_ptr<JsonScratch> scratch(new JsonScratch);
  return *scratch;
}

}  // namespace

size_t avro_event_size_max(const Event& event) {
  constexpr size_t kText = 1 + 10;        // branch, and length or number
  constexpr size_t kField = kText + 10;   // and an array's count and end
  constexpr size_t kMarks = (2 + 64) * (kField + 64) + kErrorMessageMax;
  const size_t members = 6 * kText + kEventIdBytes + event.peer.size() + event.message.size() +
                         (event.keep_original ? event.original.size() : 0);
  return kAvroMembersAll + 64 + members + kMarks + event.field_count() * kField + event.attr_count() * 2 * kText + event.text_bytes();
}

uint8_t* encode_avro_event(const Event& event, uint8_t* out) {
  const auto [begin, end] = json_items(event, scratch());
  AvroWriter writer(event, out);
  size_t attrs = 0;
  for (const JsonItem** first = begin; first < end;) {
    const JsonItem** last = first + 1;
    while (last < end && same_name(**last, **first)) ++last;
    // Fields come before attributes of their name; of an attribute that comes twice the last counts.
    const JsonItem** fields = last;
    while (fields > first && fields[-1]->attr()) --fields;
    const JsonItem* const attr = fields < last ? last[-1] : nullptr;
    if (fields > first) writer.field(first, fields);
    if (attr) begin[attrs++] = attr;
    first = last;
  }
  writer.leave_fields();
  writer.attrs(begin, attrs);
  return writer.end();
}

}  // namespace penstock
