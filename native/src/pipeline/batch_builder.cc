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

void BatchBuilder::open(uint8_t* buffer, size_t capacity, uint16_t route, int32_t partition) {
  *this = BatchBuilder();
  buffer_ = buffer;
  capacity_ = capacity;
  used_ = kBatchHeaderBytes;
  route_ = route;
  partition_ = partition;
}

uint8_t* BatchBuilder::begin_record(int64_t timestamp_ms, std::string_view key, size_t value_size,
                                    std::string_view headers) {
  const int64_t base = count_ == 0 ? timestamp_ms : base_timestamp_ms_;
  const uint64_t delta = zigzag(timestamp_ms - base);
  const uint64_t offset = zigzag(count_);
  const uint64_t value_length = zigzag(static_cast<int64_t>(value_size));
  const uint64_t key_length = zigzag(key.data() ? static_cast<int64_t>(key.size()) : -1);
  const size_t body = 1 + varint_size(delta) + varint_size(offset) + varint_size(key_length) + key.size() +
                      varint_size(value_length) + value_size + headers.size();
  const uint64_t length = zigzag(static_cast<int64_t>(body));
  const size_t total = varint_size(length) + body;
  if (total > room()) return nullptr;

  uint8_t* out = put_varint(buffer_ + used_, length);
  *out++ = 0;  // record attributes: unused
  out = put_varint(out, delta);
  out = put_varint(out, offset);
  out = put_varint(out, key_length);
  if (key.size() != 0) std::memcpy(out, key.data(), key.size());
  out += key.size();
  out = put_varint(out, value_length);

  base_timestamp_ms_ = base;
  if (count_ == 0 || timestamp_ms > max_timestamp_ms_) max_timestamp_ms_ = timestamp_ms;
  ++count_;
  used_ += total;
  return out;
}

void BatchBuilder::end_record(std::string_view headers) {
  // After the value, not before it: the encoder may scribble kPadding bytes past the value's end.
  std::memcpy(buffer_ + used_ - headers.size(), headers.data(), headers.size());
}

void BatchBuilder::observe(int64_t received_ns, int64_t event_ns) {
  if (count_ == 1) first_received_ns_ = received_ns;
  last_received_ns_ = received_ns;
  if (count_ - 1 != sample_next_) return;
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
