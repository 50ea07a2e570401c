// Single-producer single-consumer ring of chunks in shared memory: claim, commit, abort; next, release.
//
// Positions are byte counts since the ring was made and never wrap in practice (64 bits); position & mask is the place.
//
//   memory: | to a page | RingControl, 4096 bytes | data, capacity bytes (power of two) | tail padding, 4096 bytes |
//
//   released (tail)        read position            published (head)
//      │ consumed, not yet durable │  not yet read        │  free …
//
// The consumer reads ahead of `tail` and moves `tail` only when what it read is durable; a successor of a dead consumer
// starts at `tail`. Full is an answer: claim returns nullptr, and arms a wake-up of the producer.
#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ring/chunk.h"

namespace penstock {

inline constexpr size_t kRingControlBytes = 4096;
inline constexpr size_t kRingTailPadding = 4096;
/// What a ring's memory needs besides its capacity: control, padding, and room to begin at a page (a SharedArrayBuffer
/// is aligned to 16 bytes only).
inline constexpr size_t kRingOverheadBytes = kRingControlBytes + kRingTailPadding + 4096;
inline constexpr uint64_t kRingMagic = 0x31474e4952534e50ULL;  // "PNSRING1"

inline int64_t realtime_ns() {
  timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

/// Where a consumer of several rings sleeps. Lives in shared memory; private futex (one process).
///
/// Consumer: `seen = arm()`, then look at every ring once more, then `sleep(seen, …)` if all are empty, then `disarm()`.
struct Doorbell {
  std::atomic<uint32_t> sequence;  ///< changes with every ring of the bell
  std::atomic<uint32_t> armed;     ///< 1 while the consumer sleeps or is about to

  /// Producer, after publishing. seq_cst pairs with the consumer's arm-then-look: without it a wake could be missed.
  /// The exchange takes the arm that was seen, and takes it before the sequence moves: storing 0 afterwards would erase
  /// the next arm of a consumer that woke in between, and that consumer would sleep with nobody to wake it.
  void ring() {
    if (armed.load(std::memory_order_seq_cst) == 0) return;
    if (armed.exchange(0, std::memory_order_seq_cst) == 0) return;
    sequence.fetch_add(1, std::memory_order_seq_cst);
    syscall(SYS_futex, &sequence, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }

  /// Consumer: announces that it is about to sleep. What is published from now on rings the bell.
  uint32_t arm() {
    const uint32_t seen = sequence.load(std::memory_order_seq_cst);
    armed.store(1, std::memory_order_seq_cst);
    return seen;
  }
  /// Consumer: sleeps until the bell has been rung since `arm` answered `seen`, or until the time is over (also for nothing).
  void sleep(uint32_t seen, int64_t timeout_ns) {
    timespec timeout{static_cast<time_t>(timeout_ns / 1'000'000'000), static_cast<long>(timeout_ns % 1'000'000'000)};
    syscall(SYS_futex, &sequence, FUTEX_WAIT_PRIVATE, seen, &timeout, nullptr, 0);
  }
  /// Consumer: awake, so producers save the system call.
  void disarm() { armed.store(0, std::memory_order_relaxed); }
};

struct RingControl {
  uint64_t magic;
  uint64_t capacity;
  alignas(128) std::atomic<uint64_t> head;            ///< producer publishes chunks (release) → consumer (acquire)
  uint64_t next_number;                               ///< producer's own: number of the next chunk
  alignas(128) std::atomic<uint64_t> tail;            ///< consumer frees space (release) → producer (acquire)
  std::atomic<uint64_t> committed_chunks;             ///< chunks numbered below this are durable
  alignas(128) std::atomic<uint32_t> producer_waits;  ///< producer met a full ring, or waits for a commit (acknowledgement)
  std::atomic<int32_t> producer_eventfd;              ///< written (8 bytes, value 1) when producer_waits and tail moved; -1: none
};
static_assert(sizeof(RingControl) <= kRingControlBytes);

/// Where the ring begins in the memory given for it.
inline RingControl* ring_control(void* memory) {
  return reinterpret_cast<RingControl*>((reinterpret_cast<uintptr_t>(memory) + 4095) & ~uintptr_t{4095});
}

/// Formats `memory` (zeroed, kRingOverheadBytes + capacity) as an empty ring.
inline bool ring_format(void* memory, size_t capacity) {
  if (capacity < 65536 || (capacity & (capacity - 1)) != 0) return false;
  RingControl* control = ring_control(memory);
  control->magic = kRingMagic;
  control->capacity = capacity;
  control->producer_eventfd.store(-1, std::memory_order_relaxed);
  return true;
}

inline size_t chunk_span(size_t payload) {
  return (sizeof(ChunkHeader) + payload + kChunkAlign - 1) & ~(kChunkAlign - 1);
}

/// Used by one thread.
class RingWriter {
 public:
  RingWriter(void* memory, Doorbell* doorbell)
      : control_(ring_control(memory)),
        data_(reinterpret_cast<uint8_t*>(control_) + kRingControlBytes),
        mask_(control_->capacity - 1),
        doorbell_(doorbell) {}

  /// The largest payload ever accepted.
  size_t payload_max() const { return control_->capacity / 4 - sizeof(ChunkHeader); }

  /// Contiguous room for `payload` bytes: the header, to be filled; payload follows it. nullptr: full (producer_waits is
  /// then set, and the eventfd will be written when space is freed) or payload > payload_max().
  ChunkHeader* claim(size_t payload) {
    if (payload > payload_max()) return nullptr;
    if (ChunkHeader* header = try_claim(payload)) return header;
    control_->producer_waits.store(1, std::memory_order_seq_cst);
    return try_claim(payload);  // space may have been freed before the flag was seen
  }
  /// Publishes the claimed chunk with its true size (≤ claimed). Sets `number`; every other field is the caller's.
  uint64_t commit(ChunkHeader* header, size_t payload) {
    header->size = static_cast<uint32_t>(payload);
    header->number = control_->next_number++;
    publish(claimed_at_ + chunk_span(payload));
    return header->number;
  }
  /// Number of the chunk that is published next.
  uint64_t next_number() const { return control_->next_number; }
  /// Nothing to do: a claim not committed is simply claimed again.
  void abort() {}

  /// seq_cst, like the tail in try_claim: after want_wake either this sees the consumer's store or the consumer sees the want.
  uint64_t committed_chunks() const { return control_->committed_chunks.load(std::memory_order_seq_cst); }
  /// Asks for the eventfd to be written at the next commit by the consumer (for acknowledgements).
  void want_wake() { control_->producer_waits.store(1, std::memory_order_seq_cst); }
  void set_eventfd(int fd) { control_->producer_eventfd.store(fd, std::memory_order_release); }
  uint64_t depth_bytes() const {
    return control_->head.load(std::memory_order_relaxed) - control_->tail.load(std::memory_order_relaxed);
  }

 private:
  ChunkHeader* try_claim(size_t payload) {
    const uint64_t head = control_->head.load(std::memory_order_relaxed);
    const uint64_t tail = control_->tail.load(std::memory_order_seq_cst);  // after the store to producer_waits in claim
    const size_t need = chunk_span(payload);
    const size_t to_end = control_->capacity - (head & mask_);
    const uint64_t free = control_->capacity - (head - tail);
    if (need <= to_end) {
      if (need > free) return nullptr;
      claimed_at_ = head;
      return reinterpret_cast<ChunkHeader*>(data_ + (head & mask_));
    }
    if (to_end + need > free) return nullptr;
    // to_end is a multiple of 64: size and flags of a skip marker always fit.
    auto* skip = reinterpret_cast<ChunkHeader*>(data_ + (head & mask_));
    skip->size = static_cast<uint32_t>(to_end);
    skip->flags = kChunkSkip;
    claimed_at_ = head + to_end;
    return reinterpret_cast<ChunkHeader*>(data_);
  }
  void publish(uint64_t head) {
    control_->head.store(head, std::memory_order_seq_cst);  // before Doorbell::ring looks at `armed`
    doorbell_->ring();
  }

  RingControl* control_;
  uint8_t* data_;
  uint64_t mask_;
  Doorbell* doorbell_;
  uint64_t claimed_at_ = 0;
};

/// Used by one thread at a time (a successor after its predecessor is gone).
class RingReader {
 public:
  explicit RingReader(void* memory)
      : control_(ring_control(memory)),
        data_(reinterpret_cast<uint8_t*>(control_) + kRingControlBytes),
        mask_(control_->capacity - 1),
        read_(control_->tail.load(std::memory_order_acquire)),
        chunks_read_(control_->committed_chunks.load(std::memory_order_acquire)) {}

  /// The next chunk not yet read, or nullptr. Stays valid until released.
  const ChunkHeader* next() {
    for (;;) {
      if (read_ == control_->head.load(std::memory_order_seq_cst)) return nullptr;
      const auto* header = reinterpret_cast<const ChunkHeader*>(data_ + (read_ & mask_));
      if (header->flags & kChunkSkip) {
        read_ += header->size;
        continue;
      }
      read_ += chunk_span(header->size);
      chunks_read_ = header->number + 1;
      return header;
    }
  }
  static const uint8_t* payload(const ChunkHeader* header) { return reinterpret_cast<const uint8_t*>(header + 1); }

  /// A successor's start: chunks below `chunks` are durable already, though their space was not freed. Returns how many
  /// were skipped.
  uint64_t skip_to(uint64_t chunks) {
    uint64_t skipped = 0;
    while (chunks_read_ < chunks && next()) ++skipped;
    if (skipped != 0) release();
    return skipped;
  }

  bool has_next() const { return read_ != control_->head.load(std::memory_order_seq_cst); }
  uint64_t position() const { return read_; }
  uint64_t unread_bytes() const { return control_->head.load(std::memory_order_relaxed) - read_; }
  uint64_t chunks_read() const { return chunks_read_; }
  uint64_t unreleased_bytes() const { return read_ - control_->tail.load(std::memory_order_relaxed); }
  uint64_t capacity() const { return control_->capacity; }

  /// Frees everything read so far: it is durable. Wakes the producer if it waits.
  void release() { release_to(read_, chunks_read_); }

  /// Frees what was read up to an earlier `position()` and `chunks_read()`. May be called by another thread than the
  /// reader's, as long as one thread at a time does.
  void release_to(uint64_t position, uint64_t chunks) {
    control_->committed_chunks.store(chunks, std::memory_order_seq_cst);  // both before the look at producer_waits
    control_->tail.store(position, std::memory_order_seq_cst);
    if (control_->producer_waits.load(std::memory_order_seq_cst) != 0) {
      control_->producer_waits.store(0, std::memory_order_seq_cst);
      const int fd = control_->producer_eventfd.load(std::memory_order_acquire);
      const uint64_t one = 1;
      if (fd >= 0 && write(fd, &one, sizeof one) < 0) {
        // EAGAIN: the counter is full, so the producer is awake already.
      }
    }
  }

 private:
  RingControl* control_;
  uint8_t* data_;
  uint64_t mask_;
  uint64_t read_;
  uint64_t chunks_read_;
};

}  // namespace penstock
