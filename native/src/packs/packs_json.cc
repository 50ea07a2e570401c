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
  if (event.failed()) return json ? kNone : run_broken(event, arena, door, connection, pinned, utc_offset_s, observer);
  return apply_text(event, arena, json, door, connection, pinned, utc_offset_s, observer);
}

/// A message with a broken header is understood when a pack understands what stands behind it; else it stays as it was.
uint32_t Packs::run_broken(Event& event, Arena& arena, uint64_t door, uint64_t connection, uint32_t pinned, int32_t utc_offset_s,
                           Observer* observer) {
  if (event.problem < Problem::kSyslogTimestamp || event.problem > Problem::kSyslogHeader) return kNone;
  const Event::Mark before = event.mark();
  for (const bool with_host : {true, false}) {
    BrokenHeader header;
    if (!read_broken_header(before.message, with_host, header)) continue;
    event.mend(before.problem);
    event.message = header.text;
    event.has_timestamp = header.has_timestamp;
    if (header.has_timestamp) event.timestamp_ns = header.timestamp_ns;
    if (!header.host.empty() && header.host != "-") event.add_text(EcsField::kHostHostname, header.host);
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
    if (pack != kNone) return look_within(pack, event, arena, door, pinned, utc_offset_s, observer);
  }
  if (json) {
    forwarded_.read(event, arena, utc_offset_s);
    if (!event.has_timestamp) take_usual_time(event);
  }
  if (wanted && json_parser_) {
    if (const std::string_view object = json_text_of(event.message); !object.empty()) {
      const uint32_t pack = apply_json_text(object, event, arena, pinned, utc_offset_s, observer);
      if (pack != kNone) return pack;
    }
  }
  if (pinned < plan_->packs().size() && (plan_->packs()[pinned].flags & kPackJsonOnly)) return kNone;
  if (plan_->declares() && !json) {
    const uint32_t pack = run_declared(event, arena, connection, pinned, utc_offset_s, observer);
    if (pack != kNone) return pack;
  }
  return run(event, arena, door, pinned, utc_offset_s, observer);
}

/// Of an envelope the pack of the message that it made, or itself.
uint32_t Packs::look_within(uint32_t pack, Event& event, Arena& arena, uint64_t door, uint32_t pinned, int32_t utc_offset_s, Observer* observer) {
  if (pinned != kAnyPack || !(plan_->packs()[pack].flags & kPackEnvelope) || event.message.empty()) return pack;
  forwarded_.read_message(event, arena, utc_offset_s);
  uint32_t within = kNone;
  if (const std::string_view object = json_text_of(event.message); !object.empty())
    within = apply_json_text(object, event, arena, pinned, utc_offset_s, observer);
  if (within == kNone) within = run(event, arena, door, pinned, utc_offset_s, observer);
  return within == kNone ? pack : within;
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
