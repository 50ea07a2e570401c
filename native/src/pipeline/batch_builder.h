// A Kafka RecordBatch v2 under construction: records are written at their final place in a caller's buffer.
// Format: Kafka protocol guide, "Record Batch"; KIP-98.
//
//   | batch header 61 | record | record | …            one record:
//   | length varint | attributes 1 | Δtimestamp varint | Δoffset varint | key | value | headers |
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/wire.h"
#include "pipeline/varint.h"

namespace penstock {

inline constexpr size_t kBatchHeaderBytes = 61;
inline constexpr size_t kLatencySamples = 16;
inline constexpr size_t kValuePlace = kBatchHeaderBytes + 67;  ///< of a batch's only value: what comes before it fits
inline constexpr size_t kHeadersBytesMax = 1024;

/// Kafka's compression codes (attributes bits 0–2).
enum class BatchCodec : uint8_t { kNone = 0, kGzip = 1, kLz4 = 3, kZstd = 4 };

/// What the events of one batch have in common.
struct BatchKey {
  uint16_t route = 0;
  int32_t partition = -1;  ///< −1: any
  bool priority = false;
  bool operator==(const BatchKey&) const = default;
};

class BatchBuilder {
 public:
  /// `buffer` holds `capacity` bytes plus kPadding.
  void open(uint8_t* buffer, size_t capacity, BatchKey key);

  /// Begins a record whose value has at most `value_size_max` bytes; returns where to write the value, or nullptr when it may
  /// not fit. `headers` are the encoded record headers, count included; key.data() == nullptr is a null key.
  uint8_t* begin_record(int64_t timestamp_ms, std::string_view key, size_t value_size_max, std::string_view headers);
  /// Ends the record begun last behind its value, with the same key and headers.
  void end_record(const uint8_t* value_end, std::string_view key, std::string_view headers);
  /// Counts an event. For latency: when it was received, and its own time (a few are kept, evenly spread).
  void observe(int64_t received_ns, int64_t event_ns) {
    if (events_++ == 0) first_received_ns_ = received_ns;
    last_received_ns_ = received_ns;
    if (events_ - 1 == sample_next_) sample(event_ns);
  }

  /// Instead of begin_record: the batch's one record has the value of `size` bytes at `buffer` + kValuePlace; header, record and
  /// `headers` (kHeadersBytesMax at most) are written around it, uncompressed. Returns where the batch begins; `batch_size`: its bytes.
  uint8_t* wrap_value(uint8_t* buffer, size_t size, std::string_view headers, size_t& batch_size);

  bool empty() const { return count_ == 0; }
  uint32_t count() const { return count_; }    ///< records
  uint32_t events() const { return events_; }  ///< as many as records, unless a record holds a frame
  size_t size() const { return used_; }  ///< header included
  size_t room() const { return capacity_ - used_; }
  uint8_t* data() const { return buffer_; }
  const BatchKey& key() const { return key_; }
  int64_t first_received_ns() const { return first_received_ns_; }
  int64_t last_received_ns() const { return last_received_ns_; }
  const int64_t* samples() const { return samples_; }
  uint8_t sample_count() const { return sample_count_; }

  /// Writes the 61 header bytes at `out`, which is followed by `records_size` bytes of (compressed) records. No producer
  /// state: id −1, epoch −1, base sequence −1. Base offset 0, leader epoch −1.
  void write_header(uint8_t* out, size_t records_size, BatchCodec codec) const;

 private:
  /// Lengths of 64 to 8,191 take two bytes: nearly all. Their place is kept so, and what differs is moved.
  static constexpr size_t kUsualWidth = 2;
  static bool usual(uint64_t length) { return length - (1 << 7) < (1 << 14) - (1 << 7); }
  static void put_usual(uint8_t* out, uint64_t length) {
    out[0] = static_cast<uint8_t>(length | 0x80);
    out[1] = static_cast<uint8_t>(length >> 7);
  }
  /// Three lengths, attributes, timestamp, offset.
  static constexpr size_t kPrefixMax = 3 * 10 + 1 + 10 + 10;

  uint8_t* put_prefix(uint8_t* out, uint64_t length, uint64_t value_length, std::string_view key) const;
  uint8_t* move_value(uint8_t* value, size_t value_size, size_t between, uint64_t length, uint64_t value_length, std::string_view key);
  void sample(int64_t event_ns);

  uint8_t* buffer_ = nullptr;
  size_t capacity_ = 0;
  size_t used_ = 0;
  size_t value_at_ = 0;  ///< of the record begun last
  uint64_t delta_ = 0;   ///< its timestamp's, zigzag
  uint32_t count_ = 0;
  uint32_t events_ = 0;
  BatchKey key_;
  int64_t base_timestamp_ms_ = 0;
  int64_t max_timestamp_ms_ = 0;
  int64_t first_received_ns_ = 0;
  int64_t last_received_ns_ = 0;
  int64_t samples_[kLatencySamples] = {};
  uint8_t sample_count_ = 0;
  uint32_t sample_stride_ = 1;
  uint32_t sample_next_ = 0;
};

inline uint8_t* BatchBuilder::begin_record(int64_t timestamp_ms, std::string_view key, size_t value_size_max,
                                           std::string_view headers) {
  if (kPrefixMax + key.size() + value_size_max + headers.size() > room()) return nullptr;
  if (count_ == 0) base_timestamp_ms_ = max_timestamp_ms_ = timestamp_ms;
  else if (timestamp_ms > max_timestamp_ms_) max_timestamp_ms_ = timestamp_ms;
  delta_ = zigzag(timestamp_ms - base_timestamp_ms_);
  uint8_t* out = buffer_ + used_ + kUsualWidth;
  *out++ = 0;  // record attributes: unused
  out = put_varint(out, delta_);
  out = put_varint(out, zigzag(count_));
  out = put_varint(out, zigzag(key.data() ? static_cast<int64_t>(key.size()) : -1));
  if (key.size() != 0) std::memcpy(out, key.data(), key.size());
  out += key.size() + kUsualWidth;
  value_at_ = static_cast<size_t>(out - buffer_);
  return out;
}

inline void BatchBuilder::end_record(const uint8_t* value_end, std::string_view key, std::string_view headers) {
  uint8_t* const start = buffer_ + used_;
  uint8_t* value = buffer_ + value_at_;
  const auto value_size = static_cast<size_t>(value_end - value);
  const uint64_t value_length = zigzag(static_cast<int64_t>(value_size));
  const size_t between = static_cast<size_t>(value - start) - 2 * kUsualWidth;  // attributes to key
  const size_t body = between + varint_size(value_length) + value_size + headers.size();
  const uint64_t length = zigzag(static_cast<int64_t>(body));
  if (usual(length) && usual(value_length)) [[likely]] {
    put_usual(start, length);
    put_usual(value - kUsualWidth, value_length);
  } else {
    value = move_value(value, value_size, between, length, value_length, key);
  }
  // After the value, not before it: the encoder may scribble kPadding bytes past the value's end.
  wire::copy_exact(value + value_size, headers.data(), headers.size());
  used_ = static_cast<size_t>(value + value_size + headers.size() - buffer_);
  ++count_;
}

}  // namespace penstock
