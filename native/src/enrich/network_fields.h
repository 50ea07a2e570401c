// network.*: what follows from an event's addresses, ports and protocol.
#pragma once

#include "enrich/enrichment.h"
#include "enrich/flow.h"
#include "enrich/sides.h"
#include "kernels/event.h"

namespace penstock::enrich {

/// An address of an event, and whether it is one's own.
struct Party {
  IpAddress ip;
  bool known = false, internal = false;
};

/// What the event says, by side; the first value of each.
struct Said {
  std::string_view ip[kSides], transport, iana_number;
  int64_t port[kSides];
  uint32_t ports = 0, geo = 0;  ///< a bit for each side
  bool network_type = false, direction = false, community_id = false;
};

/// Adds what the event does not say itself.
void add_network(const Enrichment& enrichment, const Said& said, const Party (&parties)[kSides], Event& event, Arena& arena);

}  // namespace penstock::enrich
