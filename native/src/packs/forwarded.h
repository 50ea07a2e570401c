// Messages that a forwarder has put into JSON: {"log": "<38>Nov 21 10:00:00 host1 sshd[1]: …", "host": "relay-1"}, {"appname": "sshd", "message": "…"}.
#pragma once

#include <memory>

#include "kernels/event.h"

namespace penstock::packs {

/// One event at a time.
class Forwarded {
 public:
  /// `event`, of JSON that no pack knows, says by ECS's names, too, what it says by usual ones. Where its message begins as a syslog message and no program is
  /// named beside it, what that header says goes before these, and what stands behind the header becomes the message.
  void read(Event& event, Arena& arena, int32_t utc_offset_s);

  /// Of this the header alone.
  void read_message(Event& event, Arena& arena, int32_t utc_offset_s);

 private:
  std::unique_ptr<Event> within_;  ///< made when the first such message comes
};

}  // namespace penstock::packs
