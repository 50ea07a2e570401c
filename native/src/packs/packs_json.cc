// Packs of JSON objects: events that are one, and messages that hold one.
#include <algorithm>

#include "packs/broken_header.h"
#include "packs/field_habits.h"
#include "packs/json_text.h"
#include "packs/packs.h"
#include "packs/usual_names.h"

namespace penstock::packs {
namespace {

constexpr size_t kHeaderFields = 16;  ///< of syslog
constexpr int kEnvelopesMax = 3;      ///< that are opened, one within the other

bool says_host(const Event& event) {
  return std::any_of(event.fields(), event.fields() + event.field_count(), [](const FieldEntry& one) { return one.field == EcsField::kHostHostname; });
}

/// Of an event that no pack understands the host is among related.hosts all the same: who looks for it finds all of its events.
void relate_host(Event& event) {
  for (size_t i = 0, count = std::min(event.field_count(), kHeaderFields); i < count; ++i) {
    if (event.fields()[i].field != EcsField::kHostHostname) continue;
    const std::string_view host = by_halves(event.fields()[i].value.text);
    if (!host.empty()) event.add_text(EcsField::kRelatedHosts, host);
    return;
  }
}

}  // namespace

void Packs::set_json(JsonParser* parser, const JsonOptions& options) {
  json_parser_ = parser;
  json_options_ = options;
  executor_.set_json(parser, options);
  want_names();
}

void Packs::want_names() {
  if (json_parser_) json_parser_->want(plan_ ? &plan_->json() : nullptr);
}

uint32_t Packs::apply(Event& event, Arena& arena, bool json, uint64_t door, uint64_t connection, uint32_t pinned,
                      int32_t utc_offset_s, Observer* observer) {
  const uint32_t pack = understand(event, arena, json, door, connection, pinned, utc_offset_s, observer);
  if (pack != kNone || event.failed()) return pack;
  if (!json) return relate_host(event), pack;
  follow_names(event, 0, event.field_count(), arena);
  if (!event.has_timestamp) take_usual_time(event);
  return pack;
}

uint32_t Packs::understand(Event& event, Arena& arena, bool json, uint64_t door, uint64_t connection, uint32_t pinned,
                           int32_t utc_offset_s, Observer* observer) {
  if (!plan_ || pinned == kNoPack) return kNone;
  if (event.failed()) {
    const bool broken = !json && event.problem >= Problem::kSyslogTimestamp && event.problem <= Problem::kSyslogHeader;
    return broken ? run_broken(event, arena, door, connection, pinned, utc_offset_s, observer) : kNone;
  }
  const uint32_t pack = apply_text(event, arena, json, door, connection, pinned, utc_offset_s, observer);
  return pack == kNone || !(plan_->packs()[pack].flags & kPackEnvelope) ? pack : open_envelope(pack, event, arena, door, utc_offset_s, observer);
}

/// The pack of the message that stands within, which may be an envelope, too; the envelope's own: none knows it. Whatever the listener is pinned to, this may be any.
uint32_t Packs::open_envelope(uint32_t pack, Event& event, Arena& arena, uint64_t door, int32_t utc_offset_s, Observer* observer) {
  for (int opened = 0; opened < kEnvelopesMax && plan_->packs()[pack].flags & kPackEnvelope && !event.message.empty(); ++opened) {
    // What was read as a header was the envelope's.
    event.app = event.msgid = event.structured_text = {};
    const Event::Mark envelope = event.mark();
    const uint32_t inner = apply_message(nullptr, event, arena, door, kAnyPack, utc_offset_s, observer);
    if (inner == kNone) break;
    // It was there when the message was written, and knows its zone.
    if (envelope.has_timestamp) {
      event.timestamp_ns = envelope.timestamp_ns;
      event.time_text = envelope.time_text;
    }
    pack = inner;
  }
  return pack;
}

/// A message with a broken header is understood when a pack understands what stands behind it; else it stays as it was.
uint32_t Packs::run_broken(Event& event, Arena& arena, uint64_t door, uint64_t connection, uint32_t pinned, int32_t utc_offset_s,
                           Observer* observer) {
  const Event::Mark before = event.mark();
  for (const bool with_host : {true, false}) {
    BrokenHeader header;
    if (!read_broken_header(before.message, with_host, header)) continue;
    event.mend(before.problem);
    event.message = header.text;
    if (header.has_timestamp) event.has_timestamp = true, event.timestamp_ns = header.timestamp_ns;
    if (!header.host.empty() && header.host != "-" && !says_host(event)) event.add_text(EcsField::kHostHostname, header.host);
    if (!header.app.empty()) event.add_text(EcsField::kProcessName, header.app);
    const uint32_t pack = apply_text(event, arena, false, door, connection, pinned, utc_offset_s, observer);
    if (pack != kNone) {
      event.keep_original = true;  // the fields do not say all of such a header
      event.note(Problem::kFormat, before.problem_offset);
      return pack;
    }
    event.rewind(before);
  }
  return kNone;
}

uint32_t Packs::apply_text(Event& event, Arena& arena, bool json, uint64_t door, uint64_t connection, uint32_t pinned,
                           int32_t utc_offset_s, Observer* observer) {
  const bool wanted = pinned == kAnyPack ? plan_->json().any() : pinned < plan_->packs().size() && (plan_->packs()[pinned].flags & kPackJson);
  if (wanted && json) {
    const JsonRange range{0, event.field_count(), 0, event.attr_count(), event.message};
    const uint32_t pack = run_json(event, arena, range, pinned, utc_offset_s, observer);
    if (pack != kNone) return pack;
  }
  if (json) {
    const UsualNames names(event);
    names.give_message(event);
    return apply_message(&names, event, arena, door, pinned, utc_offset_s, observer);
  }
  if (wanted && json_parser_) {
    if (const std::string_view object = json_text_of(event.message); !object.empty()) {
      const uint32_t pack = apply_json_text(object, event, arena, pinned, utc_offset_s, observer);
      if (pack != kNone) return pack;
    }
  }
  if (pinned < plan_->packs().size() && (plan_->packs()[pinned].flags & kPackJsonOnly)) return kNone;
  if (plan_->declares()) {
    const uint32_t pack = run_declared(event, arena, connection, pinned, utc_offset_s, observer);
    if (pack != kNone) return pack;
  }
  return run(event, arena, door, pinned, utc_offset_s, observer);
}

/// The pack of a message that stands within JSON, or that an envelope made, read as one that came by itself: a line of a file, a message with syslog's header, an object or a text.
/// `names`: what the object around it says by usual names; null: its pack has said all.
uint32_t Packs::apply_message(const UsualNames* names, Event& event, Arena& arena, uint64_t door, uint32_t pinned, int32_t utc_offset_s,
                              Observer* observer) {
  utc_offset_s_ = utc_offset_s;
  const auto give_rest = [&] {
    if (names) names->give_rest(event);
    if (!event.has_timestamp) take_usual_time(event);
    for (size_t i = 0; event.app.empty() && i < event.field_count(); ++i)
      if (event.fields()[i].field == EcsField::kProcessName) event.app = by_halves(event.fields()[i].value.text);
  };
  const Event::Mark before = event.mark();
  const bool keep_original = event.keep_original;
  const auto begin_anew = [&] {
    event.rewind(before);
    event.keep_original = keep_original;
    event.app = event.msgid = event.structured_text = {};
  };
  give_rest();
  if (!event.app.empty()) return apply_content(event, arena, door, pinned, utc_offset_s, observer);
  // A line of a file: what looks like a header belongs to it.
  uint32_t pack = by_line(event.message, false, event, arena, pinned, observer);
  if (pack != kNone) return pack;
  // Then behind what is surely a header, or behind what may be one if a pack knows the rest.
  for (const bool sure : {true, false}) {
    begin_anew();
    const bool header = forwarded_.read(event, arena, utc_offset_s, sure);
    give_rest();
    if (header || sure) pack = apply_content(event, arena, door, pinned, utc_offset_s, observer);
    if (pack != kNone || header == sure) return pack;
  }
  begin_anew();
  give_rest();
  return kNone;
}

uint32_t Packs::apply_content(Event& event, Arena& arena, uint64_t door, uint32_t pinned, int32_t utc_offset_s, Observer* observer) {
  if (json_parser_) {
    if (const std::string_view object = json_text_of(event.message); !object.empty()) {
      const uint32_t pack = apply_json_text(object, event, arena, pinned, utc_offset_s, observer);
      if (pack != kNone) return pack;
    }
  }
  if (pinned < plan_->packs().size() && (plan_->packs()[pinned].flags & kPackJsonOnly)) return kNone;
  const uint32_t pack = run(event, arena, door, pinned, utc_offset_s, observer);
  return pack == kNone && event.app.empty() && event.message.starts_with('<') ? run_broken(event, arena, door, 0, pinned, utc_offset_s, observer) : pack;
}

/// Not within `apply_text`: most messages hold none.
uint32_t Packs::apply_json_text(std::string_view object, Event& event, Arena& arena, uint32_t pinned, int32_t utc_offset_s, Observer* observer) {
  JsonRange range;
  const Event::Mark before = event.mark();
  if (!read_json_object(object, *json_parser_, json_options_, arena, event, range)) return kNone;
  const uint32_t pack = run_json(event, arena, range, pinned, utc_offset_s, observer);
  if (pack == kNone) event.rewind(before);
  return pack;
}

uint32_t Packs::run_json(Event& event, Arena& arena, const JsonRange& range, uint32_t pinned, int32_t utc_offset_s, Observer* observer) {
  uint32_t hits[JsonRecognition::kHitsMax];
  size_t count = 0;
  // Most objects have no name that a pack is known by; the parser has seen all of them.
  if (pinned == kAnyPack && (!json_parser_ || json_parser_->met_wanted())) count = plan_->json().candidates(*plan_, event, range, hits);
  if (pinned == kAnyPack && count == 0) return kNone;
  Envelope envelope;
  envelope.text = event.message;
  envelope.utc_offset_s = utc_offset_s;
  envelope.json = &range;
  for (size_t i = 0; i < std::min(range.fields, kHeaderFields); ++i)
    if (event.fields()[i].field == EcsField::kProcessName) envelope.app = event.fields()[i].value.text;
  const auto understands = [&](uint32_t pack) { return executor_.run(*plan_, pack, envelope, arena, event, observer); };
  const bool whole = range.attrs == 0 && range.fields == 0;
  uint32_t pack = kNone;
  if (pinned != kAnyPack && understands(pinned)) pack = pinned;
  for (size_t i = 0; i < count && pack == kNone; ++i)
    if (const uint32_t candidate = plan_->candidates()[hits[i]].pack; understands(candidate)) pack = candidate;
  // The document's names are no longer those that it has.
  if (pack != kNone && whole) event.keep_original = true;
  return pack;
}

}  // namespace penstock::packs
