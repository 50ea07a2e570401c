// The pipeline's last part: a parsed event → a record in an open batch.
#include "pipeline/murmur2.h"
#include "kernels/wire.h"
#include "pipeline/pipeline.h"

namespace penstock {

bool Pipeline::write_record() {
  if (encoding() == Encoding::kFrames) return write_to_frame();
  const std::string_view headers = record_headers();
  const std::string_view key = partition_key();
  const int32_t partition =
      key.data() && options_.partitions != 0 ? murmur2_partition(key, options_.partitions) : -1;

  const size_t size_max = value_size_max();
  const int64_t received_ms = event_.created_ns / 1'000'000;
  uint8_t* value = nullptr;
  BatchBuilder* batch = nullptr;
  for (const bool fresh : {false, true}) {
    batch = open_batch({route_, partition, priority_}, fresh);
    if (!batch) return false;
    value = batch->begin_record(received_ms, key, size_max, headers);
    if (value) break;
  }
  const uint8_t* end = nullptr;
  if (value) end = encode_value(value);
  else value = write_exactly(*batch, received_ms, key, headers, size_max, end);
  if (!value) {
    // Larger than an empty batch: keep what was received, say why the fields are gone, once.
    if (event_.problems >> static_cast<unsigned>(Problem::kTooComplex) & 1) return true;
    event_.drop_fields();
    event_.message = {};
    event_.note(Problem::kTooComplex, 0);
    event_.keep_original = true;
    return write_record();
  }
  batch->end_record(end, key, headers);
  batch->observe(event_.created_ns, event_.timestamp_ns);
  if (batch->size() >= limits_.batch_bytes) full_ = true;
  return true;
}

// Those of the listener; of an event that does not fit its schema with the reason behind them, and never "frames": it stands alone.
std::string_view Pipeline::record_headers() {
  const uint16_t listener = work_.header->listener;
  if (!rejected_) return headers_[listener];
  write_record_headers({encoding(), options_.schema, options_.listeners[listener].source, validator_->reason()}, rejected_headers_);
  return rejected_headers_;
}

size_t Pipeline::value_size_max() const {
  const size_t prefix = value_prefix_.size();
  switch (encoding()) {
    case Encoding::kJson: return prefix + json_event_size_max(event_);
    case Encoding::kCompact: return prefix + compact_event_size_max(event_);
    case Encoding::kAvro: return prefix + avro_event_size_max(event_);
    case Encoding::kMsgpack: return prefix + msgpack_event_size_max(event_);
    case Encoding::kOcsf: return prefix + ocsf_event_size_max(event_);
    case Encoding::kProtobuf:
    case Encoding::kFrames: break;
  }
  return prefix + log_event_size_max(event_);
}

uint8_t* Pipeline::encode_value(uint8_t* out) {
  out = wire::copy_exact(out, value_prefix_.data(), value_prefix_.size());
  switch (encoding()) {
    case Encoding::kJson: return encode_json_event(event_, out);
    case Encoding::kCompact: return compact_.encode(event_, out);
    case Encoding::kAvro: return encode_avro_event(event_, out);
    case Encoding::kMsgpack: return encode_msgpack_event(event_, out);
    case Encoding::kOcsf: return encode_ocsf_event(event_, out);
    case Encoding::kProtobuf:
    case Encoding::kFrames: break;
  }
  return encode_log_event(event_, out);
}

// A value whose upper bound is more than an empty batch holds, and which may fit all the same. nullptr: it does not.
uint8_t* Pipeline::write_exactly(BatchBuilder& batch, int64_t received_ms, std::string_view key, std::string_view headers,
                                 size_t size_max, const uint8_t*& end) {
  if (encoding() == Encoding::kProtobuf) {
    const size_t size = value_prefix_.size() + log_event_size(event_);
    uint8_t* const value = batch.begin_record(received_ms, key, size, headers);
    if (value) end = encode_value(value);
    return value;
  }
  if (scratch_.size() < size_max + kPadding) scratch_.resize(size_max + kPadding);
  const auto size = static_cast<size_t>(encode_value(scratch_.data()) - scratch_.data());
  uint8_t* const value = batch.begin_record(received_ms, key, size, headers);
  if (!value) return nullptr;
  std::memcpy(value, scratch_.data(), size);
  end = value + size;
  return value;
}

std::string_view Pipeline::partition_key() const {
  if (options_.partitioning == Partitioning::kSticky) return {};
  if (options_.partitioning == Partitioning::kSource) return event_.peer;
  for (size_t i = 0; i < event_.field_count(); ++i) {
    const FieldEntry& entry = event_.fields()[i];
    if (entry.field != options_.partition_field) continue;
    return entry.value.kind == ValueKind::kInt64 ? std::string_view() : entry.value.text;
  }
  return {};
}

// One that is not the last event's.
BatchBuilder* Pipeline::other_batch(const BatchKey& key, bool fresh) {
  if (!fresh) {
    for (size_t i = open_.size(); i-- > 0;) {  // newest first: the older ones of the same key are full
      if (!(open_[i].builder.key() == key)) continue;
      last_open_ = i;
      return &open_[i].builder;
    }
  } else if (!open_.empty() && open_.back().builder.empty() && !open_.back().frame) {
    open_.back().builder.open(open_.back().builder.data(), buffers_[open_.back().buffer].size - kPadding, key);
    last_open_ = open_.size() - 1;
    return &open_.back().builder;
  }
  if (free_buffers_.empty()) return nullptr;
  const size_t buffer = free_buffers_.back();
  free_buffers_.pop_back();
  open_.push_back({{}, buffer, nullptr, 0, 0, nullptr, 0, 0});
  last_open_ = open_.size() - 1;
  open_.back().builder.open(buffers_[buffer].data, buffers_[buffer].size - kPadding, key);
  return &open_.back().builder;
}

}  // namespace penstock
