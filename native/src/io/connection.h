// One accepted TCP connection. About 200 bytes; a buffer only while the start of a frame is held.
#pragma once

#include "io/stream.h"

namespace penstock {

struct Connection {
  Stream stream;
  int fd = -1;
  uint16_t lane = 0;
  uint16_t closing_turns = 0;
  bool queued = false;
  bool hangup = false;   ///< the peer closed or reset: read until the end shows
  bool closing = false;  ///< its listener is being closed: read what is there, then end
  bool ending = false;   ///< no more reading; what is held goes to the ring, then it is closed for `reason`
  IoStat reason = IoStat::kCount;
  int64_t active_ms = 0;
  Connection* next = nullptr;  ///< in its lane's queue
  Connection* older = nullptr;
  Connection* newer = nullptr;
};

}  // namespace penstock
