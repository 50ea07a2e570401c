// Event → ECS JSON: one object, dotted names nested. The rules are in schema/README.md.
#include "kernels/encode.h"
#include "kernels/event_marks.h"
#include "kernels/json_items.h"
#include "kernels/json_nesting.h"
#include "kernels/json_text.h"
#include "kernels/wire.h"

#include <algorithm>

namespace penstock {
namespace {

/// "00" to "ff".
constexpr struct HexPairs {
  constexpr HexPairs() {
    for (int i = 0; i < 256; ++i) text[i][0] = "0123456789abcdef"[i >> 4], text[i][1] = "0123456789abcdef"[i & 15];
  }
  char text[256][2] = {};
} kHexPairs;

/// What stands between the values of two members or fields that follow each other: closed and opened objects, the key.
struct JsonPassage {
  static constexpr size_t kTextMax = 121;
  uint16_t from = JsonItem::kNoId;
  uint16_t to = JsonItem::kNoId;
  uint8_t size = 0;
  char text[kTextMax] = {};
  uint8_t depth = 0;  ///< objects open behind it
};
static_assert(sizeof(JsonPassage) == 128);

/// Events of one kind have the same names in the same order: each passage is made once.
class JsonPassages {
 public:
  JsonPassage& at(uint16_t from, uint16_t to) { return passages_[(from * 31u + to) % kPassages]; }

 private:
  static constexpr size_t kPassages = 1024;
  JsonPassage passages_[kPassages];
};

struct JsonMemory {
  JsonScratch scratch;
  JsonPassages passages;
};

JsonMemory& memory() {
  thread_local const std::unique_ptr<JsonMemory> memory(new JsonMemory);
  return *memory;
}

class JsonWriter {
 public:
  JsonWriter(const Event& event, JsonPassages& passages, uint8_t* out) : event_(event), passages_(passages), out_(out) {
    *out_++ = '{';
  }

  /// Writes the items [first, last), all of one name: an array of a repeated field's values, or the last value.
  void member(const JsonItem* const* first, const JsonItem* const* last) {
    const JsonItem& item = **first;
    if (item.attr()) enter(item.name, false);
    else pass_to(item);
    if (!item.repeated) return value(*last[-1]);
    *out_++ = '[';
    for (const JsonItem* const* next = first; next < last; ++next) {
      if (next > first) *out_++ = ',';
      value(**next);
    }
    *out_++ = ']';
  }
  /// An attribute whose name is taken by a field: at the top, flat, under "attrs.<name>".
  void displaced(const JsonItem& item, size_t prefixes) {
    leave_to(0);
    comma();
    uint8_t* key = out_;
    out_ = put_json_string(out_, item.name);
    const size_t shift = prefixes * kAttrs.size();
    std::memmove(key + 1 + shift, key + 1, static_cast<size_t>(out_ - key - 1));
    for (size_t i = 0; i < prefixes; ++i) std::memcpy(key + 1 + i * kAttrs.size(), kAttrs.data(), kAttrs.size());
    out_ += shift;
    *out_++ = ':';
    value(item);
  }
  uint8_t* finish() {
    leave_to(0);
    *out_++ = '}';
    return out_;
  }

