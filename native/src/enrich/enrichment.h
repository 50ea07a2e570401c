// What events are enriched from: made once from the configuration, then only read. Files are the caller's bytes.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "enrich/geo.h"
#include "enrich/lists.h"
#include "enrich/mmdb.h"
#include "enrich/networks.h"
#include "enrich/rules.h"

namespace penstock::enrich {

inline constexpr size_t kDatabasesMax = 4;

struct Enrichment {
  std::vector<Mmdb> databases;                   ///< kDatabasesMax at most
  uint32_t geo_fields = (1u << kGeoFields) - 1;  ///< a bit for each GeoField that is wanted
  Networks internal;                             ///< one's own; empty: no network.direction
  bool network = false;                          ///< network.type, transport, iana_number
  bool community_id = false;
  std::unique_ptr<Indicators> indicators;
  std::unique_ptr<Assets> assets;
  std::unique_ptr<Rules> rules;  ///< one worker's: a rule's program has state while it runs

  bool empty() const { return databases.empty() && internal.empty() && !network && !community_id && !indicators && !assets && !rules; }
};

}  // namespace penstock::enrich
