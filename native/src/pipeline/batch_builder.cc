#include "pipeline/batch_builder.h"

#include "kernels/crc32c.h"
#include "pipeline/varint.h"

namespace penstock {
namespace {

template <typename T>
uint8_t* put_be(uint8_t* out, T value) {
  for (int shift = (sizeof(T) - 1) * 8; shift >= 0; shift -= 8) *out++ = static_cast<uint8_t>(value >> shift);
  return out;
}

}  // namespace

void BatchBuilder::open(uint8_t* buffer, size_t capacity, BatchKey key) {
  *this = BatchBuilder();
  buffer_ = buffer;
  capacity_ = capacity;
  used_ = kBatchHeaderBytes;
  key_ = key;
}

/// All of a record before its value. Lengths are zigzag; those of the usual width can be written again in place.
uint8_t* BatchBuilder::put_prefix(uint8_t* out, uint64_t length, uint64_t value_length, std::string_view key) const {
  out = put_varint(out, length);
  *out++ = 0;  // record attributes: unused
  out = put_varint(out, delta_);
  out = put_varint(out, zigzag(count_));
  out = put_varint(out, zigzag(key.data() ? static_cast<int64_t>(key.size()) : -1));
  if (key.size() != 0) std::memcpy(out, key.data(), key.size());
  return put_varint(out + key.size(), value_length);
}

/// A record whose lengths are not of the usual width: what was written is moved to where it belongs.
uint8_t* BatchBuilder::move_value(uint8_t* value, size_t value_size, size_t between, uint64_t length, uint64_t value_length,
                                  std::string_view key) {
  uint8_t* const start = buffer_ + used_;
  uint8_t* const place = start + varint_size(length) + between + varint_size(value_length);
  std::memmove(place, value, value_size);
  return put_prefix(start, length, value_length, key);
}

uint8_t* BatchBuilder::wrap_value(uint8_t* buffer, size_t size, std::string_view headers, size_t& batch_size) {
  const uint64_t value_length = zigzag(static_cast<int64_t>(size)), no_key = zigzag(-1);
  const size_t body = 4 + varint_size(value_length) + size + headers.size();  // attributes, time, offset and key: a byte each
  const uint64_t length = zigzag(static_cast<int64_t>(body));
  const size_t before = varint_size(length) + 4 + varint_size(value_length);
  uint8_t* const start = buffer + kValuePlace - before - kBatchHeaderBytes;
  uint8_t* out = put_varint(start + kBatchHeaderBytes, length);
  *out++ = 0;
  *out++ = 0;
  *out++ = 0;
  out = put_varint(out, no_key);
  out = put_varint(out, value_length);
  std::memcpy(out + size, headers.data(), headers.size());
  // The youngest event's time: Kafka keeps a record as long as its time says, and none of its events may go early.
  base_timestamp_ms_ = max_timestamp_ms_ = last_received_ns_ / 1'000'000;
  count_ = 1;
  used_ = kBatchHeaderBytes + before + size + headers.size();
  batch_size = used_;
  write_header(start, used_ - kBatchHeaderBytes, BatchCodec::kNone);
  return start;
}

void BatchBuilder::sample(int64_t event_ns) {
  if (sample_count_ == kLatencySamples) {  // keep every other one, and take half as many from now on
    for (size_t i = 0; i < kLatencySamples / 2; ++i) samples_[i] = samples_[2 * i];
    sample_count_ = kLatencySamples / 2;
    sample_stride_ *= 2;
  }
  samples_[sample_count_++] = event_ns;
  sample_next_ += sample_stride_;
}

void BatchBuilder::write_header(uint8_t* out, size_t records_size, BatchCodec codec) const {
  uint8_t* const start = out;
  out = put_be<uint64_t>(out, 0);                                                             // base offset
  out = put_be<uint32_t>(out, static_cast<uint32_t>(kBatchHeaderBytes - 12 + records_size));  // bytes after this field
  out = put_be<uint32_t>(out, 0xffffffff);                                                    // leader epoch
  *out++ = 2;                                                                                 // magic
  uint8_t* const crc_at = out;
  out += 4;
  out = put_be<uint16_t>(out, static_cast<uint16_t>(codec));
  out = put_be<uint32_t>(out, count_ - 1);  // last offset delta
  out = put_be<uint64_t>(out, static_cast<uint64_t>(base_timestamp_ms_));
  out = put_be<uint64_t>(out, static_cast<uint64_t>(max_timestamp_ms_));
  out = put_be<uint64_t>(out, ~uint64_t{0});  // producer id
  out = put_be<uint16_t>(out, 0xffff);        // producer epoch
  out = put_be<uint32_t>(out, 0xffffffff);    // base sequence
  out = put_be<uint32_t>(out, count_);
  const size_t covered = static_cast<size_t>(start + kBatchHeaderBytes - (crc_at + 4)) + records_size;
  put_be<uint32_t>(crc_at, crc32c(0, crc_at + 4, covered));
}

}  // namespace penstock
