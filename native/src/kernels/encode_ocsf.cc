// Event → OCSF as JSON, by the table of schema/ocsf/mapping.yaml. The rules are in docs/reference/ocsf.md.
#include <algorithm>
#include <charconv>

#include "kernels/encode.h"
#include "kernels/event_marks.h"
#include "kernels/json_nesting.h"
#include "kernels/json_text.h"
#include "kernels/ocsf_table.h"
#include "kernels/wire.h"

namespace penstock {
namespace {

using namespace ocsf;

constexpr size_t kIds = static_cast<size_t>(EcsField::kCount) + std::size(kJsonMemberNames);
constexpr uint16_t kNoRow = 0xffff;
constexpr uint8_t kOther = 99;

/// Items of one name.
struct Group {
  const JsonItem* const* first;
  const JsonItem* const* last;
  const JsonItem& item() const { return **first; }
};

/// What an attribute gets.
struct Slot {
  enum Kind : uint8_t { kEmpty, kField, kLiteral } kind = kEmpty;
  How how;
  bool raw;  ///< of a literal: JSON as it is
  uint32_t group;
  std::string_view literal;
};

struct Room {
  Room() {
    for (size_t c = 0; c < kClassCount; ++c) {
      std::fill(std::begin(row_of[c]), std::end(row_of[c]), kNoRow);
      for (uint16_t row = kClasses[c].rows.first; row < kClasses[c].rows.last; ++row) row_of[c][kRows[row].id] = row;
    }
    std::fill(std::begin(group_of), std::end(group_of), kNone);
  }
  static constexpr uint32_t kNone = UINT32_MAX;
  JsonScratch scratch;
  uint16_t row_of[kClassesMax][kIds];
  uint32_t group_of[kIds];  ///< of a member or field
  Group groups[kJsonItemsMax];
  Group unmapped[kJsonItemsMax];
  const JsonItem* displaced[kJsonItemsMax];
  Slot slots[kPathsMax];
};

Room& room() {
  thread_local const std::unique_ptr<Room> room(new Room);
  return *room;
}

std::string_view basename(std::string_view path) {
  const size_t end = path.find_last_not_of("/\\");
  if (end == path.npos) return path;
  path = path.substr(0, end + 1);
  return path.substr(path.find_last_of("/\\") + 1);  // npos + 1: all of it
}

char direction(std::string_view text) {
  if (text == "inbound" || text == "ingress") return '1';
  if (text == "outbound" || text == "egress") return '2';
  return text == "internal" ? '3' : 0;
}

char outcome(std::string_view text) { return text == "success" ? '1' : text == "failure" ? '2' : text == "unknown" ? '0' : 0; }

bool read_integer(std::string_view text, int64_t& n) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return error == std::errc() && end == text.data() + text.size();
}

bool can_write(How how, const JsonItem& item) {
  const bool is_text = item.shape == JsonShape::kText;
  int64_t n;
  switch (how) {
    case How::kCopy:
    case How::kList: return item.shape != JsonShape::kRaw && item.shape != JsonShape::kNull;
    case How::kMs: return item.shape == JsonShape::kDate;
    case How::kNsToMs: return item.shape == JsonShape::kInt;
    case How::kInteger:
      return item.shape == JsonShape::kInt || (is_text && read_integer(item.text, n)) ||
             (item.shape == JsonShape::kDouble && item.d >= -9e15 && item.d <= 9e15);
    case How::kBasename: return is_text && !basename(item.text).empty();
    case How::kDirection: return is_text && direction(item.text) != 0;
    case How::kOutcome: return is_text && outcome(item.text) != 0;
  }
  return false;
}

/// Severity by syslog's, or by a word.
int severity(std::string_view level) {
  static constexpr struct { std::string_view begins; int id; } kWords[] = {
      {"emerg", 6}, {"fatal", 6}, {"panic", 6}, {"alert", 5}, {"crit", 5}, {"err", 4}, {"high", 4}, {"warn", 3},
      {"medium", 3}, {"notice", 2}, {"low", 2}, {"info", 1}, {"debug", 1}, {"trace", 1}};
  char small[8] = {};
  for (size_t i = 0; i < level.size() && i < sizeof small; ++i) small[i] = static_cast<char>(level[i] | 0x20);
  const std::string_view word(small, std::min(level.size(), sizeof small));
  for (const auto& [begins, id] : kWords)
    if (word.starts_with(begins)) return id;
  return 0;
}

class OcsfWriter {
 public:
  OcsfWriter(const Event& event, Room& room, uint8_t* out) : event_(event), room_(room), out_(out) {}

