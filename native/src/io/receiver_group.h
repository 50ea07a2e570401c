// The receiver threads of a process. Used by one thread (JavaScript's main thread).
#pragma once

#include <vector>

#include "io/receiver.h"

namespace penstock {

/// Connections may have descriptors below this number; those above are for files and sinks.
int connection_descriptors_max();

class ReceiverGroup {
 public:
  /// rings[thread][worker]; doorbells[worker]; stats: threads × listeners blocks. `pin[thread]`: CPU or −1.
  struct Options {
    uint16_t listeners;
    uint32_t message_max;
    uint64_t carry_bytes_max;  ///< of all threads
    unsigned producers = 0;        ///< blocks in `stats`; 0: one a thread
    uint32_t connections_max = 0;  ///< of the process, those of other producers included; 0: no limit
    std::vector<std::vector<void*>> rings;
    std::vector<Doorbell*> doorbells;
    uint64_t* stats;
    std::vector<int> pin;
  };
  explicit ReceiverGroup(const Options& options);
  ~ReceiverGroup() { stop(); }

  /// False: no descriptors.
  bool start(const std::vector<int>& pin);
  /// The bound port, or −errno; ESHUTDOWN after `stop`.
  int listen_tcp(uint16_t listener, const char* host, uint16_t port, const TcpListenerSettings& settings,
                 std::shared_ptr<TlsContext> tls = nullptr);
  /// Secures the connections that a listener over TLS accepts from now on with this.
  void renew_tls(uint16_t listener, std::shared_ptr<TlsContext> tls) { shared_.listener[listener].tls.set(std::move(tls)); }
  /// The bound port, or −errno; `receive_buffer_bytes` comes back as granted.
  int listen_udp(uint16_t listener, const char* host, uint16_t port, UdpListenerSettings& settings);
  /// Other rates for the senders of a listener that is open, in force for its open connections too.
  void set_rates(uint16_t listener, const RateLimit& volume, const RateLimit& datagrams);
  /// While true nothing is read: TCP senders wait, the kernel keeps datagrams while it can and counts what it drops.
  void hold(bool on) { shared_.hold.store(on, std::memory_order_relaxed); }
  /// Begins to close; done when `is_closed`.
  void close(uint16_t listener);
  bool is_closed(uint16_t listener) const;
  /// Ends the threads at once; what is held is counted as lost.
  void stop();

 private:
  void limit(uint16_t listener, const RateLimit& volume, const RateLimit& datagrams, bool senders);

  ReceiverShared shared_;
  std::vector<std::unique_ptr<Receiver>> receivers_;
  std::vector<Receiver*> pointers_;
};

}  // namespace penstock
