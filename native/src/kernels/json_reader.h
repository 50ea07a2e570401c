// What JsonParser holds: the document being read, the event it becomes, and what is remembered of earlier documents.
#pragma once

#include "kernels/cpu.h"
#include "kernels/json.h"
#include "kernels/json_date.h"
#include "kernels/json_fit.h"
#include "kernels/json_names.h"
#include "kernels/json_steps.h"
#include "kernels/json_tokens.h"
#include "kernels/json_twins.h"
#include "kernels/one_of.h"

namespace penstock {

/// An object being read.
struct OpenObject {
  uint32_t name;         ///< id of its name; 0: the document
  uint32_t prefix_size;  ///< bytes of the path that precede its keys
};

/// Two ways through a document, with the same event at their ends: by its tokens (json.cc), and by what stood between the values of
/// earlier documents (json_known_impl.h, once for every instruction set), which is several times faster and gives up where something is new.
struct JsonParser::Impl {
  static constexpr size_t kEscapedBytesMost = 256;

  Impl(uint32_t max_message_bytes, JsonIsa isa)
      : bytes_max(max_message_bytes),
        tokens(max_message_bytes, isa == JsonIsa::kPortable),
        known(isa != JsonIsa::kPortable),
        known_by_avx2(isa == JsonIsa::kBest && cpu_has_avx2()),
        path(new char[size_t{max_message_bytes} + kPadding]),
        elements(new Value[Event::kMaxFields]),
        field_document(new uint32_t[static_cast<size_t>(EcsField::kCount)]()) {}

  Problem read(std::string_view text, const JsonOptions& options, Arena& into, Event& to);
  void begin();
  Problem read_tokens();
  template <bool kLearn>
  Problem read_object();
  Problem read_value(const JsonTarget& name, std::string_view key);
  Problem read_array(const JsonTarget& name, std::string_view key);
  Problem read_elements(const JsonTarget& name, uint32_t from, uint32_t to, size_t& count);
  inline Problem read_text(const JsonTarget& name, std::string_view key);
  inline bool read_texts(const JsonTarget& name, size_t& count);

  bool read_known(std::string_view text);
  bool read_known_baseline(std::string_view text);
  bool read_known_avx2(std::string_view text);
  template <class Isa>
  bool read_known_with(std::string_view text);
  template <class Isa>
  const char* known_text(const JsonStep& at, const char* before, std::string_view text, const char* end, typename Isa::High& high);
  template <class Isa>
  const char* known_value(const JsonTarget& name, std::string_view key, const char* p, const char* end, bool& high);
  template <class Isa>
  const char* known_array(const JsonTarget& name, std::string_view key, const char* p, const char* end, bool& high);
  template <class Isa>
  const char* known_texts(const JsonTarget& name, std::string_view key, const char* p, const char* end);
  static bool meet(const JsonStep& step, JsonNames::Meeting& meeting) {
    for (size_t n = 0; n < step.names; ++n)
      if (!meeting.meet(step.places[n], step.ids[n])) return false;
    return true;
  }
  /// A document leaves the plain way behind `to`: all names from `root` to there are met, and the fields that were added since are seen.
  bool meet_again(const JsonStep& root, const JsonStep& to, size_t fields_before, JsonNames::Meeting& meeting);
  /// Before a value that may be refused, or become an attribute: where it stands.
  void stand_at(const JsonStep& at) {
    step = &at;
    depth = at.depth;
    prefix = at.prefix;
    objects[depth - 1].prefix_size = at.prefix_size;
  }

  /// The dotted name that the step keeps as a whole, for this event. data() == nullptr: it keeps none, or there is no room.
  std::string_view whole_name(const JsonStep& at) {
    char* const dotted = at.name_size != 0 ? arena->take(JsonStep::kPrefixMax) : nullptr;
    if (!dotted) return {};
    std::memcpy(dotted, at.prefix, JsonStep::kPrefixMax);
    arena->give_back(JsonStep::kPrefixMax - at.name_size);
    return {dotted, at.name_size};
  }
  /// The name of an attribute, whose own key is `key`. data() == nullptr: there is no room.
  std::string_view attr_name(const JsonStep& at, std::string_view key) {
    if (at.prefix_size == 0) return key;
    if (const std::string_view name = whole_name(at); name.data()) return name;
    char* const dotted = arena->take(at.prefix_size + key.size());
    if (!dotted) return {};
    std::memcpy(dotted, at.prefix, at.prefix_size);
    std::memcpy(dotted + at.prefix_size, key.data(), key.size());
    return {dotted, at.prefix_size + key.size()};
  }

