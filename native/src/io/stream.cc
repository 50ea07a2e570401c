#include "io/stream.h"

#include <cstring>

namespace penstock {

ChunkHeader* Stream::begin_read(RingWriter& ring, size_t room, uint8_t** into) {
  ChunkHeader* header = ring.claim(carry_size_ + room);
  if (header) *into = reinterpret_cast<uint8_t*>(header + 1) + carry_size_;
  return header;
}

void Stream::end_read(RingWriter& ring, ChunkHeader* header, size_t count, uint32_t message_max, IoStats stats) {
  auto* data = reinterpret_cast<uint8_t*>(header + 1);
  if (carry_size_ != 0) std::memcpy(data, carry_, carry_size_);
  size_t size = carry_size_ + count;
  size_t at = 0;
  while (at < size) {
    const Cut cut = cut_frames(data + at, size - at, origin.framing, message_max, false, framing_);
    stats.add(IoStat::discarded_bytes_total, cut.discard);
    at += cut.discard;
    if (cut.whole == 0 && cut.truncated == 0) {
      if (cut.discard == 0) break;
      continue;
    }
    // One chunk is published in place, from the start of the claim. Behind an over-long frame's end it moves there.
    if (cut.whole == 0) at += cut.truncated_prefix;
    if (at != 0) {
      std::memmove(data, data + at, size - at);
      size -= at;
    }
    const size_t published = cut.whole != 0 ? cut.whole : cut.truncated;
    if (cut.whole != 0 && cut.truncated != 0) framing_ = {};  // the over-long one is cut again, from the carry
    set_carry(data + published, size - published, stats);     // before the next claim overwrites it
    commit(ring, header, published, cut.whole != 0 ? 0 : kChunkTruncated, stats);
    if (cut.truncated != 0 && carry_size_ != 0) cut_kept(ring, message_max, false, stats);
    return;
  }
  set_carry(data + at, size - at, stats);
}

bool Stream::keep(const uint8_t* data, size_t size, IoStats stats) {
  const size_t total = carry_size_ + size;
  if (total > carry_capacity_) {
    auto* grown = static_cast<uint8_t*>(std::realloc(carry_, total + kPadding));
    if (!grown) return false;
    carry_ = grown;
    carry_capacity_ = static_cast<uint32_t>(total);
  }
  std::memcpy(carry_ + carry_size_, data, size);
  carry_size_ = static_cast<uint32_t>(total);
  stats.add(IoStat::partial_frame_bytes, size);
  uncut_ = true;
  return true;
}

bool Stream::flush(RingWriter& ring, uint32_t message_max, bool at_end, IoStats stats) {
  if (carry_size_ == 0 || (!uncut_ && !at_end)) return true;
  return cut_kept(ring, message_max, at_end, stats);
}

bool Stream::cut_kept(RingWriter& ring, uint32_t message_max, bool at_end, IoStats stats) {
  size_t at = 0;
  uncut_ = false;
  while (at < carry_size_) {
    const FramingState before = framing_;
    const Cut cut = cut_frames(carry_ + at, carry_size_ - at, origin.framing, message_max, at_end, framing_);
    if (cut.discard == 0 && cut.whole == 0 && cut.truncated == 0) break;
    const size_t size = cut.whole != 0 ? cut.whole : cut.truncated;
    const size_t from = at + cut.discard + (cut.whole != 0 ? 0 : cut.truncated_prefix);
    if (size != 0) {
      ChunkHeader* header = ring.claim(size);
      if (!header) {
        framing_ = before;
        uncut_ = true;
        break;
      }
      std::memcpy(header + 1, carry_ + from, size);
      commit(ring, header, size, cut.whole != 0 ? 0 : kChunkTruncated, stats);
      if (cut.whole != 0 && cut.truncated != 0) framing_ = {};
    }
    stats.add(IoStat::discarded_bytes_total, cut.discard);
    at = from + size;
  }
  if (at != 0) {
    carry_size_ -= static_cast<uint32_t>(at);
    stats.subtract(IoStat::partial_frame_bytes, at);
    if (carry_size_ == 0) free_carry();
    else std::memmove(carry_, carry_ + at, carry_size_);
  }
  return !uncut_;
}

void Stream::set_carry(const uint8_t* data, size_t size, IoStats stats) {
  stats.add(IoStat::partial_frame_bytes, size - carry_size_);
  if (size == 0) return free_carry();
  if (size > carry_capacity_) {
    free_carry();
    const size_t capacity = (size + 255) & ~size_t{255};
    carry_ = static_cast<uint8_t*>(std::malloc(capacity + kPadding));
    if (!carry_) {
      stats.add(IoStat::lost_bytes_total, size);
      stats.subtract(IoStat::partial_frame_bytes, size);
      return;
    }
    carry_capacity_ = static_cast<uint32_t>(capacity);
  }
  std::memcpy(carry_, data, size);
  carry_size_ = static_cast<uint32_t>(size);
}

void Stream::free_carry() {
  std::free(carry_);
  carry_ = nullptr;
  carry_size_ = carry_capacity_ = 0;
}

void Stream::drop(IoStats stats) {
  stats.add(IoStat::lost_bytes_total, carry_size_);
  stats.subtract(IoStat::partial_frame_bytes, carry_size_);
  free_carry();
  uncut_ = false;
}

void Stream::commit(RingWriter& ring, ChunkHeader* header, size_t size, uint8_t flags, IoStats stats) {
  header->listener = origin.listener;
  header->framing = origin.framing;
  header->flags = flags;
  header->received_ns = realtime_ns();
  header->connection = origin.connection;
  header->peer_size = origin.peer_size;
  std::memcpy(header->peer, origin.peer, sizeof header->peer);
  header->format = ChunkFormat::kListener;
  ring.commit(header, size);
  stats.add(IoStat::chunks_total, 1);
  if (flags & kChunkTruncated) stats.add(IoStat::truncated_frames_total, 1);
}

}  // namespace penstock
