// event.hash: what was received, in one number.
#pragma once

#include "kernels/event.h"

namespace penstock::enrich {

/// The SHA-256 of the original bytes in event.hash. A sender's own is no proof of anything: ours takes its place.
void hash_event(Event& event, Arena& arena);

}  // namespace penstock::enrich