  Problem scalar_of(std::string_view raw, JsonScalar& out);
  Problem emit(const JsonTarget& name, std::string_view key, const JsonScalar& scalar);
  Problem emit_attr(std::string_view key, const Value& value);
  Problem add_elements(EcsField field, size_t count);
  bool lossy() const;
  /// Whether a text fits a field that takes texts alone.
  static bool text_fits(const JsonTarget& name, std::string_view text) {
    if (name.type == EcsType::kString) [[likely]] return true;
    return name.type == EcsType::kIp ? is_ip_address(text) : name.type == kOneOf && is_one_of(name.field, text);
  }
  static bool takes_texts(const JsonTarget& name) {
    return name.type == EcsType::kString || name.type == EcsType::kIp || name.type == kOneOf;
  }

  void seen(EcsField field) {
    uint32_t& last = field_document[static_cast<size_t>(field)];
    field_twice |= last == document;
    last = document;
  }
  /// `value`, which was just read: piece by piece, as it was written (by_halves).
  static Value in_pieces(const Value& value) {
    Value pieces;
    pieces.kind = value.kind;
    pieces.i = value.i;
    pieces.text = by_halves(value.text);
    return pieces;
  }
  Problem add_field(EcsField field, const Value& value) {
    seen(field);
    return event->add(field, in_pieces(value)) ? Problem::kNone : Problem::kTooManyFields;
  }
  /// The content of a string: what nearly all values of a log are, so by the shortest way.
  Problem put_text(const JsonTarget& name, std::string_view key, std::string_view raw, std::string_view text) {
    if (name.field != EcsField::kUnknown) {
      if (text_fits(name, text)) {
        seen(name.field);
        return event->add_text(name.field, text) ? Problem::kNone : Problem::kTooManyFields;
      }
    } else if (name.role == JsonTarget::kMessage) {
      event->message = text;
      return Problem::kNone;
    }
    return emit(name, key, {Value::of_string(text), raw});
  }
  /// The content of a string as `@timestamp`. False: it is no date.
  bool put_date(std::string_view text) {
    int64_t ns;
    if (parse_rfc3339(text.data(), text.size(), minute, ns) != TimeResult::kValid && !epoch_ns(text, ns)) return false;  // as date_ns
    event->timestamp_ns = ns;
    event->has_timestamp = true;
    event->time_text = text;
    return true;
  }
  Problem put_int(const JsonTarget& name, std::string_view key, std::string_view raw, int64_t number) {
    if (name.field != EcsField::kUnknown && name.type == EcsType::kInt) {
      seen(name.field);
      return event->add_int(name.field, number) ? Problem::kNone : Problem::kTooManyFields;
    }
    return emit(name, key, {Value::of_int(number), raw});
  }

  const uint32_t bytes_max;
  JsonTokens tokens;
  JsonNames names;
  JsonSteps steps;
  JsonTwins twins;
  const bool known;              ///< documents are read by what is remembered, where they can be
  const bool known_by_avx2;
  std::unique_ptr<char[]> path;  ///< dotted name of the object being read, and its dot; never longer than the document
  std::unique_ptr<Value[]> elements;
  std::unique_ptr<uint32_t[]> field_document;  ///< per ECS field: the last document that set it
  uint32_t document = 0;
  OpenObject objects[kJsonDepthMax];

  Arena* arena = nullptr;
  Event* event = nullptr;
  const char* prefix = nullptr;  ///< the path of the object being read
  MinuteMemory minute;
  const JsonStep* step = nullptr;  ///< the way to the value, when it is known
  uint32_t depth_max = 0;
  uint32_t depth = 0;  ///< objects open; objects[depth - 1] is the innermost
  uint32_t i = 0;      ///< the token being read
  size_t escaped_bytes = 0;  ///< of texts with escapes, read by steps
  bool by_steps = false;
  bool field_twice = false;
  bool null_left_out = false;  ///< of a list
  bool only_nulls = false;     ///< in the list that was read last
  bool dotted_key = false;
  bool nested = false;
  bool wanted = false;
};

}  // namespace penstock
