#include "enrich/network_fields.h"

namespace penstock::enrich {
namespace {

/// The network's view, as ECS has it.
std::string_view direction(bool from_inside, bool to_inside) {
  if (from_inside) return to_inside ? "internal" : "outbound";
  return to_inside ? "inbound" : "external";
}

size_t first_of(const Party (&parties)[kSides], Side a, Side b) {
  return static_cast<size_t>(parties[static_cast<size_t>(a)].known ? a : b);
}

}  // namespace

void add_network(const Enrichment& enrichment, const Said& said, const Party (&parties)[kSides], Event& event, Arena& arena) {
  const size_t from = first_of(parties, Side::kSource, Side::kClient), to = first_of(parties, Side::kDestination, Side::kServer);
  const Party& source = parties[from];
  const Party& destination = parties[to];
  if (!source.known && !destination.known) return;
  if (enrichment.network && !said.network_type) {
    const Party& one = source.known ? source : destination;
    event.add_text(EcsField::kNetworkType, one.ip.is_v4() ? "ipv4" : "ipv6");
  }
  const int protocol = said.iana_number.empty() ? protocol_number(said.transport) : protocol_of_text(said.iana_number);
  if (enrichment.network && protocol >= 0) {
    if (said.iana_number.empty()) event.add_text(EcsField::kNetworkIanaNumber, protocol_text(protocol));
    else if (said.transport.empty() && !protocol_name(protocol).empty()) event.add_text(EcsField::kNetworkTransport, protocol_name(protocol));
  }
  if (!source.known || !destination.known) return;
  if (!enrichment.internal.empty() && !said.direction) event.add_text(EcsField::kNetworkDirection, direction(source.internal, destination.internal));
  if (!enrichment.community_id || said.community_id || protocol < 0) return;
  Flow flow{source.ip, destination.ip, static_cast<uint8_t>(protocol), false, 0, 0};
  if (protocol == 6 || protocol == 17 || protocol == 132) {
    const uint32_t both = 1u << from | 1u << to;
    if ((said.ports & both) != both || (said.port[from] | said.port[to]) >> 16 != 0) return;
    flow.has_ports = true;
    flow.source_port = static_cast<uint16_t>(said.port[from]);
    flow.destination_port = static_cast<uint16_t>(said.port[to]);
  } else if (protocol == 1 || protocol == 58) {
    return;  // type and code belong to it, and ECS has no fields for them
  }
  char* const text = arena.take(kCommunityIdBytes);
  if (!text) return event.note(Problem::kTooComplex, 0);
  if (community_id(flow, text)) event.add_text(EcsField::kNetworkCommunityId, {text, kCommunityIdBytes});
}

}  // namespace penstock::enrich
