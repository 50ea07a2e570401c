// Adds to a parsed event what tables know of it. One object a worker; no allocation per event. What the event says itself stays.
#pragma once

#include <memory>

#include "enrich/field_roles.h"
#include "enrich/known_addresses.h"
#include "enrich/network_fields.h"

namespace penstock::enrich {

/// Since the last `take_counts`.
struct EnrichCounts {
  uint64_t lookups = 0;  ///< public addresses looked up in databases
  uint64_t found = 0;    ///< of these, with a record
  uint64_t cached = 0;   ///< of these lookups, answered without the databases
  uint64_t damaged = 0;  ///< records that could not be read
  uint64_t indicators = 0, assets = 0;  ///< values of events that a list has
};

class Enricher {
 public:
  /// nullptr: nothing is added.
  void set(std::shared_ptr<const Enrichment> enrichment);
  /// Whether places may stand in the event as they are encoded (Event::encoded): where nobody but the protobuf encoder reads its fields
  /// afterwards. For the next `set`; rules and lists of assets, which read them, have it off by themselves.
  void set_encoded(bool encoded) { encoded_ = encoded; }
  bool active() const { return enrichment_ != nullptr; }
  /// An event that was not understood stays as it is.
  /// Whether an event of which only syslog's header is known may get something: hosts, programs and severities are looked up.
  bool reads_headers() const {
    return enrichment_ && (!enrichment_->databases.empty() || enrichment_->indicators || enrichment_->assets || enrichment_->rules);
  }
  void run(Event& event, Arena& arena);
  /// What rules say of the event that was run last.
  const RuleOutcome& outcome() const { return outcome_; }
  const Enrichment* enrichment() const { return enrichment_.get(); }
  EnrichCounts take_counts();
  /// The event that was run last comes again: what was counted of it is not.
  void uncount() { counts_ = counts_before_; }

 private:
  static constexpr size_t kRecords = 1 << 13;
  /// What lists have of a side's address.
  struct Listed {
    uint32_t indicator = kNoEntry, asset = kNoEntry;
  };
  void read(const Event& event, Said& said, Keys& keys) const;
  KnownAddress& address(const IpAddress& ip);
  void count(const KnownAddress& known, bool cached);
  void look_up(const Keys& keys, const Listed (&listed)[kSides], Event& event, Arena& arena);
  void add_geo(Event& event, size_t side, KnownAddress& address, size_t place, Arena& arena);
  size_t geo_fields(size_t side, const KnownAddress& address, char* texts, FieldEntry (&out)[kGeoFields]);
  void encode_geo(size_t side, KnownAddress& address);
  const GeoRecord& record(size_t database, uint32_t at);

  std::shared_ptr<const Enrichment> enrichment_;
  std::unique_ptr<FieldRoles> roles_;
  std::unique_ptr<KnownAddresses> addresses_;
  std::unique_ptr<GeoRecord[]> records_;
  KnownAddress* pinned_ = nullptr;  ///< its block is the event's: it is not overwritten
  KnownAddress spare_;              ///< an address that is not remembered
  bool remembers_ = false;          ///< some table knows addresses
  bool private_keys_ = false;       ///< some list has addresses that are not public
  bool encoded_ = false, blocks_ = false;
  bool cached_ = false;  ///< the address asked for last was remembered
  EnrichCounts counts_, counts_before_;
  RuleOutcome outcome_;
};

}  // namespace penstock::enrich
