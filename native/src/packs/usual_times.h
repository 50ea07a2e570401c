// When an event was, by what senders of JSON usually call it.
#pragma once

#include "kernels/event.h"

namespace penstock::packs {

/// The time of an event that says none as `@timestamp`: its attribute timestamp, time, ts, date, datetime or @t, the first of these that is RFC 3339, or a number that is an
/// epoch time of this century and not after tomorrow. The attribute stays.
void take_usual_time(Event& event);

}  // namespace penstock::packs
