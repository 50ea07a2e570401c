// One UDP socket of one receiver thread: datagrams into the rings, many a system call and many a chunk.
#pragma once

#include <memory>
#include <span>

#include "io/receiver_shared.h"
#include "ring/ring.h"

namespace penstock {

class UdpReceiver {
 public:
  /// Takes over `fd`. Buffers: `kBatch` datagrams of 64 KiB of address space, of which only what is used is real.
  /// The largest message and the rates of senders are `shared`'s.
  UdpReceiver(int fd, uint16_t listener, uint64_t connection, IoStats stats, const ReceiverShared& shared);
  ~UdpReceiver();
  UdpReceiver(const UdpReceiver&) = delete;

  enum class Turn : uint8_t { kDrained, kMore, kRingFull };
  /// Receives one batch and packs it into the rings by sender address. kRingFull: part of the batch is still held; reading
  /// goes on when ring `blocked_by()` has room, and meanwhile the socket's buffer fills.
  Turn receive(std::span<RingWriter> rings);
  size_t blocked_by() const { return blocked_by_; }
  /// Brings the count of kernel drops up to date.
  void count_drops();

  /// Datagrams (or coalesced ones) the last `receive` took from the kernel; a full batch is kBatch.
  unsigned last_read() const { return last_read_; }
  static constexpr unsigned kBatch = 64;

  int fd() const { return fd_; }
  uint16_t listener() const { return listener_; }
  bool closing = false;        ///< to be closed once drained
  unsigned closing_turns = 0;  ///< turns since then

 private:
  struct Batch;
  bool pack(std::span<RingWriter> rings);
  struct Rates {
    RateLimit datagrams, volume;
  };
  bool within_rate(const Rates& rates, const sockaddr_storage& sender, size_t datagrams, size_t bytes);
  void note_drops(uint32_t total);

  const int fd_;
  const uint16_t listener_;
  const uint64_t connection_;
  IoStats stats_;
  const ReceiverShared& shared_;
  std::unique_ptr<Batch> batch_;
  uint32_t drops_seen_ = 0;
  size_t blocked_by_ = 0;
  unsigned last_read_ = 0;
};

}  // namespace penstock
