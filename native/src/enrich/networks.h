// A set of networks.
#pragma once

#include <string_view>
#include <vector>

#include "enrich/ip_address.h"

namespace penstock::enrich {

class Networks {
 public:
  /// "10.0.0.0/8", "fc00::/7", or an address. False: it is neither.
  bool add(std::string_view text);
  bool has(const IpAddress& ip) const;
  bool empty() const { return networks_.empty(); }

 private:
  struct Network {
    IpAddress address, mask;
  };
  std::vector<Network> networks_;
  /// Those of them that have IPv4 addresses, as these are.
  struct NetworkV4 {
    uint32_t address, mask;
  };
  std::vector<NetworkV4> v4_;
};

}  // namespace penstock::enrich
