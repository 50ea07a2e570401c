#include "packs/packs.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <functional>
#include <utility>

#include "packs/tests.h"

namespace penstock::packs {
namespace {

constexpr size_t kHeaderFields = 16;  // of an event with more (JSON) none is syslog's

std::span<const FieldEntry> header_fields(const Event& event) {
  return {event.fields(), std::min(event.field_count(), kHeaderFields)};
}

std::string_view without_end(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.back() - 1) < ' ') text.remove_suffix(1);
  return text;
}

/// What packs are chosen by. Most events belong to none, and are done with it.
PackMarks marks_of(const Event& event) {
  const char* const text = event.message.data();
  size_t size = event.message.size();
  while (size != 0 && static_cast<unsigned char>(text[size - 1] - 1) < ' ') --size;
  PackMarks marks{{text, size}, {}, {}};
  if (event.app.data() || event.msgid.data()) {
    marks.app = by_halves(event.app);
    marks.msgid = by_halves(event.msgid);
    return marks;
  }
  for (const FieldEntry& entry : header_fields(event)) {
    if (entry.field == EcsField::kProcessName) marks.app = entry.value.text;
    if (entry.field == EcsField::kLogSyslogMsgid) marks.msgid = entry.value.text;
  }
  return marks;
}

/// All that stands in the fields that the parser of the envelope wrote.
Envelope envelope_of(const Event& event, const PackMarks& marks, int32_t utc_offset_s, char (&pid)[24]) {
  Envelope envelope;
  envelope.text = marks.text;
  envelope.app = marks.app;
  envelope.msgid = marks.msgid;
  envelope.structured_data = event.structured_text;
  envelope.utc_offset_s = utc_offset_s;
  for (const auto& [field, value] : header_fields(event)) {
    switch (field) {
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

bool has(const Event& event, Problem problem) { return event.problems >> static_cast<unsigned>(problem) & 1; }

/// Nothing marks it as syslog, and its bytes are the text.
bool is_line(const Event& event) { return has(event, Problem::kSyslogNoPriority) && !has(event, Problem::kInvalidUtf8); }

/// From the original's first byte to the message's last.
std::string_view line_of(const Event& event) {
  const char* const from = event.original.data();
  const char* const to = event.message.data() + event.message.size();
  const std::less<const char*> less;
  if (less(event.message.data(), from) || less(from + event.original.size(), to)) return {};
  return without_end({from, static_cast<size_t>(to - from)});
}

bool all_hold(const Plan& plan, const CandidateRow& candidate, std::string_view text) {
  for (const LiteralRow& literal : plan.literals().subspan(candidate.literal_first, candidate.literal_count))
    if (!holds(plan, literal, text)) return false;
  return true;
}

uint64_t sender_of(uint64_t door, std::string_view peer) {
  uint64_t sender = door + 1 + peer.size();
  const auto mix = [&](uint64_t bytes) {
    sender = (sender ^ bytes) * 0x9e3779b97f4a7c15ULL;
    sender ^= sender >> 32;
  };
  uint64_t bytes = 0;
  size_t at = 0;
  for (; at + 8 < peer.size(); at += 8) std::memcpy(&bytes, peer.data() + at, 8), mix(bytes);
  if (peer.size() >= 8) std::memcpy(&bytes, peer.data() + peer.size() - 8, 8);  // what is left, and some of what was before
  else if (!peer.empty()) std::memcpy(&bytes, peer.data(), peer.size());
  mix(bytes);
  return sender;
}

}  // namespace

void Packs::set_plan(std::shared_ptr<const Plan> plan) {
  // The former plan is no longer asked for names before it goes.
  const std::shared_ptr<const Plan> former = std::exchange(plan_, std::move(plan));
  want_names();
  // What names meant to the former plan's packs: another plan may come to stand where it stood.
  executor_.plan_changed();
  senders_.reset(plan_ ? new Remembered[kSenders] : nullptr);
  if (plan_) {
    recogniser_.build(*plan_, 0);
    lines_.build(*plan_, kFirstBytes);
  }
  for (KnownApp& app : known_apps_) app = KnownApp{};
}

uint32_t Packs::run(Event& event, Arena& arena, uint64_t door, uint32_t pinned, int32_t utc_offset_s, Observer* observer) {
  if (!plan_ || pinned == kNoPack || event.failed()) return kNone;
  // Structured data may be all that a message says; its program tells then whose it is.
  if (event.message.empty() && event.structured_text.empty()) return kNone;
  const PackMarks marks = marks_of(event);
  if (marks.text.empty() && event.structured_text.empty()) return kNone;
  utc_offset_s_ = utc_offset_s;
  const std::string_view line = is_line(event) ? line_of(event) : std::string_view();
  if (!line.empty()) {
    const uint32_t pack = by_line(line, true, event, arena, pinned, observer);
    if (pack != kNone) return pack;
  }
  const uint32_t pack = run_text(marks, event, arena, door, pinned, observer);
  if (pack != kNone || marks.text.size() == line.size()) return pack;
  // A line that something has read from a file may come under any program's name.
  return by_line(marks.text, false, event, arena, pinned, observer);
}

uint32_t Packs::run_text(const PackMarks& marks, Event& event, Arena& arena, uint64_t door, uint32_t pinned, Observer* observer) {
  if (pinned != kAnyPack) {
    if (pinned >= plan_->packs().size()) return kNone;
    const Envelope envelope = envelope_of(event, marks, utc_offset_s_, pid_);
    return executor_.run(*plan_, pinned, envelope, arena, event, observer) ? pinned : kNone;
  }
  const uint32_t pack = by_app(marks, event, arena, observer);
  return pack != kNone ? pack : by_text(marks, door, event, arena, observer);
}

uint32_t Packs::by_app(const PackMarks& marks, Event& event, Arena& arena, Observer* observer) {
  if (marks.app.empty()) return kNone;
  for (const ListRow& row : app_candidates(marks.app))
    if (confirmed(row.value, marks, event, arena, observer)) return plan_->candidates()[row.value].pack;
  return kNone;
}

// What a format owns goes to those told by their beginning. Then what the sender was last recognised by is tried before all others of its
// rank, and before these are looked for. Then in the order of rank.
uint32_t Packs::by_text(const PackMarks& marks, uint64_t door, Event& event, Arena& arena, Observer* observer) {
  if (marks.text.empty()) return kNone;
  const std::span<const uint64_t> owners = recogniser_.owners(marks.text);
  if (!owners.empty()) {
    const uint32_t candidate = first_confirmed(owners, kNone, marks, event, arena, observer);
    if (candidate != kNone) return plan_->candidates()[candidate].pack;
  }
  const uint64_t sender = sender_of(door, event.peer);
  Remembered& remembered = senders_[sender % kSenders];
  const uint32_t tried = remembered.sender == sender ? remembered.candidate : kNone;
  if (tried != kNone && recogniser_.may_begin(tried, marks.text) && confirmed(tried, marks, event, arena, observer))
    return plan_->candidates()[tried].pack;
  const uint32_t candidate = first_confirmed(recogniser_.candidates(marks.text), tried, marks, event, arena, observer);
  if (candidate == kNone) return kNone;
  const CandidateRow& row = plan_->candidates()[candidate];
  // A generic pack's are not remembered: a specific one may know the next text better.
  if (row.rank == 0) remembered = {sender, candidate};
  return row.pack;
}

/// The first of the places, in their order, whose pack takes the text; kNone: none. `but`: a candidate that did not.
uint32_t Packs::first_confirmed(std::span<const uint64_t> places, uint32_t but, const PackMarks& marks, Event& event, Arena& arena,
                                Observer* observer) {
  for (size_t word = 0; word < places.size(); ++word) {
    for (uint64_t left = places[word]; left != 0; left &= left - 1) {
      const uint32_t candidate = recogniser_.at_place(word * 64 + static_cast<size_t>(std::countr_zero(left)));
      if (candidate != but && confirmed(candidate, marks, event, arena, observer)) return candidate;
    }
  }
  return kNone;
}

// `whole`: all that was received; files have no envelope: what looks like one belongs to the line.
uint32_t Packs::by_line(std::string_view line, bool whole, Event& event, Arena& arena, uint32_t pinned, Observer* observer) {
  if (line.empty()) return kNone;
  const std::span<const uint64_t> places = lines_.candidates(line);
  if (places.empty()) return kNone;
  Envelope envelope;
  if (!whole) envelope = envelope_of(event, marks_of(event), utc_offset_s_, pid_);
  envelope.text = line;
  envelope.none = whole;
  envelope.utc_offset_s = utc_offset_s_;
  for (size_t word = 0; word < places.size(); ++word) {
    for (uint64_t left = places[word]; left != 0; left &= left - 1) {
      const CandidateRow& candidate = plan_->candidates()[lines_.at_place(word * 64 + static_cast<size_t>(std::countr_zero(left)))];
      if (pinned != kAnyPack && candidate.pack != pinned) continue;
      if (!all_hold(*plan_, candidate, envelope.text)) continue;
      if (executor_.run(*plan_, candidate.pack, envelope, arena, event, observer)) return candidate.pack;
    }
  }
  return kNone;
}

std::span<const ListRow> Packs::app_candidates(std::string_view app) {
  const size_t size = app.size();
  uint32_t row;
  if (size > 16) {
    row = app_row(app);
  } else {  // its first and last eight bytes are all of it; kPadding bytes behind it may be read
    uint64_t head, tail = 0;
    std::memcpy(&head, app.data(), 8);
    if (size < 8) head &= (uint64_t{1} << 8 * size) - 1;
    else std::memcpy(&tail, app.data() + size - 8, 8);
    KnownApp& known = known_apps_[(head ^ tail * 31) * 0x9e3779b97f4a7c15ULL >> 32 & (kKnownApps - 1)];
    if (known.size != size || known.head != head || known.tail != tail) known = {head, tail, size, app_row(app)};
    row = known.row;
  }
  if (row == kNone) return {};
  return plan_->lists().subspan(plan_->apps()[row].list_first, plan_->apps()[row].list_count);
}

/// By the whole name, or what precedes its first slash.
uint32_t Packs::app_row(std::string_view app) const {
  const uint32_t row = plan_->app_table().find(app);
  if (row != kNone) return row;
  const size_t slash = app.find('/');
  return slash == app.npos ? kNone : plan_->app_table().find(app.substr(0, slash + 1));
}

bool Packs::confirmed(uint32_t candidate, const PackMarks& marks, Event& event, Arena& arena, Observer* observer) {
  const CandidateRow& row = plan_->candidates()[candidate];
  if (!all_hold(*plan_, row, marks.text)) return false;
  return executor_.run(*plan_, row.pack, envelope_of(event, marks, utc_offset_s_, pid_), arena, event, observer);
}

}  // namespace penstock::packs
