// A byte stream on its way into a ring: what was read is cut at frame boundaries, the start of an unfinished frame is
// carried over to the next read. Used by one thread.
#pragma once

#include <cstdlib>

#include "io/io_stats.h"
#include "ring/ring.h"

namespace penstock {

/// What every chunk of a stream says.
struct StreamOrigin {
  uint64_t connection;
  uint16_t listener;
  Framing framing;
  uint8_t peer_size;
  char peer[47];
};

/// Largest frame prefix ("4294967295 ") and delimiter that come on top of the message limit.
inline constexpr uint32_t kFramePrefixMax = 12;

class Stream {
 public:
  StreamOrigin origin{};

  Stream() = default;
  Stream(const Stream&) = delete;
  ~Stream() { std::free(carry_); }

  /// Room in the ring for what is carried and `room` more bytes; where those go is `*into`. nullptr: the ring is full.
  ChunkHeader* begin_read(RingWriter& ring, size_t room, uint8_t** into);
  /// `count` bytes were read there. Publishes what is whole.
  void end_read(RingWriter& ring, ChunkHeader* header, size_t count, uint32_t message_max, IoStats stats);
  /// Keeps bytes for which the ring has no room; they go first, by `flush`. False: no memory.
  bool keep(const uint8_t* data, size_t size, IoStats stats);
  /// Publishes what is kept, the last unterminated frame too when `at_end`. False: the ring is full, call again.
  bool flush(RingWriter& ring, uint32_t message_max, bool at_end, IoStats stats);
  /// Whether `flush` must come before the next read.
  bool needs_flush() const { return uncut_; }
  size_t carried_bytes() const { return carry_size_; }
  /// Forgets what is held, as lost.
  void drop(IoStats stats);

 private:
  bool cut_kept(RingWriter& ring, uint32_t message_max, bool at_end, IoStats stats);
  void set_carry(const uint8_t* data, size_t size, IoStats stats);
  void free_carry();
  void commit(RingWriter& ring, ChunkHeader* header, size_t size, uint8_t flags, IoStats stats);

  FramingState framing_;
  uint8_t* carry_ = nullptr;
  uint32_t carry_size_ = 0;
  uint32_t carry_capacity_ = 0;
  bool uncut_ = false;  ///< the carry holds whole frames for which there was no room
};

}  // namespace penstock
