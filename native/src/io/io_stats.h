// Counters of receiving, one block a thread and listener: the one list that native code, metrics and documents use.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace penstock {

// IO_STAT(name, gauge, text): names without prefix; counters end in _total, as the metrics show them.
// IO_REASON(name, reason, text): one reason of a counter, in the table "name.reason", in the metrics a label.
#define PENSTOCK_IO_STATS(IO_STAT, IO_REASON)                                                                         \
  IO_STAT(received_bytes_total, 0, "Bytes read from the network")                                                     \
  IO_STAT(reads_total, 0, "Reads that brought bytes")                                                                 \
  IO_STAT(chunks_total, 0, "Chunks handed to workers through the rings")                                              \
  IO_STAT(datagrams_total, 0, "Datagrams read, those of a coalesced read counted singly")                             \
  IO_STAT(empty_datagrams_total, 0, "Datagrams without payload; they are no events")                                  \
  IO_STAT(kernel_drops_total, 0, "Datagrams the kernel dropped because the socket's buffer was full")                 \
  IO_STAT(lost_datagrams_total, 0, "Datagrams read but not handed on because the process was ended")                  \
  IO_STAT(truncated_frames_total, 0, "Frames longer than the limit; their start was kept")                            \
  IO_STAT(discarded_bytes_total, 0, "Bytes of over-long frames beyond the limit, not kept")                           \
  IO_STAT(lost_bytes_total, 0, "Bytes read but not handed on because the process was ended")                          \
  IO_STAT(ring_full_total, 0, "Times reading stopped because a worker's ring was full")                               \
  IO_STAT(connections_open, 1, "Connections open now")                                                                \
  IO_STAT(connections_accepted_total, 0, "Connections accepted")                                                      \
  IO_REASON(connections_refused_total, limit, "Connections closed at once: the listener had its most")                \
  IO_REASON(connections_refused_total, total, "Connections closed at once: the process had its most")                 \
  IO_REASON(connections_refused_total, address, "Connections closed at once: their address had its most")             \
  IO_REASON(connections_refused_total, descriptors, "Connections closed at once: few descriptors were left")          \
  IO_REASON(connections_refused_total, memory, "Connections closed at once: the process holds too much")              \
  IO_STAT(connections_closed_by_peer_total, 0, "Connections the sender closed")                                       \
  IO_STAT(connections_closed_idle_total, 0, "Connections closed because nothing came for too long")                   \
  IO_STAT(connections_closed_slow_total, 0, "Connections closed because a frame they had begun did not end in time")  \
  IO_STAT(connections_closed_memory_total, 0, "Connections closed because partial frames held too much memory")       \
  IO_STAT(connections_closed_error_total, 0, "Connections ended by an error of the network")                          \
  IO_STAT(connections_closed_shutdown_total, 0, "Connections closed because the listener was closed")                 \
  IO_STAT(partial_frame_bytes, 1, "Bytes of frames not yet complete, held for connections")                           \
  IO_REASON(handshake_failures_total, closed, "TLS handshakes the peer left, or whose connection broke")              \
  IO_REASON(handshake_failures_total, timeout, "TLS handshakes that took too long")                                   \
  IO_REASON(handshake_failures_total, not_tls, "TLS handshakes begun with something else")                            \
  IO_REASON(handshake_failures_total, unsupported, "TLS handshakes without a version, cipher or curve of both")       \
  IO_REASON(handshake_failures_total, certificate, "TLS handshakes without an accepted client certificate")           \
  IO_REASON(handshake_failures_total, alert, "TLS handshakes the peer refused: our certificate, mostly")              \
  IO_REASON(handshake_failures_total, malformed, "TLS handshakes with messages that are none")                        \
  IO_STAT(rate_pauses_total, 0, "Times a sender was not read for a while because it was beyond its rate")             \
  IO_STAT(sources_forgotten_total, 0, "Senders whose rate was forgotten to make room for others")                     \
  IO_REASON(dropped_datagrams_total, rate, "Datagrams dropped because their sender was beyond its rate")              \
  IO_STAT(acknowledged_events_total, 0, "Events whose senders were told that they are durable")                       \
  IO_STAT(requests_total, 0, "Requests answered, refused ones included")                                              \
  IO_REASON(requests_refused_total, malformed, "Requests not HTTP, or of two meanings: 400")                          \
  IO_REASON(requests_refused_total, aborted, "Requests whose sender went away before their end")                      \
  IO_REASON(requests_refused_total, schema, "Requests with Avro messages whose schema is not known: 400")             \
  IO_REASON(requests_refused_total, unauthorized, "Requests without the token: 401")                                  \
  IO_REASON(requests_refused_total, origin, "Requests of web pages: 403")                                             \
  IO_REASON(requests_refused_total, not_found, "Requests to another path or with another method: 404, 405")           \
  IO_REASON(requests_refused_total, timeout, "Requests that took too long to arrive: 408")                            \
  IO_REASON(requests_refused_total, too_large, "Requests beyond a limit of size: 413, 431")                           \
  IO_REASON(requests_refused_total, unsupported, "Requests of a type or coding not understood: 415, 417")             \
  IO_REASON(requests_refused_total, conflict, "Requests with an Idempotency-Key that stands for another body: 422")   \
  IO_REASON(requests_refused_total, rate, "Requests of a sender beyond its rate: 429")                                \
  IO_REASON(requests_refused_total, memory, "Requests for which there was no memory: 429")                            \
  IO_REASON(requests_refused_total, busy, "Requests for which the rings had no room: 429")                            \
  IO_REASON(requests_refused_total, pipelined, "Requests beyond those a connection may have unanswered: cut off")       \
  IO_REASON(requests_refused_total, unavailable, "Requests while not ready, or that could not be stored: 503")        \
  IO_REASON(requests_refused_total, error, "Requests that failed by a defect: 500")

enum class IoStat : uint8_t {
#define IO_STAT(name, gauge, text) name,
#define IO_REASON(name, reason, text) name##_##reason,
  PENSTOCK_IO_STATS(IO_STAT, IO_REASON)
#undef IO_STAT
#undef IO_REASON
      kCount
};

struct IoStatInfo {
  const char* name;
  bool gauge;
  const char* text;
};
inline constexpr IoStatInfo kIoStatTable[] = {
#define IO_STAT(name, gauge, text) {#name, gauge != 0, text},
#define IO_REASON(name, reason, text) {#name "." #reason, false, text},
    PENSTOCK_IO_STATS(IO_STAT, IO_REASON)
#undef IO_STAT
#undef IO_REASON
};

/// Words (64 bits) of one block; whole cache lines, so that threads do not share one.
inline constexpr size_t kIoStatWords = (static_cast<size_t>(IoStat::kCount) + 15) / 16 * 16;

/// One block, written by one thread and read by any. Block (thread, listener) is at index thread * listeners + listener.
class IoStats {
 public:
  explicit IoStats(uint64_t* words) : words_(words) {}
  void add(IoStat stat, uint64_t count) {
    std::atomic_ref<uint64_t> word(words_[static_cast<size_t>(stat)]);
    word.store(word.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);  // one writer: no locked add
  }
  void subtract(IoStat stat, uint64_t count) { add(stat, -count); }
  uint64_t get(IoStat stat) const {
    return std::atomic_ref<uint64_t>(words_[static_cast<size_t>(stat)]).load(std::memory_order_relaxed);
  }

 private:
  uint64_t* words_;
};

}  // namespace penstock
