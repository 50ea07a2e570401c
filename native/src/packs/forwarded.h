// Messages that a forwarder has put into JSON: {"log": "<38>Nov 21 10:00:00 host1 sshd[1]: …", "host": "relay-1"}, {"appname": "sshd", "message": "…"}.
#pragma once

#include <memory>

#include "kernels/event.h"

namespace penstock::packs {

/// One event at a time.
class Forwarded {
 public:
  /// `event`, of JSON, gets what the header says that its message begins with, if it does and no program is known: fields that it does not have, the time, and what stands behind the
  /// header as its message. `sure`: only if it can be nothing else. Whether there is one.
  bool read(Event& event, Arena& arena, int32_t utc_offset_s, bool sure);

 private:
  std::unique_ptr<Event> within_;  ///< made when the first such message comes
};

}  // namespace penstock::packs