  uint8_t* write() {
    group_items();
    class_ = 0;
    while (class_ + 1 < kClassCount && !holds(kClasses[class_].when)) ++class_;
    fill();
    heed_needs();
    fill_defaults();
    put('{');
    head();
    attributes();
    unmapped();
    put('}');
    for (uint32_t i = 0; i < groups_; ++i)
      if (!room_.groups[i].item().attr()) room_.group_of[room_.groups[i].item().id] = Room::kNone;
    return out_;
  }

 private:
  void group_items() {
    const auto [begin, end] = json_items(event_, room_.scratch);
    for (const JsonItem** first = begin; first < end;) {
      const JsonItem** last = first + 1;
      while (last < end && same_name(**last, **first)) ++last;
      const JsonItem** attrs = last;  // fields come before attributes of their name
      if (!(*first)->attr()) {
        while (attrs[-1]->attr()) --attrs;
        room_.group_of[(*first)->id] = groups_;
      }
      room_.groups[groups_++] = {first, attrs};
      if (attrs < last) room_.displaced[displaced_++] = last[-1];
      first = last;
    }
  }

  const Group* group(uint16_t id) const {
    return room_.group_of[id] == Room::kNone ? nullptr : &room_.groups[room_.group_of[id]];
  }
  bool holds(const Term& term) const {
    const Group* const found = group(term.id);
    if (!found) return false;
    if (!term.value.data()) return true;
    return std::any_of(found->first, found->last, [&](const JsonItem* item) { return item->shape == JsonShape::kText && item->text == term.value; });
  }
  bool holds(Span lines) const {
    return std::all_of(kGroups + lines.first, kGroups + lines.last, [&](const Span& line) {
      return std::any_of(kTerms + line.first, kTerms + line.last, [&](const Term& term) { return holds(term); });
    });
  }

  /// Gives each group its attribute, or puts it to what has none.
  void fill() {
    std::fill_n(room_.slots, kPathCount, Slot{});
    for (uint32_t i = 0; i < groups_; ++i) {
      const Group& group = room_.groups[i];
      const uint16_t row = group.item().attr() ? kNoRow : room_.row_of[class_][group.item().id];
      const bool fits = row != kNoRow && room_.slots[kRows[row].path].kind == Slot::kEmpty && can_write(kRows[row].how, group.item());
      if (fits) room_.slots[kRows[row].path] = {Slot::kField, kRows[row].how, false, i, {}};
      if (!fits || (group.last - group.first > 1 && group.item().repeated && kRows[row].how != How::kList)) leave(i);
    }
  }
  void leave(uint32_t group) { room_.unmapped[left_++] = room_.groups[group]; }

  bool any_in(Span paths) const {
    return std::any_of(room_.slots + paths.first, room_.slots + paths.last, [](const Slot& slot) { return slot.kind != Slot::kEmpty; });
  }
  void heed_needs() {
    for (size_t i = 0; i < kNeedCount; ++i) {
      const Need& need = kNeeds[i];
      const bool met = std::any_of(kNeeded + need.any.first, kNeeded + need.any.last, [&](uint16_t path) { return room_.slots[path].kind != Slot::kEmpty; });
      for (uint16_t path = need.object.first; !met && path < need.object.last; ++path) {
        Slot& slot = room_.slots[path];
        if (slot.kind == Slot::kEmpty) continue;
        const Group& group = room_.groups[slot.group];
        if (group.last - group.first == 1 || !group.item().repeated || slot.how == How::kList) leave(slot.group);
        slot.kind = Slot::kEmpty;
      }
    }
  }
  void fill_defaults() {
    for (uint16_t i = kClasses[class_].defaults.first; i < kClasses[class_].defaults.last; ++i) {
      const Default& one = kDefaults[i];
      Slot& slot = room_.slots[one.path];
      if (slot.kind != Slot::kEmpty || (one.under.last != 0 && !any_in(one.under)) || (one.also.last != 0 && !any_in(one.also))) continue;
      slot = {Slot::kLiteral, How::kCopy, one.raw, 0, one.value};
      for (uint16_t from = one.from.first; from < one.from.last; ++from) {
        const Group* const found = group(kFroms[from].id);
        if (!found || !can_write(kFroms[from].how, found->item())) continue;
        slot = {Slot::kField, kFroms[from].how, false, static_cast<uint32_t>(found - room_.groups), {}};
        break;
      }
    }
  }

