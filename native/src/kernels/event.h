// One event between its parser and its encoder: views into the input and the arena, nothing owned.
#pragma once

#include "generated/ecs_fields.h"
#include "kernels/common.h"
#include "kernels/problems.h"

namespace penstock {

/// How a value is held. Text views are valid UTF-8; kJson is JSON text (arrays, objects, numbers that fit no type).
enum class ValueKind : uint8_t { kString, kInt64, kDouble, kBool, kNull, kJson };

struct Value {
  ValueKind kind = ValueKind::kNull;
  union {
    int64_t i;
    double d;
    bool b;
  };
  std::string_view text;  ///< a parser may leave an integer's own digits here

  Value() : i(0) {}
  static Value of_string(std::string_view text) { Value v; v.kind = ValueKind::kString; v.text = text; return v; }
  static Value of_json(std::string_view text) { Value v; v.kind = ValueKind::kJson; v.text = text; return v; }
  static Value of_int(int64_t i) { Value v; v.kind = ValueKind::kInt64; v.i = i; return v; }
  /// An integer and the slice of the original that has it: decimal, without sign or leading zeros.
  static Value of_digits(int64_t i, std::string_view digits) { Value v = of_int(i); v.text = digits; return v; }
  static Value of_double(double d) { Value v; v.kind = ValueKind::kDouble; v.d = d; return v; }
  static Value of_bool(bool b) { Value v; v.kind = ValueKind::kBool; v.b = b; return v; }
};

/// A typed ECS field. `field` indexes the generated table; a repeated field appears once per element, in order.
/// Date fields hold kInt64: ns since the epoch.
struct FieldEntry {
  EcsField field;
  Value value;
};

/// A field ECS does not know (or whose value does not fit its ECS type), under its dotted name.
struct AttrEntry {
  std::string_view name;
  Value value;
};

/// Deterministic identity, the same on replay. Bytes big-endian in the order below: 18 bytes, hex when shown.
struct EventId {
  uint32_t node = 0;   ///< configured or derived node number
  uint32_t boot = 0;   ///< seconds since the epoch when the process started
  uint16_t ring = 0;
  uint64_t chunk = 0;  ///< 40 bits
  uint32_t index = 0;  ///< 24 bits, index in the chunk
};
inline constexpr size_t kEventIdBytes = 18;

/// Bounded and reused: `add_*` answer false when full, and record kTooManyFields.
class Event {
 public:
  static constexpr size_t kMaxFields = 1024;
  static constexpr size_t kMaxAttrs = 8192;
  /// Room for the fields an encoder adds because of problems (event.kind, error.message, tags).
  static constexpr size_t kMaxMarks = 2 + 64;

  Event() : fields_(new FieldEntry[kMaxFields + kMaxMarks]), attrs_(new AttrEntry[kMaxAttrs]) {}

  int64_t timestamp_ns = 0;     ///< the event's own time; created_ns when it has none
  bool has_timestamp = false;
  int64_t created_ns = 0;       ///< when its bytes were received
  EventId id;
  std::string_view original;    ///< raw bytes as received, any encoding; stored when keep_original
  bool keep_original = true;
  std::string_view message;     ///< valid UTF-8; data() == nullptr when there is none
  /// The slice of the original that log.syslog.structured_data says in JSON, when it is plain (structured_data_plain.h).
  std::string_view structured_data;
  std::string_view structured_text;  ///< STRUCTURED-DATA as it was received, valid UTF-8; data() == nullptr when there is none
  const char* structured_data_json = nullptr;  ///< the text it belongs to: another value in its place has no such slice
  std::string_view time_text;   ///< where the original tells timestamp_ns, when that is known
  std::string_view app, msgid;  ///< of a syslog header, also among the fields: what recognition asks for
  /// Fields that stand encoded, as protobuf has them, before fields()[encoded_at]: only where nobody else reads them (enrich/enricher.h).
  std::string_view encoded;
  size_t encoded_at = 0;
  /// Memory besides the original of which kPadding bytes behind a text may be read: the arena's. Empty: none is known.
  std::string_view padded;
  /// The priority that the first four fields say, as add_priority (syslog_message.h) adds them: encoders have these ready. −1: they say something else.
  int16_t first_priority = -1;
  std::string_view peer;        ///< the sender's address as text ("203.0.113.7"), empty when unknown
  Problem problem = Problem::kNone;  ///< the first failing one, else the first of all
  uint32_t problem_offset = 0;  ///< byte of the original where it was met
  uint64_t problems = 0;        ///< bit per Problem, all that were met

  void reset() {
    timestamp_ns = 0;
    has_timestamp = false;
    message = {};
    structured_data = {};
    structured_text = {};
    time_text = {};
    app = {};  // each by itself: what was just written in halves, read back whole, would have to wait for them
    msgid = {};
    problem = Problem::kNone;
    problem_offset = 0;
    problems = 0;
    keep_original = true;
    drop_fields();
  }

