// A flow's protocol and its Community ID (github.com/corelight/community-id-spec, version 1, seed 0).
#pragma once

#include <cstdint>
#include <string_view>

#include "enrich/ip_address.h"

namespace penstock::enrich {

/// Of a name that ECS uses ("tcp", "ipv6-icmp"), or −1. Any case.
int protocol_number(std::string_view name);
/// Of a decimal number of IANA's, or −1.
int protocol_of_text(std::string_view text);
/// ECS name and decimal text; empty when the number is not among the common ones.
std::string_view protocol_name(int number);
std::string_view protocol_text(int number);

struct Flow {
  IpAddress source, destination;
  uint8_t protocol = 0;
  bool has_ports = false;
  uint16_t source_port = 0, destination_port = 0;  ///< of ICMP type and code
};

inline constexpr size_t kCommunityIdBytes = 30;
/// Writes "1:" and 28 characters of base64 at `out`. False: the addresses are of two kinds.
bool community_id(const Flow& flow, char* out);

}  // namespace penstock::enrich