  void head() {
    const Class& about = kClasses[class_];
    int activity = -1;
    for (uint16_t i = about.activities.first; i < about.activities.last && activity < 0; ++i)
      if (holds(kActivities[i].when)) activity = kActivities[i].id;
    const Group* const action = group(static_cast<uint16_t>(EcsField::kEventAction));
    if (activity < 0) activity = action ? kOther : 0;
    number("\"class_uid\":", about.uid);
    text(",\"class_name\":", about.name);
    number(",\"category_uid\":", about.category);
    text(",\"category_name\":", about.category_name);
    number(",\"activity_id\":", activity);
    if (activity == kOther) text(",\"activity_name\":", action->item().text);
    number(",\"type_uid\":", int64_t{about.uid} * 100 + activity);
    number(",\"severity_id\":", severity_id());
  }
  int severity_id() const {
    static constexpr int kBySyslog[] = {6, 5, 5, 4, 3, 2, 1, 1};
    const Group* const code = group(static_cast<uint16_t>(EcsField::kLogSyslogSeverityCode));
    if (code && code->item().shape == JsonShape::kInt && code->item().i >= 0 && code->item().i < 8) return kBySyslog[code->item().i];
    const Group* const level = group(static_cast<uint16_t>(EcsField::kLogLevel));
    return level && level->item().shape == JsonShape::kText ? severity(level->item().text) : 0;
  }

  /// The slots in the order of their paths, objects within each other.
  void attributes() {
    std::string_view open;  // the path written last
    size_t depth = 0;       // bytes of it that are open objects, the last dot included
    for (size_t i = 0; i < kPathCount; ++i) {
      if (room_.slots[i].kind == Slot::kEmpty) continue;
      const std::string_view path = kPaths[i];
      while (depth > 0 && (path.size() <= depth || path.substr(0, depth) != open.substr(0, depth))) depth = close(open, depth);
      open = path;
      put(',');
      for (size_t dot; (dot = path.find('.', depth)) != path.npos; depth = dot + 1) {
        const std::string_view name = path.substr(depth, dot - depth);
        const bool list = name.ends_with("[]");
        key(list ? name.substr(0, name.size() - 2) : name);
        if (list) put('[');
        put('{');
      }
      key(path.substr(depth));
      value(room_.slots[i]);
    }
    while (depth > 0) depth = close(open, depth);
  }
  /// Ends the innermost open object; the depth outside of it.
  size_t close(std::string_view path, size_t depth) {
    put('}');
    if (path.substr(0, depth - 1).ends_with("[]")) put(']');
    const size_t dot = path.rfind('.', depth - 2);
    return dot == path.npos ? 0 : dot + 1;
  }

  void unmapped() {
    if (left_ == 0 && displaced_ == 0) return;
    raw(",\"unmapped\":{");
    for (size_t i = 0; i < left_; ++i) {
      if (i > 0) put(',');
      const Group& group = room_.unmapped[i];
      key(group.item().name);
      if (group.item().repeated) items(group);
      else item(*group.last[-1]);
    }
    const size_t prefixes = displaced_ == 0 ? 0 : attrs_prefixes_max(event_);
    for (size_t i = 0; i < displaced_; ++i) {
      if (left_ + i > 0) put(',');
      uint8_t* const begin = out_;
      key(room_.displaced[i]->name);
      const size_t shift = prefixes * kAttrs.size();
      std::memmove(begin + 1 + shift, begin + 1, static_cast<size_t>(out_ - begin - 1));
      for (size_t k = 0; k < prefixes; ++k) std::memcpy(begin + 1 + k * kAttrs.size(), kAttrs.data(), kAttrs.size());
      out_ += shift;
      item(*room_.displaced[i]);
    }
    put('}');
  }

