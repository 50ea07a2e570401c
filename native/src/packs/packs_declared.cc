// Lines under columns that their sender has declared (W3C, Zeek): the pack that took the declaration is tried before all others, on
// the whole line where it has no envelope.
#include <algorithm>

#include "packs/packs.h"

namespace penstock::packs {
namespace {

constexpr size_t kHeaderFields = 16;  ///< of syslog

uint64_t mixed(uint64_t hash, std::string_view text) {
  for (const char c : text) hash = hash * 31 + static_cast<uint8_t>(c);
  return mix64(hash + text.size());
}

std::string_view host_of(const Event& event) {
  for (size_t i = 0; i < std::min(event.field_count(), kHeaderFields); ++i)
    if (event.fields()[i].field == EcsField::kHostHostname) return event.fields()[i].value.text;
  return {};
}

bool has(const Event& event, Problem problem) { return event.problems >> static_cast<unsigned>(problem) & 1; }

}  // namespace

uint32_t Packs::run_declared(Event& event, Arena& arena, uint64_t connection, uint32_t pinned, int32_t utc_offset_s, Observer* observer) {
  if (executor_.declared().empty() && !event.message.starts_with('#')) return kNone;
  // A relay's messages are told apart by what their envelopes say; of a line without one that may be part of the line.
  const bool enveloped = !has(event, Problem::kSyslogNoPriority);
  uint64_t sender = mixed(mix64(connection), event.peer);
  if (enveloped) sender = mixed(mixed(sender, host_of(event)), event.app);
  executor_.set_sender(sender);
  const DeclaredColumns* const columns = executor_.declared().find(sender);
  if (!columns || columns->names.empty()) return kNone;
  const auto packs = plan_->packs();
  const auto owner = std::find_if(packs.begin(), packs.end(), [&](const PackRow& row) { return row.counter == columns->owner; });
  if (owner == packs.end()) return kNone;
  const auto pack = static_cast<uint32_t>(owner - packs.begin());
  if (pinned != kAnyPack && pinned != pack) return kNone;

  const Event::Mark before = event.mark();
  Envelope envelope;
  envelope.utc_offset_s = utc_offset_s;
  envelope.none = !enveloped && !has(event, Problem::kInvalidUtf8);
  if (envelope.none) {
    event.message = event.original;
    event.has_timestamp = false;
    event.timestamp_ns = event.created_ns;
    event.time_text = {};
  } else {
    envelope.app = event.app;
    envelope.host = host_of(event);
  }
  envelope.text = event.message;
  if (executor_.run(*plan_, pack, envelope, arena, event, observer)) return pack;
  event.rewind(before);
  return kNone;
}

}  // namespace penstock::packs
