// What follows from the names of fields that came under these names (JSON with ECS' names): the forms of their values, and related.*.
#pragma once

#include <cstddef>

#include "kernels/event.h"

namespace penstock::packs {

/// So many values of an event are added to its lists of related.* at most: each is compared with those before it.
inline constexpr size_t kRelatedAddedMax = 64;

/// Of the event's fields from `begin` to `end`: hashes, hardware addresses and IPv6 are written in their one form (the event then keeps its original, which has
/// the sender's), and what belongs to a list of related.* stands there too, once. A value that has no such form stays as it is.
void follow_names(Event& event, size_t begin, size_t end, Arena& arena);

}  // namespace penstock::packs