  void value(const Slot& slot) {
    if (slot.kind == Slot::kLiteral) {
      if (slot.raw) raw(slot.literal);
      else out_ = put_json_string(out_, slot.literal);
      return;
    }
    const Group& group = room_.groups[slot.group];
    const JsonItem& one = group.item().repeated ? group.item() : *group.last[-1];
    switch (slot.how) {
      case How::kCopy: return item(one);
      case How::kList: return items(group);
      case How::kMs: out_ = put_json_int(out_, floor_ms(one.i)); return;
      case How::kNsToMs: out_ = put_json_int(out_, floor_ms(one.i)); return;
      case How::kInteger: {  // anew, not as it is written: JSON has no 007
        int64_t n = one.i;
        if (one.shape == JsonShape::kText) read_integer(one.text, n);
        if (one.shape == JsonShape::kDouble) n = static_cast<int64_t>(one.d);
        out_ = put_json_int(out_, n);
        return;
      }
      case How::kBasename: out_ = put_json_string(out_, basename(one.text)); return;
      case How::kDirection: return put(direction(one.text));
      case How::kOutcome: return put(outcome(one.text));
    }
  }
  static int64_t floor_ms(int64_t ns) { return ns / 1'000'000 - (ns % 1'000'000 < 0); }
  void items(const Group& group) {
    put('[');
    for (const JsonItem* const* next = group.first; next < group.last; ++next) {
      if (next > group.first) put(',');
      item(**next);
    }
    put(']');
  }
  void item(const JsonItem& item) {
    switch (item.shape) {
      case JsonShape::kText: out_ = put_json_string(out_, item.text); break;
      case JsonShape::kRaw:  // line breaks, which it can hold between tokens only, become spaces
        for (const char c : item.text) put(c == '\n' || c == '\r' ? ' ' : c);
        break;
      case JsonShape::kInt: out_ = put_json_int(out_, item.i); break;
      case JsonShape::kDouble: out_ = put_json_double(out_, item.d); break;
      case JsonShape::kBool: raw(item.i != 0 ? "true" : "false"); break;
      case JsonShape::kNull: raw("null"); break;
      case JsonShape::kDate: out_ = put_json_date(out_, item.i); break;
      case JsonShape::kId: id(); break;
    }
  }
  void id() {
    uint8_t bytes[kEventIdBytes];
    put_event_id(event_.id, bytes);
    put('"');
    for (const uint8_t byte : bytes) {
      put("0123456789abcdef"[byte >> 4]);
      put("0123456789abcdef"[byte & 15]);
    }
    put('"');
  }

  void put(char c) { *out_++ = static_cast<uint8_t>(c); }
  void raw(std::string_view text) {
    std::memcpy(out_, text.data(), text.size());
    out_ += text.size();
  }
  void key(std::string_view name) {
    out_ = put_json_string(out_, name);
    put(':');
  }
  void number(std::string_view before, int64_t value) {
    raw(before);
    out_ = put_json_int(out_, value);
  }
  void text(std::string_view before, std::string_view value) {
    raw(before);
    out_ = put_json_string(out_, value);
  }

  const Event& event_;
  Room& room_;
  uint8_t* out_;
  size_t class_ = 0;
  uint32_t groups_ = 0;
  size_t left_ = 0, displaced_ = 0;
};

}  // namespace

// Beside what ECS JSON has: names of objects, fixed attributes, an action named again, and texts that stand for two attributes.
size_t ocsf_event_size_max(const Event& event) {
  return json_event_size_max(event) + 8 * kPathsMax * 16 + 6 * (event.text_bytes() + event.message.size() + event.peer.size());
}

uint8_t* encode_ocsf_event(const Event& event, uint8_t* out) { return OcsfWriter(event, room(), out).write(); }

}  // namespace penstock
