#include "pipeline/pipeline.h"

#include "frames/clock.h"

#include <sys/random.h>

#include <algorithm>
#include <cstdlib>

#include "pipeline/varint.h"

namespace penstock {
namespace {

int64_t monotonic_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

/// Confluent's wire format: a zero byte and the id, big-endian; with protobuf also which message of the schema it is, 0 for the first.
/// https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
std::string value_prefix(const PipelineOptions& options) {
  if (options.schema_id < 0) return {};
  const auto id = static_cast<uint32_t>(options.schema_id);
  std::string prefix(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) prefix += static_cast<char>(id >> shift);
  if (options.encoding == Encoding::kProtobuf || options.encoding == Encoding::kCompact) prefix += '\0';
  return prefix;
}

// Text the arena may have to hold for one event: unescaped strings, dotted names, structured data as JSON.
size_t arena_bytes(uint32_t message_bytes_max) { return size_t{message_bytes_max} * 8 + (64 << 10); }

}  // namespace

Pipeline::Pipeline(PipelineOptions options, const std::vector<Ring>& rings, Doorbell* doorbell, void* stats,
                   std::unique_ptr<LaneWriter> lane, void* unparsed)
    : options_(std::move(options)),
      value_prefix_(value_prefix(options_)),
      doorbell_(doorbell),
      stats_(stats),
      lane_(std::move(lane)),
      arena_(arena_bytes(options_.message_bytes_max)),
      json_(options_.message_bytes_max),
      unparsed_(unparsed),
      schema_number_(static_cast<uint32_t>(std::strtoul(options_.schema.c_str(), nullptr, 16))) {
  if (getrandom(&frame_seed_, sizeof frame_seed_, 0) != sizeof frame_seed_) frame_seed_ = static_cast<uint64_t>(monotonic_ns());
  enricher_.set_encoded(options_.encoding == Encoding::kProtobuf && !enrich::is_place(options_.partition_field));
  packs_.set_json(&json_, {options_.json_depth_max});
  for (const ListenerPlan& listener : options_.listeners) {
    headers_.emplace_back();
    write_record_headers({options_.encoding, options_.schema, listener.source, {}}, headers_.back());
  }
  for (const Ring& ring : rings) {
    rings_.emplace_back(ring.memory);
    ring_ids_.push_back(ring.id);
    ring_positions_.push_back({ring.id, 0});
  }
  mark_rings();
  if (!lane_) return;
  stats_.add(PipelineStat::journal_torn_bytes, lane_->recovery().torn_bytes);
  // A predecessor may have stored chunks whose space it did not live to free.
  uint64_t skipped = 0;
  for (const LaneRingPosition& stored : lane_->recovered_rings())
    for (size_t i = 0; i < rings_.size(); ++i)
      if (ring_ids_[i] == stored.ring) skipped += rings_[i].skip_to(stored.chunks);
  mark_rings();
  // Most of these it had counted before it died: only what the counters have not yet seen is counted as skipped.
  uint64_t passed = 0;
  for (const RingMark& mark : marks_) passed += mark.chunks;
  const uint64_t counted = stats_.get(PipelineStat::chunks) + stats_.get(PipelineStat::chunks_skipped);
  stats_.add(PipelineStat::chunks_skipped, passed > counted ? std::min(skipped, passed - counted) : 0);
  if (options_.fsync_interval_ms != 0) {
    syncer_ = std::make_unique<Syncer>(*lane_, rings_, options_.fsync_interval_ms, stats);
  }
}

void Pipeline::set_listener(size_t listener, ListenerPlan plan) {
  if (in_document()) return next_listeners_.emplace_back(listener, std::move(plan)), void();
  if (options_.listeners.size() <= listener) {
    options_.listeners.resize(listener + 1);
    headers_.resize(listener + 1);
  }
  write_record_headers({options_.encoding, options_.schema, plan.source, {}}, headers_[listener]);
  if (listener < spare_frames_.size()) spare_frames_[listener].clear();
  options_.listeners[listener] = std::move(plan);
}

Pipeline::~Pipeline() {
  syncer_.reset();
  // Read but never committed: the successor does them again.
  for (size_t i = 0; i < rings_.size(); ++i)
    stats_.add(PipelineStat::chunks_replayed, rings_[i].chunks_read() - marks_[i].chunks);
}

void Pipeline::add_buffer(uint8_t* data, size_t size) {
  free_buffers_.push_back(buffers_.size());
  buffers_.push_back({data, size});
}

bool Pipeline::due(int64_t now_ns) const {
  if (open_.empty() && !full_) return false;
  return full_ || now_ns - group_started_ns_ >= int64_t{limits_.linger_us} * 1000;
}

Turn Pipeline::run(uint32_t max_wait_us, const GroupLimits& limits) {
  limits_ = limits;
  stats_.add(PipelineStat::runs, 1);
  const Turn turn = work(max_wait_us);
  tell_open_bytes();
  tell_backlog();
  return turn;
}

void Pipeline::tell_backlog() {
  uint64_t permille = 0;
  for (const RingReader& ring : rings_) permille = std::max(permille, ring.unread_bytes() * 1000 / ring.capacity());
  stats_.set(PipelineStat::unread_permille, permille);
}

void Pipeline::tell_open_bytes() {
  size_t bytes = 0;
  for (const Open& open : open_) bytes += open.builder.size();
  stats_.set(PipelineStat::open_batch_bytes, bytes);
}

Turn Pipeline::work(uint32_t max_wait_us) {
  const int64_t give_up_ns = monotonic_ns() + int64_t{max_wait_us} * 1000;
  for (;;) {
    while (work_.header || take_chunk()) {
      if (!process_chunk()) return Turn::kNeedsBuffer;
      if (due(monotonic_ns())) return Turn::kDue;
    }
    // Chunks without a single event (empty lines) leave nothing to store: free them now.
    if (open_.empty()) release_rings();
    const int64_t now = monotonic_ns();
    if (due(now)) return Turn::kDue;
    const int64_t until =
        open_.empty() ? give_up_ns : std::min(give_up_ns, group_started_ns_ + int64_t{limits_.linger_us} * 1000);
    if (now >= give_up_ns) return Turn::kIdle;
    wait(static_cast<uint32_t>((until - now) / 1000 + 1));
  }
}

void Pipeline::wait(uint32_t us) {
  const uint32_t seen = doorbell_->arm();
  if (std::none_of(rings_.begin(), rings_.end(), [](const RingReader& ring) { return ring.has_next(); })) {
    stats_.add(PipelineStat::sleeps, 1);
    const int64_t began_ns = monotonic_ns();
    doorbell_->sleep(seen, int64_t{us} * 1000);
    stats_.add(PipelineStat::slept_us, static_cast<uint64_t>(monotonic_ns() - began_ns) / 1000);
  }
  doorbell_->disarm();
}

bool Pipeline::take_chunk() {
  for (size_t tried = 0; tried < rings_.size(); ++tried) {
    const size_t i = next_ring_;
    next_ring_ = (next_ring_ + 1) % rings_.size();
    const ChunkHeader* header = rings_[i].next();
    if (!header) continue;
    work_ = {header, ring_ids_[i], 0, 0};
    stats_.group(PipelineStat::chunks, 1);
    // Half a ring held back by an open group is as much as may be: the producer needs the rest.
    if (rings_[i].position() - marks_[i].position > rings_[i].capacity() / 2) full_ = true;
    if (open_.empty()) group_started_ns_ = monotonic_ns();
    return true;
  }
  return false;
}

void Pipeline::seal(size_t i, BatchCodec codec, uint8_t* out, size_t size) {
  if (options_.last_stage == Stage::kEncode) return;
  Open& open = open_[i];
  if (open.frame) {
    if (open.frame->measured()) open.frame->packed(size, frames::thread_ns() - open.ended_ns);
    if (!out) frames::seal_sections(open.builder.data() + kValuePlace);
    uint8_t* const buffer = out ? out : open.builder.data();
    size_t batch_size;
    open.sealed = open.builder.wrap_value(buffer, size, headers_[open.listener], batch_size);
    open.sealed_size = static_cast<uint32_t>(batch_size);
    return;
  }
  if (codec == BatchCodec::kNone) {
    out = open.builder.data();
    size = open.builder.size() - kBatchHeaderBytes;
  }
  open.builder.write_header(out, size, codec);
  open.sealed = out;
  open.sealed_size = static_cast<uint32_t>(kBatchHeaderBytes + size);
}

int Pipeline::commit() {
  if (lane_ && !open_.empty()) {
    const int error = store_group();
    stats_.set(PipelineStat::journal_segments_deleted, lane_->recovery().segments_deleted);
    stats_.set(PipelineStat::journal_spilled_bytes, lane_->recovery().spilled_bytes);
    stats_.set(PipelineStat::journal_segments_recycled, lane_->recovery().segments_recycled);
    if (error != 0) {
      stats_.add(PipelineStat::commit_errors, 1);
      return error;
    }
  }
  for (Open& open : open_) {
    stats_.add(PipelineStat::record_bytes, open.frame ? open.plain_size : open.builder.size() - kBatchHeaderBytes);
    stats_.add(PipelineStat::batch_bytes, open.sealed_size);
    stats_.add(PipelineStat::events_committed, open.builder.events());
    if (open.builder.key().priority) stats_.add(PipelineStat::priority_events, open.builder.events());
    keep_frame(open);
    free_buffers_.push_back(open.buffer);
  }
  stats_.add(PipelineStat::batches, open_.size());
  stats_.add(PipelineStat::groups, 1);
  open_.clear();
  tell_open_bytes();
  full_ = false;
  release_rings();
  return 0;
}

void Pipeline::discard() {
  for (Open& open : open_) {
    stats_.add(PipelineStat::events_dropped, open.builder.events());
    keep_frame(open);
    free_buffers_.push_back(open.buffer);
  }
  open_.clear();
  tell_open_bytes();
  full_ = false;
  release_rings();
}

void Pipeline::release_rings() {
  if (!mark_rings()) return;
  stats_.publish_group();
  if (syncer_) {
    syncer_->request(marks_);
    return;
  }
  for (size_t i = 0; i < rings_.size(); ++i) rings_[i].release_to(marks_[i].position, marks_[i].chunks);
}

// Remembers how far each ring was consumed. False: no further than before.
bool Pipeline::mark_rings() {
  bool moved = false;
  marks_.resize(rings_.size());
  for (size_t i = 0; i < rings_.size(); ++i) {
    moved |= marks_[i].position != rings_[i].position();
    marks_[i] = {rings_[i].position(), rings_[i].chunks_read()};
  }
  return moved;
}

int Pipeline::store_group() {
  lane_batches_.clear();
  for (const Open& open : open_) {
    const BatchBuilder& b = open.builder;
    LaneBatch batch{};
    batch.data = open.sealed;
    batch.size = open.sealed_size;
    batch.route = b.key().route;
    batch.partition = b.key().partition;
    batch.priority = b.key().priority;
    batch.count = b.events();
    batch.first_received_ns = b.first_received_ns();
    batch.last_received_ns = b.last_received_ns();
    batch.sample_count = b.sample_count();
    std::copy_n(b.samples(), b.sample_count(), batch.samples);
    lane_batches_.push_back(batch);
  }
  lane_places_.resize(lane_batches_.size());
  for (size_t i = 0; i < rings_.size(); ++i) ring_positions_[i].chunks = rings_[i].chunks_read();
  const int error = lane_->commit_group(lane_batches_.data(), lane_batches_.size(), ring_positions_.data(),
                                        ring_positions_.size(), lane_places_.data());
  if (error == 0) committed_place_ = lane_places_.back();
  return error;
}

}  // namespace penstock
