// Event → MessagePack: the object that the encoding json writes, nested and named as there; dates are timestamps (extension −1),
// event.original and event.id are bin, JSON within the event is taken apart. https://github.com/msgpack/msgpack/blob/master/spec.md
#include "kernels/encode.h"
#include "kernels/event_marks.h"
#include "kernels/json_items.h"
#include "kernels/json_nesting.h"
#include "kernels/msgpack.h"

namespace penstock {
namespace {

class MsgpackWriter {
 public:
  MsgpackWriter(const Event& event, uint8_t* out) : event_(event), out_(out) { begin_map(); }

  /// The items [first, last), all of one name: an array of a repeated field's values, or the last value.
  void member(const JsonItem* const* first, const JsonItem* const* last) {
    const JsonItem& item = **first;
    enter(item.name);
    if (!item.repeated) return value(*last[-1]);
    out_ = msgpack::put_array_header(out_, static_cast<size_t>(last - first));
    for (const JsonItem* const* next = first; next < last; ++next) value(**next);
  }
  /// An attribute whose name is taken by a field: at the top, flat, under "attrs.<name>".
  void displaced(const JsonItem& item, size_t prefixes) {
    leave_to(0);
    ++counts_[0];
    out_ = msgpack::put_text_header(out_, prefixes * kAttrs.size() + item.name.size());
    for (size_t i = 0; i < prefixes; ++i) out_ = wire::copy_exact(out_, kAttrs.data(), kAttrs.size());
    out_ = wire::copy_exact(out_, item.name.data(), item.name.size());
    value(item);
  }
  uint8_t* finish() {
    leave_to(0);
    end_map();
    return out_;
  }

 private:
  /// Ends and begins maps, and writes the key, so that the value of `name` comes next.
  void enter(std::string_view name) {
    while (depth_ > 0 && !name.starts_with(path_.substr(0, opened_[depth_]))) leave_to(depth_ - 1);
    size_t at = depth_ > 0 ? opened_[depth_] : 0;
    const bool blocked = leaf_.data() && starts_with_object(name, leaf_);
    if (!blocked) {
      leaf_ = name;
      for (size_t dot; depth_ < kNestingMax && (dot = name.find('.', at)) != name.npos; at = dot + 1) {
        key(name.substr(at, dot - at));
        ++depth_;
        begin_map();
        opened_[depth_] = dot + 1;
        path_ = name;
      }
    }
    key(name.substr(at));
  }
  void key(std::string_view text) {
    ++counts_[depth_];
    out_ = msgpack::put_text(out_, text);
  }
  /// A map of 16 bits' count, which is known when it ends.
  void begin_map() {
    starts_[depth_] = out_;
    counts_[depth_] = 0;
    out_ += 3;
  }
  void end_map() { msgpack::put_map16(starts_[depth_], counts_[depth_]); }
  void leave_to(size_t depth) {
    for (; depth_ > depth; --depth_) end_map();
  }
  void value(const JsonItem& item) {
    switch (item.shape) {
      case JsonShape::kText:
        out_ = is_original(item) ? msgpack::put_bytes(out_, item.text) : msgpack::put_text(out_, item.text);
        break;
      case JsonShape::kRaw: out_ = msgpack::put_json(out_, item.text); break;
      case JsonShape::kInt: out_ = msgpack::put_int(out_, item.i); break;
      case JsonShape::kDouble: out_ = msgpack::put_double(out_, item.d); break;
      case JsonShape::kBool: *out_++ = item.i != 0 ? 0xc3 : 0xc2; break;
      case JsonShape::kNull: *out_++ = 0xc0; break;
      case JsonShape::kDate: out_ = msgpack::put_timestamp(out_, item.i); break;
      case JsonShape::kId: {
        uint8_t bytes[kEventIdBytes];
        put_event_id(event_.id, bytes);
        out_ = msgpack::put_bytes(out_, view(bytes, kEventIdBytes));
        break;
      }
    }
  }
  static bool is_original(const JsonItem& item) {
    return item.id == static_cast<size_t>(EcsField::kCount) + static_cast<size_t>(JsonMember::kOriginal);
  }

  const Event& event_;
  uint8_t* out_;
  std::string_view path_;               ///< a name that begins with every open map's path
  size_t opened_[kNestingMax + 1];      ///< by depth, from 1: length of the map's path, its last dot included
  uint8_t* starts_[kNestingMax + 1];
  uint16_t counts_[kNestingMax + 1];
  size_t depth_ = 0;
  std::string_view leaf_;  ///< the last name that could hold others: "a" before "a.b"
};
static_assert(kJsonItemsMax < 65536, "a map's count has 16 bits");

JsonScratch& scratch() {
  thread_local const std::unique_ptr<JsonScratch> scratch(new JsonScratch);
  return *scratch;
}

/// Name and value: every byte of a name may be a dot and so make a map (three bytes), and each part has a header.
size_t item_size_max(size_t name, const Value& value) { return 9 * name + 32 + msgpack::json_size_max(value.text.size()); }

}  // namespace

size_t msgpack_event_size_max(const Event& event) {
  size_t size = 1024 + kPadding;  // the members' names, dates and id, the marks' names
  size += event.peer.size() + event.message.size() + (event.keep_original ? event.original.size() : 0);
  for (size_t i = 0; i < event.field_count(); ++i) {
    const FieldEntry& entry = event.fields()[i];
    size += item_size_max(kEcsFields[static_cast<size_t>(entry.field)].name.size(), entry.value);
  }
  if (event.problems != 0) size += (2 + 64) * (64 + kErrorMessageMax);
  if (event.attr_count() == 0) return size;
  const size_t prefix = attrs_prefixes_max(event) * kAttrs.size();
  for (size_t i = 0; i < event.attr_count(); ++i) {
    size += prefix + item_size_max(event.attrs()[i].name.size(), event.attrs()[i].value);
  }
  return size;
}

uint8_t* encode_msgpack_event(const Event& event, uint8_t* out) {
  const auto [begin, end] = json_items(event, scratch());
  MsgpackWriter writer(event, out);
  write_members(event, begin, end, writer);
  return writer.finish();
}

}  // namespace penstock