  [[gnu::always_inline]] bool add(EcsField field, const Value& value) {
    if (field_count_ == kMaxFields) return note(Problem::kTooManyFields, 0), false;
    FieldEntry& entry = fields_[field_count_++];
    entry.field = field;
    entry.value = value;
    text_bytes_ += value.text.size();
    return true;
  }
  /// `add` of a string, without a value made on the way.
  [[gnu::always_inline]] bool add_text(EcsField field, std::string_view text) {
    if (field_count_ == kMaxFields) return note(Problem::kTooManyFields, 0), false;
    FieldEntry& entry = fields_[field_count_++];
    entry.field = field;
    entry.value.kind = ValueKind::kString;
    entry.value.text = text;
    text_bytes_ += text.size();
    return true;
  }
  /// Adds a syslog header's fields (kMaxHeader at most) to an event that has none yet: nothing is asked between them.
  class HeaderFields {
   public:
    explicit HeaderFields(Event& event) : event_(event), at_(event.fields_.get() + event.field_count_) {}
    ~HeaderFields() {
      event_.field_count_ = static_cast<size_t>(at_ - event_.fields_.get());
      event_.text_bytes_ += bytes_;
    }
    void text(EcsField field, std::string_view text, ValueKind kind = ValueKind::kString) {
      at_->field = field;
      at_->value.kind = kind;
      at_->value.text = text;
      bytes_ += text.size();
      ++at_;
    }
    /// `digits`: as Value::of_digits has them, or none.
    void number(EcsField field, int64_t i, std::string_view digits = {}) {
      at_->value.i = i;
      text(field, digits, ValueKind::kInt64);
    }

   private:
    Event& event_;
    FieldEntry* at_;
    size_t bytes_ = 0;
  };
  static constexpr size_t kMaxHeader = 16;
  static_assert(kMaxHeader <= kMaxMarks);
  /// `add` of an integer.
  [[gnu::always_inline]] bool add_int(EcsField field, int64_t i) {
    if (field_count_ == kMaxFields) return note(Problem::kTooManyFields, 0), false;
    FieldEntry& entry = fields_[field_count_++];
    entry.field = field;
    entry.value.kind = ValueKind::kInt64;
    entry.value.i = i;
    entry.value.text = {};
    return true;
  }
  /// As `add`, for a decoder: an encoded event carries marks besides its parser's fields.
  bool add_decoded(EcsField field, const Value& value) {
    if (field_count_ == kMaxFields + kMaxMarks) return false;
    FieldEntry& entry = fields_[field_count_++];
    entry.field = field;
    entry.value = value;
    text_bytes_ += value.text.size();
    return true;
  }
  [[gnu::always_inline]] bool add_attr(std::string_view name, const Value& value) {
    if (attr_count_ == kMaxAttrs) return note(Problem::kTooManyFields, 0), false;
    // In place: a copy by way of the stack waits for the stores that made it.
    AttrEntry& entry = attrs_[attr_count_++];
    entry.name = name;
    entry.value = value;
    text_bytes_ += name.size() + value.text.size();
    return true;
  }
  /// `add_attr` of a string and of an integer.
  [[gnu::always_inline]] bool add_attr_text(std::string_view name, std::string_view text) {
    if (attr_count_ == kMaxAttrs) return note(Problem::kTooManyFields, 0), false;
    AttrEntry& entry = attrs_[attr_count_++];
    entry.name = name;
    entry.value.kind = ValueKind::kString;
    entry.value.text = text;
    text_bytes_ += name.size() + text.size();
    return true;
  }
  [[gnu::always_inline]] bool add_attr_int(std::string_view name, int64_t i) {
    if (attr_count_ == kMaxAttrs) return note(Problem::kTooManyFields, 0), false;
    AttrEntry& entry = attrs_[attr_count_++];
    entry.name = name;
    entry.value.kind = ValueKind::kInt64;
    entry.value.i = i;
    entry.value.text = {};
    text_bytes_ += name.size();
    return true;
  }
  /// Another value for the field at `index`.
  void replace(size_t index, const Value& value) {
    forget_priority(index);
    fields_[index].value = value;
    text_bytes_ += value.text.size();  // what was there before is counted still: an upper bound
  }
  /// Forgets what was added beyond so many of each.
  void cut(size_t fields, size_t attrs) {
    forget_priority(fields);
    field_count_ = fields;
    attr_count_ = attrs;
  }
  /// Another name for the attribute at `index`.
  void name_attr(size_t index, std::string_view name) {
    attrs_[index].name = name;
    text_bytes_ += name.size();
  }
  /// Puts the field, or the attribute, at `from` into the place `to`, which is before it.
  void move_field(size_t from, size_t to) {
    forget_priority(to);
    fields_[to] = fields_[from];
  }
  void move_attr(size_t from, size_t to) { attrs_[to] = attrs_[from]; }
  /// Takes out so many of each, from the first on, and the problems of the parser that added them.
  void drop_first(size_t fields, size_t attrs, uint64_t of_problems) {
    first_priority = -1;
    for (size_t i = fields; i < field_count_; ++i) fields_[i - fields] = fields_[i];
    for (size_t i = attrs; i < attr_count_; ++i) attrs_[i - attrs] = attrs_[i];
    cut(field_count_ - fields, attr_count_ - attrs);
    structured_data = {};
    problems &= ~of_problems;
    problem = Problem::kNone;
    for (uint64_t left = problems; left != 0; left &= left - 1) {
      const auto one = static_cast<Problem>(std::countr_zero(left));
      if (problem == Problem::kNone || (info(one).fails && !info(problem).fails)) problem = one;
    }
  }
  /// Takes out log.syslog.structured_data: what it says stands under other names. False: there is none.
  bool drop_structured_data() {
    structured_data = {};
    size_t at = 0;
    while (at < field_count_ && fields_[at].field != EcsField::kLogSyslogStructuredData) ++at;
    if (at == field_count_) return false;
    for (forget_priority(at); at + 1 < field_count_; ++at) fields_[at] = fields_[at + 1];
    cut(at, attr_count_);
    return true;
  }
  /// Takes out the fields that have been left without a value.
  void drop_nulls() {
    size_t to = 0;
    for (size_t from = 0; from < field_count_; ++from) {
      if (fields_[from].value.kind == ValueKind::kNull) continue;
      if (from != to) move_field(from, to);
      ++to;
    }
    cut(to, attr_count_);
  }
  /// As `add_decoded`: a value that was not known when the attribute was added.
  void set_attr(size_t index, const Value& value) {
    attrs_[index].value = value;
    text_bytes_ += value.text.size();
  }
  /// Forgets fields and attributes (a parser that gives up half way keeps only the raw bytes).
  void drop_fields() {
    field_count_ = attr_count_ = text_bytes_ = 0;
    first_priority = -1;
    encoded = {};
    structured_data = {};
    structured_text = {};
  }

