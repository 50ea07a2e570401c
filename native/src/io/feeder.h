// The way into the rings for bytes that JavaScript holds. Used by one thread, which owns the writing side of its rings
// (one a worker); a thread of its own waits for workers' wake-ups and passes them on.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "io/stream.h"

namespace penstock {

class Feeder {
 public:
  struct Options {
    std::vector<void*> rings;  ///< by worker
    std::vector<Doorbell*> doorbells;
    uint32_t message_max;
    uint16_t thread;     ///< number of its statistics block and of its connections
    uint16_t listeners;
    uint64_t* stats;
  };
  /// `on_wake` is called on the waiting thread when a ring has room or has committed chunks, where that was asked for.
  Feeder(const Options& options, std::function<void()> on_wake);
  ~Feeder() { stop(); }

  bool start();
  void stop();

  /// A stream's handle; −1 when there is no memory.
  int32_t open(uint16_t listener, Framing framing, std::string_view peer);
  /// Takes all bytes. False: some are kept because the ring is full, and the next bytes must wait for `flush`.
  bool write(int32_t stream, const uint8_t* data, size_t size);
  /// Hands on what is kept. False: the ring is still full.
  bool flush(int32_t stream);
  /// The end of the stream: what is left is its last frame. False: the ring is full, call again after a wake-up.
  bool close(int32_t stream);
  /// Drops the stream and what it keeps (counted as lost).
  void drop(int32_t stream);

  struct Delivered {
    int32_t ring = -1;  ///< −1: full
    uint64_t chunk = 0;
  };
  /// Whole frames as one chunk, behind what the stream's connection sent before.
  Delivered deliver(int32_t stream, Framing framing, ChunkFormat format, const uint8_t* data, size_t size);
  /// Where `deliver` of so many bytes will put its chunk, as long as nothing else is delivered or written before.
  Delivered next(int32_t stream, size_t size);
  size_t deliver_bytes_max() const { return writers_[0].payload_max(); }
  /// Chunks of a ring below this number are durable. Asks for a wake-up when that moves.
  uint64_t committed(size_t ring);

 private:
  struct Entry {
    Stream stream;
    uint16_t worker = 0;
  };
  bool flush_of(Entry& entry, bool at_end);
  IoStats stats(uint16_t listener) { return IoStats(stats_ + (size_t{thread_} * listeners_ + listener) * kIoStatWords); }

  std::vector<RingWriter> writers_;
  std::vector<uint32_t> load_;  ///< streams by worker
  std::vector<std::unique_ptr<Entry>> entries_;
  std::vector<int32_t> free_;
  const uint32_t message_max_;
  const uint16_t thread_;
  const uint16_t listeners_;
  uint64_t* stats_;
  uint64_t next_connection_ = 1;
  int wake_fd_ = -1;
  std::atomic<bool> stopping_{false};
  std::function<void()> on_wake_;
  std::thread waiter_;
};

}  // namespace penstock
