// The pipeline's inner part: one chunk → frames → parsed events.
#include <arpa/inet.h>

#include "enrich/event_hash.h"
#include "pipeline/audit_join.h"
#include "pipeline/pipeline.h"

namespace penstock {

// Whole chunk → records. False: out of buffers; called again, it goes on with the frame it stopped at.
bool Pipeline::process_chunk() {
  const ChunkHeader& header = *work_.header;
  if (options_.last_stage != Stage::kReceive) {
    if (!(header.framing == Framing::kDatagram ? process_datagrams() : process_stream())) return false;
  }
  stats_.group(PipelineStat::events, work_.index);
  stats_.group(PipelineStat::events_failed, work_.failed);
  stats_.group(PipelineStat::frame_bytes, work_.bytes);
  stats_.listener(header.listener, work_.index, work_.failed, work_.bytes, work_.split, work_.joined);
  stats_.group(PipelineStat::records_joined, work_.joined);
  if (enricher_.active()) count_enriched();
  work_.header = nullptr;
  return true;
}

bool Pipeline::process_stream() {
  const ChunkHeader& header = *work_.header;
  const uint8_t* payload = RingReader::payload(work_.header);
  const std::string_view peer(header.peer, header.peer_size);
  if (header.flags & kChunkTruncated) return process_frame(view(payload, header.size), peer, true);
  while (work_.at < header.size) {
    Frame frame;
    const size_t used = next_frame(payload + work_.at, header.size - work_.at, header.framing, frame);
    if (used == 0) break;
    size_t whole = used;
    uint32_t records = 1;
    std::string_view text = view(frame.data, frame.size);
    if (options_.join_audit && frame.size > 4 && text[4] == '=' && options_.last_stage != Stage::kFrame) {
      const std::string_view joined = join_audit(payload, work_.at + used, frame, whole, records);
      if (!joined.empty()) text = joined;
    }
    if (frame.size != 0 && !process_frame(text, peer, false)) return false;
    work_.at += whole;
    work_.joined += records - 1;
  }
  return true;
}

std::string_view Pipeline::join_audit(const uint8_t* payload, size_t at, const Frame& first, size_t& used, uint32_t& records) {
  const ChunkHeader& header = *work_.header;
  const ChunkFormat format = header.format == ChunkFormat::kListener ? options_.listeners[header.listener].format : header.format;
  const std::string_view id = format == ChunkFormat::kJson ? std::string_view() : audit_id(view(first.data, first.size));
  if (id.empty()) return {};
  while (at < header.size && records < kAuditRecordsMax) {
    Frame frame;
    const size_t size = next_frame(payload + at, header.size - at, header.framing, frame);
    const std::string_view line = view(frame.data, size == 0 ? 0 : frame.size);
    if (line.empty() || audit_id(line) != id) break;
    if (records == 1) joined_.assign(view(first.data, first.size));
    if (joined_.size() + 1 + line.size() > options_.message_bytes_max) break;
    joined_.append(1, '\n').append(line);
    at += size;
    used += size;
    ++records;
  }
  if (records == 1) return {};
  joined_.append(kPadding, '\0');
  return {joined_.data(), joined_.size() - kPadding};
}

bool Pipeline::process_datagrams() {
  const ChunkHeader& header = *work_.header;
  const uint8_t* payload = RingReader::payload(work_.header);
  while (work_.at + sizeof(DatagramHeader) <= header.size) {
    DatagramHeader datagram;
    std::memcpy(&datagram, payload + work_.at, sizeof datagram);
    const uint8_t* data = payload + work_.at + sizeof datagram;
    size_t size = datagram.size;
    // RFC 5426: one message a datagram; senders that also end it with LF or NUL are common.
    while (size > 0 && (data[size - 1] == '\n' || data[size - 1] == '\r' || data[size - 1] == 0)) --size;
    if (!process_frame(view(data, size), peer_text(datagram), datagram.flags & kChunkTruncated)) return false;
    work_.at += sizeof datagram + datagram.size;
  }
  return true;
}

std::string_view Pipeline::peer_text(const DatagramHeader& header) {
  const size_t bytes = header.family == 6 ? 16 : 4;
  if (peer_.family != header.family || std::memcmp(peer_.address, header.address, bytes) != 0) {
    peer_.family = header.family;
    std::memcpy(peer_.address, header.address, bytes);
    const bool ok = inet_ntop(header.family == 6 ? AF_INET6 : AF_INET, header.address, peer_.text, sizeof peer_.text);
    peer_.size = ok ? static_cast<uint8_t>(std::strlen(peer_.text)) : 0;
  }
  return {peer_.text, peer_.size};
}

bool Pipeline::process_frame(std::string_view frame, std::string_view peer, bool truncated) {
  if (options_.last_stage == Stage::kFrame) return ++work_.index, true;
  arena_.reset();
  begin_event(frame, peer);
  const bool understood = parse(frame, truncated);
  if (many_ == Many::kNo) return end_event(understood, frame.size());
  const bool done = many_ == Many::kSplit ? process_document(peer, frame.size()) : process_unwound(peer, frame.size(), false, 0);
  if (done) end_document();
  return done;
}

// What came meanwhile is in force from here on.
void Pipeline::end_document() {
  work_.element = work_.unwound = 0;
  if (next_packs_) packs_.set_plan(std::move(*next_packs_)), next_packs_.reset();
  for (auto& [listener, plan] : std::exchange(next_listeners_, {})) set_listener(listener, std::move(plan));
}

// Other packs might see another number of elements in it, or none.
void Pipeline::set_packs(std::shared_ptr<const packs::Plan> plan) {
  if (in_document()) next_packs_ = std::move(plan);
  else packs_.set_plan(std::move(plan));
}

// Each element an event. False: out of buffers; called again, it goes on with the element it stopped at.
bool Pipeline::process_document(std::string_view peer, size_t bytes) {
  const ListenerPlan& listener = options_.listeners[work_.header->listener];
  const size_t mark = arena_.mark();
  uint32_t at = 0;
  for (std::string_view element; document_.next(element); ++at) {
    if (at < work_.element) continue;
    arena_.rewind(mark);
    begin_event(element, peer);
    json_.parse(element, {options_.json_depth_max}, arena_, event_);
    const uint32_t pack = apply_packs(listener, true, document_.element_pack());
    if (pack != packs::kNone && unwinding_.open(*packs_.plan(), pack, event_, true, options_.document_events_max)) {
      if (!process_unwound(peer, at == 0 ? bytes : 0, true, mark)) return false;
    } else {
      count_pack(pack, true);
      document_.give(event_);
      if (!end_event(true, at == 0 ? bytes : 0)) return false;
    }
    ++work_.element;
  }
  work_.split += at - 1;
  work_.element = 0;
  stats_.group(PipelineStat::documents_split, 1);
  return true;
}

// Each element an event, which is read as what was received would be. False: as above.
bool Pipeline::process_unwound(std::string_view peer, size_t bytes, bool in_document, size_t arena_mark) {
  const ListenerPlan& listener = options_.listeners[work_.header->listener];
  const bool json = in_document || is_json(listener);
  const uint32_t pinned = in_document ? document_.element_pack() : listener.pack;
  uint32_t at = 0;
  for (std::string_view text; unwinding_.next(text); ++at) {
    if (at < work_.unwound) continue;
    arena_.rewind(arena_mark);
    begin_event(text, peer);
    read_format(text, json);
    const uint32_t pack = apply_packs(listener, json, pinned);
    count_pack(pack, json);
    if (in_document) document_.give(event_);
    if (!end_event(json || pack != packs::kNone, at == 0 ? bytes : 0)) return false;
    ++work_.unwound;
  }
  work_.split += at - 1;
  work_.unwound = 0;
  stats_.group(PipelineStat::documents_split, 1);
  return true;
}

void Pipeline::begin_event(std::string_view bytes, std::string_view peer) {
  event_.reset();
  event_.created_ns = work_.header->received_ns;
  event_.timestamp_ns = work_.header->received_ns;
  event_.original = bytes;
  event_.padded = arena_.memory();
  event_.peer = peer;
  event_.id = {options_.node, options_.boot, work_.ring, work_.header->number, work_.index};
  rejected_ = false;
}

// What no format decides, and the record. `bytes`: of what was received that count with this event.
bool Pipeline::end_event(bool understood, size_t bytes) {
  const ListenerPlan& listener = options_.listeners[work_.header->listener];
  if (options_.event_hash) enrich::hash_event(event_, arena_);  // in front of the rules, which may take it out again
  // Syslog's header alone names no party of a connection.
  if (enricher_.active() && (understood || enricher_.reads_headers())) enricher_.run(event_, arena_);
  if (!event_.has_timestamp) event_.timestamp_ns = event_.created_ns;
  choose_original(event_, options_.keep_original, rejected_);
  priority_ = listener.priority.has(event_);
  route_ = enricher_.outcome().route >= 0 ? static_cast<uint16_t>(enricher_.outcome().route) : listener.route;
  // What does not fit its schema is kept, whatever rules would do with events that do; what they redact is redacted.
  if (rejected_) route_ |= kRejectedRoute;
  const bool kept = rejected_ || enricher_.outcome().fate == enrich::Fate::kKept;
  if (kept && options_.last_stage != Stage::kParse && !write_record()) {
    enricher_.uncount();
    again_ = true;
    return false;
  }
  again_ = false;
  if (enricher_.active() && enricher_.enrichment()->rules) count_rules();
  stats_.group(PipelineStat::events_rejected, rejected_);

  ++work_.index;
  work_.bytes += bytes;
  if (event_.problems != 0) {
    work_.failed += event_.failed();
    for (uint64_t left = event_.problems; left != 0; left &= left - 1)
      stats_.problem(static_cast<Problem>(std::countr_zero(left)));
  }
  return true;
}

bool Pipeline::is_json(const ListenerPlan& listener) const {
  const ChunkFormat format = work_.header->format;
  return (format == ChunkFormat::kListener ? listener.format : format) == ChunkFormat::kJson;
}

void Pipeline::read_format(std::string_view frame, bool json) {
  const ChunkHeader& header = *work_.header;
  if (frame.empty()) {
    event_.note(Problem::kEmpty, 0);
  } else if (json) {
    json_.parse(frame, {options_.json_depth_max}, arena_, event_);
  } else {
    parse_syslog(frame, {header.received_ns, options_.listeners[header.listener].utc_offset_s, &syslog_memory_}, arena_, event_);
  }
}

bool Pipeline::parse(std::string_view frame, bool truncated) {
  const ListenerPlan& listener = options_.listeners[work_.header->listener];
  const bool json = is_json(listener);
  if (truncated) event_.note(Problem::kTruncated, static_cast<uint32_t>(frame.size()));
  read_format(frame, json);
  if (listener.schema) validate(listener, json);
  const uint32_t pack = apply_packs(listener, json, listener.pack);
  // A document that does not fit stays whole.
  many_ = pack == packs::kNone || rejected_ ? Many::kNo : how_many(pack, json);
  if (many_ == Many::kNo) count_pack(pack, json);
  return pack != packs::kNone || json;
}

Pipeline::Many Pipeline::how_many(uint32_t pack, bool json) {
  const packs::Plan& plan = *packs_.plan();
  if (document_.open(plan, pack, event_, json, options_.document_events_max)) return Many::kSplit;
  return unwinding_.open(plan, pack, event_, json, options_.document_events_max) ? Many::kUnwound : Many::kNo;
}

void Pipeline::validate(const ListenerPlan& listener, bool json) {
  if (!validator_) validator_ = std::make_unique<validation::Validator>(options_.message_bytes_max, options_.json_depth_max);
  std::string_view document = json ? event_.original : event_.message;
  if (!json && document.starts_with("@cee:")) document.remove_prefix(5);
  rejected_ = !validator_->check(*listener.schema, document, arena_);
}

uint32_t Pipeline::apply_packs(const ListenerPlan& listener, bool json, uint32_t pinned) {
  const ChunkHeader& header = *work_.header;
  return packs_.apply(event_, arena_, json, header.listener, header.connection, pinned, listener.utc_offset_s);
}

// Once an event, also where there was no buffer for it and it came again.
void Pipeline::count_pack(uint32_t pack, bool json) {
  if (!packs_.plan() || again_) return;
  if (pack != packs::kNone) return stats_.pack(packs_.plan()->packs()[pack].counter);
  stats_.group(PipelineStat::events_unrecognised, 1);
  unparsed_.add(event_, json);
}

// When an event is done with.
void Pipeline::count_rules() {
  const enrich::RuleOutcome& outcome = enricher_.outcome();
  stats_.group(PipelineStat::events_dropped_by_rule, !rejected_ && outcome.fate == enrich::Fate::kDropped);
  stats_.group(PipelineStat::events_sampled_out, !rejected_ && outcome.fate == enrich::Fate::kSampledOut);
  stats_.group(PipelineStat::events_redacted, outcome.redacted);
  for (size_t word = 0; word < std::size(outcome.matched); ++word)
    for (uint64_t left = outcome.matched[word]; left != 0; left &= left - 1)
      stats_.rule(word * 64 + static_cast<size_t>(std::countr_zero(left)));
}

void Pipeline::count_enriched() {
  const enrich::EnrichCounts counts = enricher_.take_counts();
  stats_.group(PipelineStat::geoip_lookups, counts.lookups);
  stats_.group(PipelineStat::geoip_found, counts.found);
  stats_.group(PipelineStat::geoip_cached, counts.cached);
  stats_.group(PipelineStat::geoip_damaged, counts.damaged);
  stats_.group(PipelineStat::indicator_matches, counts.indicators);
  stats_.group(PipelineStat::asset_matches, counts.assets);
}

}  // namespace penstock
