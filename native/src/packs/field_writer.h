// What packs add to an event: each single field once (the later value counts), each value of a list once, related.* beside.
#pragma once

#include "kernels/event.h"
#include "kernels/wire.h"
#include "packs/blocks/extracted.h"
#include "packs/plan.h"

namespace penstock::packs {

class FieldWriter {
 public:
  FieldWriter() : places_(new Place[static_cast<size_t>(EcsField::kCount)]()) {}

  /// The event's fields so far are its envelope.
  void begin(Event& event, Arena& arena);
  /// Forgets what was added since `begin`.
  void cancel();
  /// Whether fields have been taken out: they stand there still, without a value.
  bool took_out() const { return took_out_; }
  /// Whether a field of the envelope got another value.
  bool replaced() const { return replaced_; }

  /// Sends a value where the rows say: for each group of alternatives the first that fits; where none fits, to an attribute of the
  /// field's name, with a note.
  /// `json`: the value is JSON text (a number, true, false, an array, an object), not a string.
  [[gnu::always_inline]] void send(const Plan& plan, const Sending& to, std::string_view value, bool json = false) {
    if (!json) [[likely]] {
      if (to.way == Way::kText) [[likely]] {
        // Mostly their field's first: these are written where they stay.
        Place& place = places_[static_cast<size_t>(to.field)];
        if (!has_place(place, to.field)) [[likely]] {
          if (event_->add_text(to.field, value)) place = {generation_, static_cast<uint32_t>(event_->field_count() - 1)};
          return;
        }
      } else if (to.way == Way::kAttr) {
        event_->add_attr(to.dests[0].name, Value::of_string(value));
        return;
      } else if (to.way == Way::kInt ? put_int(to.field, value) : to.way == Way::kField && put_text(to.dests[0], value)) {
        return;  // what does not fit is found out again by those who know what becomes of it
      }
    }
    send_other(plan, to.dests, value, json);
  }
  /// The same, whatever the way.
  void send_other(const Plan& plan, std::span<const Dest> dests, std::string_view value, bool json);
  void set(const Constant& constant) {
    if (constant.value.kind == ValueKind::kNull) take_out(constant.field);
    else if (constant.kind == DestKind::kField) constant.repeated ? add_once(constant.field, constant.value) : put_single(constant.field, constant.value);
    else if (constant.kind == DestKind::kAttr) event_->add_attr(constant.name, constant.value);
  }
  void put(EcsField field, const Value& value);
  void attr(std::string_view prefix, std::string_view name, std::string_view value);
  /// The same of a name with its prefix, behind which 31 bytes may be read. It need not outlive the call.
  [[gnu::always_inline]] void attr(const char* name, size_t size, std::string_view value) {
    char* const whole = arena_->take(size);
    if (!whole) return event_->note(Problem::kTooComplex, 0);
    wire::copy_padded(reinterpret_cast<uint8_t*>(whole), name, size);
    event_->add_attr({whole, size}, Value::of_string(value));
  }
  /// The field of the event so far is about to be taken out: another value of it is a new one.
  void forget(EcsField field) { places_[static_cast<size_t>(field)].generation = 0; }
  /// Fields have moved: their places are looked up again.
  void moved();
  /// The event's hosts, whoever named them (a pack, the envelope, JSON), are in related.hosts too.
  void relate_hosts();
  /// Fields so far, and values replaced: what a refused part of a pack wrote is taken back to here.
  size_t replaced_count() const { return replaced_count_; }
  void restore(size_t replaced_count);
  /// The value in another form, as text; data() == nullptr: it does not fit.
  std::string_view converted(Convert convert, std::string_view value);
  void timestamp(int64_t ns) { event_->timestamp_ns = ns, event_->has_timestamp = true; }

 private:
  struct Place {
    uint32_t generation;
    uint32_t index;
  };
  bool fits(const Plan& plan, const Dest& dest, std::string_view value);
  bool fits_otherwise(const Plan& plan, const Dest& dest, std::string_view value);
  bool fits_json(const Plan& plan, const Dest& dest, std::string_view value);
  bool fits_element(const Plan& plan, const Dest& dest, std::string_view value);
  /// False: the value does not fit the field.
  bool put_text(const Dest& dest, std::string_view value);
  bool put_int(EcsField field, std::string_view value);
  bool has_place(const Place& place, EcsField field) const {
    return place.generation == generation_ && place.index < event_->field_count() && event_->fields()[place.index].field == field;
  }
  [[gnu::always_inline]] void put_single(EcsField field, const Value& value) {
    Place& place = places_[static_cast<size_t>(field)];
    // What a pack within the pack wrote and was refused is cut off: its place is that of another field, or of none.
    if (has_place(place, field)) return put_again(place, value);
    if (event_->add(field, value)) place = {generation_, static_cast<uint32_t>(event_->field_count() - 1)};
  }
  void put_again(const Place& place, const Value& value);
  void take_out(EcsField field);
  void put_string(const Dest& dest, std::string_view value);
  void unfit(const Dest& dest, const Value& value);
  void related(uint32_t flags, std::string_view value);
  /// A value of a list: its first, mostly.
  void add_once(EcsField field, const Value& value) {
    Place& place = places_[static_cast<size_t>(field)];
    if (has_place(place, field)) return add_again(place.index, field, value);
    if (event_->add(field, value)) place = {generation_, static_cast<uint32_t>(event_->field_count() - 1)};
  }
  void add_again(size_t first, EcsField field, const Value& value);

  struct Replaced {
    uint32_t index;
    Value value;
  };
  static constexpr size_t kReplacedMax = 128;

  std::unique_ptr<Place[]> places_;
  Replaced replaced_values_[kReplacedMax];
  size_t replaced_count_ = 0;
  Extracted notes_{1};  ///< what is said of escapes: that they were well-formed is known
  uint32_t generation_ = 0;
  Event* event_ = nullptr;
  Arena* arena_ = nullptr;
  size_t fields_before_ = 0, attrs_before_ = 0;
  std::string_view message_before_;
  int64_t timestamp_before_ = 0;
  bool had_timestamp_ = false;
  bool replaced_ = false;
  bool took_out_ = false;
};

}  // namespace penstock::packs
