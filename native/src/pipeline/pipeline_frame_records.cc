// The pipeline's last part, for the encoding "frames": a parsed event → a frame, which becomes the one record of its batch.
#include "frames/clock.h"
#include "pipeline/murmur2.h"
#include "pipeline/pipeline.h"

namespace penstock {
namespace {

/// A frame goes on to the end of a chunk, so that no small one follows it, but not further than this.
constexpr uint32_t kFrameOverrun = 2;

}  // namespace

bool Pipeline::write_to_frame() {
  const uint32_t listener = work_.header->listener;
  const std::string_view key = partition_key();
  const int32_t partition = key.data() && options_.partitions != 0 ? murmur2_partition(key, options_.partitions) : -1;
  Open* open = nullptr;
  bool added = false;
  for (const bool fresh : {false, true}) {
    open = open_frame(listener, {route_, partition, priority_}, fresh);
    if (!open) return false;
    const bool full = open->frame->events() >= kFrameOverrun * options_.frame_events ||
                      (open->frame->events() != 0 &&
                       open->frame->decoded_bytes() + log_event_size_max(event_) > options_.frame_bytes_max);
    added = !full && open->frame->add(event_, frame_room(*open));
    if (added) break;
  }
  if (!added) {
    // Larger than an empty frame: keep what was received, say why the fields are gone, once.
    if (event_.problems >> static_cast<unsigned>(Problem::kTooComplex) & 1) return true;
    event_.drop_fields();
    event_.message = {};
    event_.note(Problem::kTooComplex, 0);
    event_.keep_original = true;
    return write_to_frame();
  }
  open->builder.observe(event_.created_ns, event_.timestamp_ns);
  const size_t room = frame_room(*open);
  if (open->frame->plain_bytes_bound() > room - room / 4 || open->frame->events() >= options_.frame_events ||
      open->frame->decoded_bytes() >= limits_.batch_bytes) full_ = true;
  return true;
}

size_t Pipeline::frame_room(const Open& open) const {
  return buffers_[open.buffer].size - kPadding - kValuePlace - kHeadersBytesMax;
}

// The open frame of a listener, partition and priority; `fresh`: another one, the current is full. nullptr: no buffer left.
Pipeline::Open* Pipeline::open_frame(uint32_t listener, BatchKey key, bool fresh) {
  const auto suits = [&](const Open& open) { return open.listener == listener && open.builder.key() == key; };
  if (last_open_ < open_.size() && suits(open_[last_open_]) && (!fresh || open_[last_open_].frame->events() == 0))
    return &open_[last_open_];
  for (size_t i = open_.size(); i-- > 0 && !fresh;) {  // newest first: the older ones are full
    if (!suits(open_[i])) continue;
    last_open_ = i;
    return &open_[i];
  }
  if (free_buffers_.empty()) return nullptr;
  if (spare_frames_.size() <= listener) spare_frames_.resize(listener + 1);
  std::unique_ptr<frames::FrameBuilder> frame;
  if (spare_frames_[listener].empty()) {
    frame = std::make_unique<frames::FrameBuilder>(
        frames::BuilderOptions{schema_number_, frame_seed_, options_.listeners[listener].utc_offset_s});
  } else {
    frame = std::move(spare_frames_[listener].back());
    spare_frames_[listener].pop_back();
  }
  const size_t buffer = free_buffers_.back();
  free_buffers_.pop_back();
  open_.push_back({{}, buffer, nullptr, 0, listener, std::move(frame), 0, 0});
  last_open_ = open_.size() - 1;
  Open& open = open_.back();
  open.builder.open(buffers_[buffer].data, buffers_[buffer].size - kPadding, key);
  return &open;
}

size_t Pipeline::end_frame(size_t i) {
  Open& open = open_[i];
  if (!open.frame) return 0;
  open.plain_size = open.frame->finish(open.builder.data() + kValuePlace, false);
  if (open.frame->measured()) open.ended_ns = frames::thread_ns();
  return open.plain_size;
}

void Pipeline::keep_frame(Open& open) {
  if (!open.frame) return;
  open.frame->clear();
  spare_frames_[open.listener].push_back(std::move(open.frame));
}

}  // namespace penstock
