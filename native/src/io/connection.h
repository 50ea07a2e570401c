// One accepted TCP connection. About 200 bytes; a buffer only while the start of a frame is held, TLS beside it.
#pragma once

#include <memory>

#include "io/source_table.h"
#include "io/stream.h"
#include "io/tls_session.h"

namespace penstock {

struct Connection {
  Stream stream;
  std::unique_ptr<TlsSession> tls;
  int fd = -1;
  uint16_t lane = 0;
  uint16_t closing_turns = 0;
  bool queued = false;
  bool handshaking = false;  ///< among its listener's handshakes, not yet read
  bool hangup = false;   ///< the peer closed or reset: read until the end shows
  bool closing = false;  ///< its listener is being closed: read what is there, then end
  bool ending = false;   ///< no more reading; what is held goes to the ring, then it is closed for `reason`
  IoStat reason = IoStat::kCount;
  bool paused = false;   ///< beyond its sender's rate: not read before `resume_ms`
  int64_t active_ms = 0;   ///< while handshaking: when it was accepted
  int64_t partial_ms = 0;  ///< when the frame it holds the start of began; 0: it holds none
  int64_t resume_ms = 0;
  SourceEntry* source = nullptr;  ///< where its listener limits senders: whose connections count
  SourceEntry* payer = nullptr;   ///< whose rate counts: the same, or the subject of its certificate
  Connection* next = nullptr;  ///< in its lane's queue, in that of handshakes, or among the paused
  Connection* older = nullptr;
  Connection* newer = nullptr;
};

}  // namespace penstock
