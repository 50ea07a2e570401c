// What an event of JSON says by names that are not ECS's, but that senders and forwarders usually give.
#pragma once

#include "kernels/event.h"

namespace penstock::packs {

/// What is asked for; the names are listed in the manual of JSON.
enum class Usual : uint8_t { kMessage, kProgram, kPid, kMsgid, kHost, kLevel, kLogger, kRequest, kCount };

/// What an event's attributes say by such names. They stay attributes.
class UsualNames {
 public:
  explicit UsualNames(const Event& event);
  /// The message, of an event that has none.
  void give_message(Event& event) const;
  /// What the event does not say: process.name, process.pid, log.syslog.msgid, host.hostname, log.level, log.logger.
  void give_rest(Event& event) const;

 private:
  const Value& value(Usual what) const { return values_[static_cast<size_t>(what)]; }

  Value values_[static_cast<size_t>(Usual::kCount)];  ///< kNull: nothing says it
};

/// The time of an event that says none as `@timestamp`: its attribute timestamp, time, ts, date, datetime, @t or _time, the first of these that is RFC 3339, or a number that is an
/// epoch time of this century and not after tomorrow. The attribute stays.
void take_usual_time(Event& event);

}  // namespace penstock::packs
