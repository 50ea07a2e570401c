#include "packs/packs.h"

#include <charconv>

#include "packs/tests.h"

namespace penstock::packs {
namespace {

/// What stands in the fields that the parser of the envelope wrote.
Envelope envelope_of(const Event& event, char (&pid)[24]) {
  Envelope envelope;
  envelope.text = event.message;
  while (!envelope.text.empty() && static_cast<unsigned char>(envelope.text.back() - 1) < ' ') envelope.text.remove_suffix(1);
  constexpr size_t kHeaderFields = 16;  // of an event with more (JSON) none is syslog's
  const size_t count = std::min(event.field_count(), kHeaderFields);
  for (size_t i = 0; i < count; ++i) {
    const Value& value = event.fields()[i].value;
    switch (event.fields()[i].field) {
      case EcsField::kProcessName: envelope.app = value.text; break;
      case EcsField::kLogSyslogMsgid: envelope.msgid = value.text; break;
      case EcsField::kHostHostname: envelope.host = value.text; break;
      case EcsField::kLogLevel: envelope.level = value.text; break;
      case EcsField::kProcessPid:
        envelope.pid = {pid, static_cast<size_t>(std::to_chars(pid, pid + sizeof pid, value.i).ptr - pid)};
        break;
      default: break;
    }
  }
  return envelope;
}

uint64_t sender_of(uint64_t door, std::string_view peer) {
  uint64_t sender = door + 1;
  for (const char c : peer) sender = sender * 31 + static_cast<uint8_t>(c);
  return sender;
}

}  // namespace

void Packs::set_plan(std::shared_ptr<const Plan> plan) {
  plan_ = std::move(plan);
  senders_.reset(plan_ ? new Remembered[kSenders] : nullptr);
}

uint32_t Packs::run(Event& event, Arena& arena, uint64_t door, uint32_t pinned, int32_t utc_offset_s, Observer* observer) {
  if (!plan_ || pinned == kNoPack || event.message.empty() || event.failed()) return kNone;
  Envelope envelope = envelope_of(event, pid_);
  envelope.utc_offset_s = utc_offset_s;
  if (envelope.text.empty()) return kNone;
  if (pinned != kAnyPack) {
    const bool understood = pinned < plan_->packs().size() && executor_.run(*plan_, pinned, envelope, arena, event, observer);
    return understood ? pinned : kNone;
  }
  uint32_t candidate = kNone;
  if (!envelope.app.empty()) {
    const uint32_t pack = try_list(app_candidates(envelope.app), envelope, kNone, event, arena, observer, candidate);
    if (pack != kNone) return pack;
  }
  const FirstByteRow& row = plan_->first_bytes()[static_cast<uint8_t>(envelope.text[0])];
  if (row.list_count == 0) return kNone;
  const uint64_t sender = sender_of(door, event.peer);
  Remembered& remembered = senders_[mix64(sender) % kSenders];
  const uint32_t first = remembered.sender == sender ? remembered.candidate : kNone;
  const auto list = plan_->lists().subspan(row.list_first, row.list_count);
  const uint32_t pack = try_list(list, envelope, first, event, arena, observer, candidate);
  if (pack != kNone) remembered = {sender, candidate};
  return pack;
}

std::span<const ListRow> Packs::app_candidates(std::string_view app) const {
  uint32_t row = plan_->app_table().find(app);
  if (row == kNone) {
    const size_t slash = app.find('/');
    if (slash != app.npos) row = plan_->app_table().find(app.substr(0, slash + 1));
  }
  if (row == kNone) return {};
  return plan_->lists().subspan(plan_->apps()[row].list_first, plan_->apps()[row].list_count);
}

// In the order of rank; `first` before those of its rank.
uint32_t Packs::try_list(std::span<const ListRow> list, const Envelope& envelope, uint32_t first, Event& event, Arena& arena,
                         Observer* observer, uint32_t& candidate) {
  const auto candidates = plan_->candidates();
  bool known = false;
  if (first < candidates.size() && candidates[first].rank == 0) {
    for (const ListRow& row : list) known |= row.value == first;
    if (known && confirmed(first, envelope, event, arena, observer)) return candidate = first, candidates[first].pack;
  }
  for (const ListRow& row : list) {
    if (known && row.value == first) continue;
    if (confirmed(row.value, envelope, event, arena, observer)) return candidate = row.value, candidates[row.value].pack;
  }
  return kNone;
}

bool Packs::confirmed(uint32_t candidate, const Envelope& envelope, Event& event, Arena& arena, Observer* observer) {
  const CandidateRow& row = plan_->candidates()[candidate];
  for (const LiteralRow& literal : plan_->literals().subspan(row.literal_first, row.literal_count))
    if (!holds(*plan_, literal, envelope.text, envelope.msgid)) return false;
  return executor_.run(*plan_, row.pack, envelope, arena, event, observer);
}

}  // namespace penstock::packs
