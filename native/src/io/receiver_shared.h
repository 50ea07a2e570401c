// What the receiver threads of a group share: settings, statistics, counts that balance connections.
#pragma once

#include <atomic>
#include <memory>
#include <sys/socket.h>

#include "io/io_stats.h"
#include "io/source_table.h"
#include "io/tls_session.h"
#include "kernels/framing.h"

namespace penstock {

inline constexpr size_t kReadBytes = 128 * 1024;  ///< asked of each read

/// A rate that may change while the receivers read it. One that is there tells that `ReceiverShared::sources` is.
class LiveRate {
 public:
  /// Of one thread. A reader may see the new burst with the old rate for a moment, which harms nothing.
  void set(const RateLimit& limit) {
    burst_.store(limit.burst, std::memory_order_relaxed);
    // Release: whoever sees a rate sees the table of senders that was made before it.
    per_second_.store(limit.per_second, std::memory_order_release);
  }
  RateLimit get() const {
    const int64_t per_second = per_second_.load(std::memory_order_acquire);  // see set
    return {per_second, burst_.load(std::memory_order_relaxed)};
  }

 private:
  std::atomic<int64_t> per_second_{0}, burst_{0};
};

struct TcpListenerSettings {
  Framing framing = Framing::kSyslog;
  uint32_t connections_max = 0;
  int64_t idle_timeout_ms = 0;   ///< 0: never
  int64_t frame_timeout_ms = 0;  ///< for a frame from its first byte to its last; 0: any time
  uint32_t address_connections_max = 0;  ///< 0: no limit
  RateLimit volume{};            ///< bytes of one sender, to begin with: `ReceiverShared::Listener::volume` counts
  int64_t handshake_timeout_ms = 0;  ///< of TLS
  bool rate_by_certificate = false;  ///< senders that show one are told apart by its subject, for their rate

  bool limits_senders() const { return address_connections_max != 0 || volume.per_second != 0; }
};

struct UdpListenerSettings {
  bool gro = true;
  size_t receive_buffer_bytes = 0;
  RateLimit datagrams;  ///< of one sender, to begin with
  RateLimit volume;     ///< likewise

  bool limits_senders() const { return datagrams.per_second != 0 || volume.per_second != 0; }
};

/// Senders remembered at a time, for listeners that limit them.
inline constexpr size_t kSourcesMax = 65536;

struct ReceiverCommand {
  enum class Kind : uint8_t { kListen, kConnection, kUdp, kRates, kClose, kStop } kind;
  uint16_t listener = 0;
  int fd = -1;
  uint16_t worker = 0;
  sockaddr_storage peer{};
  SourceEntry* source = nullptr;
};

class Receiver;

struct ReceiverShared {
  unsigned threads = 0;
  unsigned workers = 0;
  uint16_t listeners = 0;
  uint32_t message_max = 0;
  uint64_t carry_bytes_max = 0;  ///< of one thread
  unsigned producers = 0;        ///< blocks of statistics: these threads and whoever else accepts connections
  uint32_t connections_max = 0;  ///< of the process; 0: no limit
  int descriptors_max = 0;       ///< a connection may not have a higher number: the rest is for files and sinks
  std::atomic<bool> hold{false};  ///< nothing is read: the process holds too much memory
  std::unique_ptr<SourceTable> sources;  ///< made with the first listener that limits senders; stays
  uint64_t* stats_words = nullptr;
  Receiver** receivers = nullptr;

  struct Listener {
    TcpListenerSettings tcp;                      ///< written before the listening socket is handed over
    UdpListenerSettings udp;                      ///< likewise
    LiveRate volume, datagrams;                   ///< of one sender
    TlsSlot tls;                                  ///< of new connections; empty: they speak TCP alone
    std::atomic<uint32_t> connections{0};
    std::atomic<uint32_t> threads_not_closed{0};  ///< threads that still have something of a closing listener
  };
  std::unique_ptr<Listener[]> listener;
  std::unique_ptr<std::atomic<uint32_t>[]> load;  ///< connections by thread * workers + worker

  /// Connections of every listener, those that JavaScript accepted included.
  uint64_t connections_open() {
    uint64_t sum = 0;
    for (unsigned producer = 0; producer < producers; producer++)
      for (uint16_t index = 0; index < listeners; index++) sum += stats(producer, index).get(IoStat::connections_open);
    return sum;
  }

  IoStats stats(unsigned thread, uint16_t index) {
    return IoStats(stats_words + (size_t{thread} * listeners + index) * kIoStatWords);
  }
};

}  // namespace penstock