 private:
  /// As `enter` for a member or field, from memory where it stands behind another one.
  void pass_to(const JsonItem& item) {
    if (last_id_ == JsonItem::kNoId) {
      enter(item.name, true);
      if (!blocked_) last_id_ = item.id;
      return;
    }
    JsonPassage& passage = passages_.at(last_id_, item.id);
    if (passage.from != last_id_ || passage.to != item.id) [[unlikely]] {
      const uint8_t* const begin = out_;
      const uint16_t from = last_id_;
      enter(item.name, true);
      const auto size = static_cast<size_t>(out_ - begin);
      if (blocked_ || size > JsonPassage::kTextMax) return;  // what follows depends on more than this name
      passage.from = from;
      passage.to = last_id_ = item.id;
      passage.size = static_cast<uint8_t>(size);
      passage.depth = static_cast<uint8_t>(depth_);
      std::memcpy(passage.text, begin, size);
      return;
    }
    std::memcpy(out_, passage.text, 32);
    if (passage.size > 32) std::memcpy(out_ + 32, passage.text + 32, JsonPassage::kTextMax - 32);
    out_ += passage.size;
    depth_ = passage.depth;
    last_id_ = item.id;
    last_name_ = item.name;
  }
  /// What `enter` knows of where it is, after passages from memory.
  void catch_up() {
    if (last_name_.empty()) return;
    path_ = leaf_ = last_name_;
    for (size_t depth = 0, at = 0; depth < depth_; ++depth) opened_[depth] = at = last_name_.find('.', at) + 1;
    last_name_ = {};
  }
  /// Closes and opens objects, and writes the key, so that the value of `name` comes next.
  void enter(std::string_view name, bool plain) {
    catch_up();
    last_id_ = JsonItem::kNoId;
    while (depth_ > 0 && !name.starts_with(path_.substr(0, opened_[depth_ - 1]))) leave_to(depth_ - 1);
    size_t at = depth_ > 0 ? opened_[depth_ - 1] : 0;
    blocked_ = leaf_.data() && starts_with_object(name, leaf_);
    if (!blocked_) {
      leaf_ = name;
      for (size_t dot; depth_ < kNestingMax && (dot = name.find('.', at)) != name.npos; at = dot + 1) {
        key(name.substr(at, dot - at), plain);
        *out_++ = '{';
        opened_[depth_++] = dot + 1;
        path_ = name;
      }
    }
    key(name.substr(at), plain);
  }
  /// `plain`: a part of an ECS name, with nothing to escape.
  void key(std::string_view text, bool plain) {
    comma();
    if (plain) {
      *out_++ = '"';
      out_ = wire::copy_exact(out_, text.data(), text.size());
      *out_++ = '"';
    } else {
      out_ = put_json_string(out_, text);
    }
    *out_++ = ':';
  }
  void comma() {
    if (out_[-1] != '{') *out_++ = ',';
  }
  void leave_to(size_t depth) {
    for (; depth_ > depth; --depth_) *out_++ = '}';
  }
  void value(const JsonItem& item) {
    switch (item.shape) {
      case JsonShape::kText: out_ = put_json_string(out_, item.text); break;
      case JsonShape::kRaw: raw(item.text); break;
      case JsonShape::kInt: out_ = put_json_int(out_, item.i); break;
      case JsonShape::kDouble: out_ = put_json_double(out_, item.d); break;
      case JsonShape::kBool: raw(item.i != 0 ? "true" : "false"); break;
      case JsonShape::kNull: raw("null"); break;
      case JsonShape::kDate: out_ = put_json_date(out_, item.i); break;
      case JsonShape::kId: id(); break;
    }
  }
  /// JSON text. Line breaks, which it can hold between tokens only, become spaces: an event is one line of NDJSON.
  void raw(std::string_view text) {
    uint8_t* const out = out_;
    for (size_t i = 0; i < text.size(); ++i) {
      out[i] = text[i] == '\n' || text[i] == '\r' ? ' ' : static_cast<uint8_t>(text[i]);
    }
    out_ += text.size();
  }
  void id() {
    uint8_t bytes[kEventIdBytes];
    put_event_id(event_.id, bytes);
    *out_++ = '"';
    for (const uint8_t byte : bytes) {
      std::memcpy(out_, kHexPairs.text[byte], 2);
      out_ += 2;
    }
    *out_++ = '"';
  }

  const Event& event_;
  JsonPassages& passages_;
  uint8_t* out_;
  std::string_view path_;  ///< a name that begins with every open object's path
  size_t opened_[kNestingMax];  ///< length of each open object's path, its last dot included
  size_t depth_ = 0;
  std::string_view leaf_;  ///< the last name that could hold others: "a" before "a.b"
  bool blocked_ = false;   ///< the last name stands under such a one, and so keeps its dots
  uint16_t last_id_ = JsonItem::kNoId;  ///< of the name just written, where only it says what comes next
  std::string_view last_name_;          ///< the same, where `enter` does not know of it yet
};

/// Name, key punctuation and value: every byte of a name may be escaped, or be a dot and so make an object.
size_t item_size_max(size_t name, const Value& value) {
  return 12 * name + 16 + json_string_size_max(value.text.size()) + kJsonDateSizeMax;
}

}  // namespace

size_t json_event_size_max(const Event& event) {
  size_t size = 1024 + kPadding;  // the members' names, dates and id, the marks' names
  size += json_string_size_max(event.peer.size()) + json_string_size_max(event.message.size());
  if (event.keep_original) size += json_string_size_max(event.original.size());
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

uint8_t* encode_json_event(const Event& event, uint8_t* out) {
  JsonMemory& room = memory();
  const auto [begin, end] = json_items(event, room.scratch);
  JsonWriter writer(event, room.passages, out);
  write_members(event, begin, end, writer);
  return writer.finish();
}

}  // namespace penstock
