// What the receiver threads of a group share: settings, statistics, counts that balance connections.
#pragma once

#include <atomic>
#include <memory>
#include <sys/socket.h>

#include "io/io_stats.h"
#include "kernels/framing.h"

namespace penstock {

inline constexpr size_t kReadBytes = 128 * 1024;  ///< asked of each read

struct TcpListenerSettings {
  Framing framing = Framing::kSyslog;
  uint32_t connections_max = 0;
  int64_t idle_timeout_ms = 0;  ///< 0: never
};

struct ReceiverCommand {
  enum class Kind : uint8_t { kListen, kConnection, kUdp, kClose, kStop } kind;
  uint16_t listener = 0;
  int fd = -1;
  uint16_t worker = 0;
  sockaddr_storage peer{};
};

class Receiver;

struct ReceiverShared {
  unsigned threads = 0;
  unsigned workers = 0;
  uint16_t listeners = 0;
  uint32_t message_max = 0;
  uint64_t carry_bytes_max = 0;  ///< of one thread
  uint64_t* stats_words = nullptr;
  Receiver** receivers = nullptr;

  struct Listener {
    TcpListenerSettings tcp;                      ///< written before the listening socket is handed over
    std::atomic<uint32_t> connections{0};
    std::atomic<uint32_t> threads_not_closed{0};  ///< threads that still have something of a closing listener
  };
  std::unique_ptr<Listener[]> listener;
  std::unique_ptr<std::atomic<uint32_t>[]> load;  ///< connections by thread * workers + worker

  IoStats stats(unsigned thread, uint16_t index) {
    return IoStats(stats_words + (size_t{thread} * listeners + index) * kIoStatWords);
  }
};

}  // namespace penstock
