// One accepted TCP connection. About 200 bytes; a buffer only while the start of a frame is held.
#pragma once

#include "io/source_table.h"
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
  bool paused = false;   ///< beyond its sender's rate: not read before `resume_ms`
  int64_t active_ms = 0;
  int64_t partial_ms = 0;  ///< when the frame it holds the start of began; 0: it holds none
  int64_t resume_ms = 0;
  SourceEntry* source = nullptr;  ///< where its listener limits senders
  Connection* next = nullptr;  ///< in its lane's queue, or among the paused
  Connection* older = nullptr;
  Connection* newer = nullptr;
};

}  // namespace penstock