  /// A place to return to: what a text within the event added can be taken back.
  struct Mark {
    size_t fields, attrs;
    int64_t timestamp_ns;
    bool has_timestamp;
    std::string_view time_text, message;
    Problem problem;
    uint32_t problem_offset;
    uint64_t problems;
  };
  Mark mark() const {
    return {field_count_, attr_count_, timestamp_ns, has_timestamp, time_text, message, problem, problem_offset, problems};
  }
  void rewind(const Mark& mark) {
    cut(mark.fields, mark.attrs);
    timestamp_ns = mark.timestamp_ns;
    has_timestamp = mark.has_timestamp;
    time_text = mark.time_text;
    message = mark.message;
    problem = mark.problem;
    problem_offset = mark.problem_offset;
    problems = mark.problems;
  }

  /// As `rewind`, for a parser that only added since then: `text_bytes` is what it was.
  void rewind_parsed(const Mark& mark, size_t text_bytes) {
    rewind(mark);
    text_bytes_ = text_bytes;
  }

  /// `p` is none any more: what it was about has been understood after all.
  void mend(Problem p) {
    const uint64_t left = problems & ~(uint64_t{1} << static_cast<unsigned>(p));
    problem = Problem::kNone;
    problems = 0;
    for (unsigned one = 0; one < 64; ++one)
      if (left >> one & 1) note(static_cast<Problem>(one), 0);
  }
  void note(Problem p, uint32_t offset) {
    problems |= uint64_t{1} << static_cast<unsigned>(p);
    if (problem == Problem::kNone || (info(p).fails && !info(problem).fails)) {
      problem = p;
      problem_offset = offset;
    }
  }
  bool failed() const { return problem != Problem::kNone && info(problem).fails; }

  const FieldEntry* fields() const { return fields_.get(); }
  size_t field_count() const { return field_count_; }
  const AttrEntry* attrs() const { return attrs_.get(); }
  size_t attr_count() const { return attr_count_; }
  /// Of all fields' and attributes' texts and of the attributes' names together, at most.
  size_t text_bytes() const { return text_bytes_; }

 private:
  /// The field at `index` and those behind it may change.
  void forget_priority(size_t index) {
    if (index < 4) first_priority = -1;
  }

  std::unique_ptr<FieldEntry[]> fields_;
  std::unique_ptr<AttrEntry[]> attrs_;
  size_t field_count_ = 0;
  size_t attr_count_ = 0;
  size_t text_bytes_ = 0;
};

}  // namespace penstock
