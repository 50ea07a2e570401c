// The pipeline's last part: a parsed event → a record in an open batch.
#include "pipeline/murmur2.h"
#include "pipeline/pipeline.h"

namespace penstock {

bool Pipeline::write_record() {
  const ListenerPlan& listener = options_.listeners[work_.header->listener];
  const std::string_view headers = headers_[work_.header->listener];
  const std::string_view key = partition_key();
  const int32_t partition =
      key.data() && options_.partitions != 0 ? murmur2_partition(key, options_.partitions) : -1;

  const uint8_t* json = nullptr;
  size_t value_size;
  if (options_.encoding == Encoding::kJson) {
    const size_t most = json_event_size_max(event_) + kPadding;
    if (json_scratch_.size() < most) json_scratch_.resize(most);
    value_size = static_cast<size_t>(encode_json_event(event_, json_scratch_.data()) - json_scratch_.data());
    json = json_scratch_.data();
  } else {
    value_size = log_event_size(event_);
  }

  const int64_t received_ms = event_.created_ns / 1'000'000;
  uint8_t* value = nullptr;
  BatchBuilder* batch = nullptr;
  for (const bool fresh : {false, true}) {
    batch = open_batch(listener.route, partition, fresh);
    if (!batch) return false;
    value = batch->begin_record(received_ms, key, value_size, headers);
    if (value) break;
  }
  if (!value) {
    // Larger than an empty batch: keep what was received, say why the fields are gone, once.
    if (event_.problems >> static_cast<unsigned>(Problem::kTooComplex) & 1) return true;
    event_.drop_fields();
    event_.message = {};
    event_.note(Problem::kTooComplex, 0);
    event_.keep_original = true;
    return write_record();
  }
  if (json) std::memcpy(value, json, value_size);
  else encode_log_event(event_, value);
  batch->end_record(headers);
  batch->observe(event_.created_ns, event_.timestamp_ns);
  if (batch->size() >= limits_.batch_bytes) full_ = true;
  return true;
}

std::string_view Pipeline::partition_key() const {
  if (options_.partitioning == Partitioning::kSticky) return {};
  if (options_.partitioning == Partitioning::kSource) return event_.peer;
  for (size_t i = 0; i < event_.field_count(); ++i) {
    const FieldEntry& entry = event_.fields()[i];
    if (entry.field == options_.partition_field) return entry.value.text;
  }
  return {};
}

// The open batch of a route and partition; `fresh`: another one, the current is full. nullptr: no buffer left.
BatchBuilder* Pipeline::open_batch(uint16_t route, int32_t partition, bool fresh) {
  if (!fresh) {
    if (last_open_ < open_.size()) {
      BatchBuilder& last = open_[last_open_].builder;
      if (last.route() == route && last.partition() == partition) return &last;
    }
    for (size_t i = open_.size(); i-- > 0;) {  // newest first: the older ones of the same partition are full
      if (open_[i].builder.route() != route || open_[i].builder.partition() != partition) continue;
      last_open_ = i;
      return &open_[i].builder;
    }
  } else if (!open_.empty() && open_.back().builder.empty()) {
    open_.back().builder.open(open_.back().builder.data(), buffers_[open_.back().buffer].size - kPadding, route,
                              partition);
    last_open_ = open_.size() - 1;
    return &open_.back().builder;
  }
  if (free_buffers_.empty()) return nullptr;
  const size_t buffer = free_buffers_.back();
  free_buffers_.pop_back();
  open_.push_back({{}, buffer, nullptr, 0});
  last_open_ = open_.size() - 1;
  open_.back().builder.open(buffers_[buffer].data, buffers_[buffer].size - kPadding, route, partition);
  return &open_.back().builder;
}

}  // namespace penstock
