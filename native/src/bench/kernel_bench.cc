#include "bench/kernel_bench.h"

#include "kernels/crc32c.h"
#include "ring/ring.h"

namespace penstock {
namespace {

constexpr size_t kBatchBytes = 512 << 10;
constexpr size_t kArenaBytes = 1 << 20;
constexpr uint32_t kMessageBytesMax = 64 << 10;
constexpr std::string_view kNoHeaders{"\0", 1};

}  // namespace

KernelBench::KernelBench(std::string_view lines, bool json)
    : lines_(lines.size() + kPadding),
      size_(lines.size()),
      json_(json),
      now_(realtime_ns()),
      arena_(kArenaBytes),
      parser_(kMessageBytesMax),
      out_(4 * kBatchBytes),
      copy_(lines.size() + kPadding) {
  std::memcpy(lines_.data(), lines.data(), lines.size());
}

/// The event of the next line that is not empty; false: there is none.
[[gnu::always_inline]] inline bool KernelBench::next_event(size_t& at, uint32_t index, bool scalar) {
  Frame frame;
  do {
    if (at >= size_) return false;
    const size_t used = next_frame(lines_.data() + at, size_ - at, json_ ? Framing::kLine : Framing::kSyslog, frame);
    if (used == 0) return false;
    at += used;
  } while (frame.size == 0);
  event_.reset();
  arena_.reset();
  event_.created_ns = event_.timestamp_ns = now_;
  event_.original = view(frame.data, frame.size);
  event_.padded = arena_.memory();
  event_.peer = "192.0.2.1";
  event_.id.index = index;
  if (json_) parser_.parse(event_.original, {}, arena_, event_);
  else if (scalar) parse_syslog_scalar(event_.original, {now_, 0}, arena_, event_);
  else parse_syslog(event_.original, {now_, 0, &memory_}, arena_, event_);
  return true;
}

template <typename Each>
size_t KernelBench::for_each_event(Each each, bool scalar) {
  uint32_t events = 0;
  for (size_t at = 0; next_event(at, events, scalar); ++events) each();
  return events;
}

size_t KernelBench::frame() {
  size_t events = 0;
  for (size_t at = 0; at < size_;) {
    Frame frame;
    const size_t used = next_frame(lines_.data() + at, size_ - at, json_ ? Framing::kLine : Framing::kSyslog, frame);
    if (used == 0) break;
    at += used;
    sink_ += frame.size;
    ++events;
  }
  return events;
}

size_t KernelBench::parse() {
  return for_each_event([&] { sink_ += event_.field_count(); }, false);
}

size_t KernelBench::parse_scalar() {
  return for_each_event([&] { sink_ += event_.field_count(); }, true);
}

size_t KernelBench::encode() {
  return for_each_event(
      [&] {
        const size_t most = log_event_size_max(event_) + kPadding;
        if (most > out_.size()) out_.resize(most);
        sink_ += static_cast<size_t>(encode_log_event(event_, out_.data()) - out_.data());
      },
      false);
}

size_t KernelBench::encode_json() {
  return for_each_event(
      [&] {
        const size_t most = json_event_size_max(event_) + kPadding;
        if (most > out_.size()) out_.resize(most);
        sink_ += static_cast<size_t>(encode_json_event(event_, out_.data()) - out_.data());
      },
      false);
}

size_t KernelBench::batch() {
  BatchBuilder builder;
  builder.open(out_.data(), out_.size() - kPadding, {});
  const auto close = [&] {
    builder.write_header(out_.data(), builder.size() - kBatchHeaderBytes, BatchCodec::kNone);
    sink_ += builder.size();
    builder.open(out_.data(), out_.size() - kPadding, {});
  };
  const size_t events = for_each_event(
      [&] {
        uint8_t* value = builder.begin_record(event_.created_ns / 1'000'000, {}, log_event_size_max(event_), kNoHeaders);
        if (!value) return;
        builder.end_record(encode_log_event(event_, value), {}, kNoHeaders);
        if (builder.size() >= kBatchBytes) close();
      },
      false);
  if (!builder.empty()) close();
  return events;
}

size_t KernelBench::encode_compact() {
  return for_each_event(
      [&] {
        const size_t most = compact_event_size_max(event_) + kPadding;
        if (most > out_.size()) out_.resize(most);
        sink_ += static_cast<size_t>(compact_.encode(event_, out_.data()) - out_.data());
      },
      false);
}

size_t KernelBench::fill(uint8_t* out, size_t capacity, bool compact, bool keep_original) {
  BatchBuilder builder;
  builder.open(out, capacity - kPadding, {});
  for_each_event(
      [&] {
        event_.keep_original |= keep_original;
        const size_t most = compact ? compact_event_size_max(event_) : log_event_size_max(event_);
        uint8_t* value = builder.begin_record(event_.created_ns / 1'000'000, {}, most, kNoHeaders);
        if (!value) return;
        uint8_t* const end = compact ? compact_.encode(event_, value) : encode_log_event(event_, value);
        builder.end_record(end, {}, kNoHeaders);
      },
      false);
  builder.write_header(out, builder.size() - kBatchHeaderBytes, BatchCodec::kNone);
  return builder.size();
}

size_t KernelBench::fill_next(uint8_t* out, size_t capacity, uint32_t frame_events) {
  BatchBuilder builder;
  builder.open(out, capacity - kPadding, {});
  size_t at = next_;
  while (next_event(at, next_index_, false)) {
    if (frame_events != 0) {
      if (!frame_.add(event_, capacity)) break;
    } else {
      const size_t size = log_event_size_max(event_);
      uint8_t* value = builder.begin_record(event_.created_ns / 1'000'000, {}, size, kNoHeaders);
      if (!value) break;
      builder.end_record(encode_log_event(event_, value), {}, kNoHeaders);
    }
    next_ = at;
    ++next_index_;
    if (frame_events != 0 ? frame_.events() == frame_events : builder.size() >= kBatchBytes) break;
  }
  if (frame_.events() != 0) return frame_.finish(out, false);
  if (!builder.empty()) return builder.write_header(out, builder.size() - kBatchHeaderBytes, BatchCodec::kNone), builder.size();
  next_ = next_index_ = 0;
  return 0;
}

size_t KernelBench::checksum() {
  sink_ += crc32c(0, lines_.data(), size_);
  return size_;
}

size_t KernelBench::copy() {
  std::memcpy(copy_.data(), lines_.data(), size_);
  sink_ += copy_[size_ / 2];
  return size_;
}

size_t KernelBench::simdjson() {
  if (!simdjson_) simdjson_ = std::make_unique<SimdjsonAlone>();
  size_t events = 0;
  for (size_t at = 0; at < size_; ++events) {
    const auto* end = static_cast<const uint8_t*>(std::memchr(lines_.data() + at, '\n', size_ - at));
    const size_t size = end ? static_cast<size_t>(end - lines_.data()) - at : size_ - at;
    sink_ += simdjson_->parse(lines_.data() + at, size);
    at += size + 1;
  }
  return events;
}

}  // namespace penstock
