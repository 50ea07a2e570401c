// Adds to a parsed event what tables know of it. One object a worker; no allocation per event. What the event says itself stays.
#pragma once

#include <memory>

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

 private:
  static constexpr size_t kAddresses = 1 << 15;
  static constexpr size_t kRecords = 1 << 13;
  static constexpr size_t kKeysMax = 32;  ///< values of one event that are looked up in lists
  /// What is known of an address.
  struct Address {
    IpAddress ip;
    bool used = false, is_public = false, internal = false;
    uint32_t records[kDatabasesMax];
    uint32_t indicator, asset;
  };
  void read(const Event& event, Said& said) const;
  const Address* address(std::string_view text, bool count);
  void look_up(Event& event, Arena& arena);
  void add_geo(Event& event, size_t side, const Address& address);
  const GeoRecord& record(size_t database, uint32_t at);

  std::shared_ptr<const Enrichment> enrichment_;
  std::unique_ptr<Address[]> addresses_;
  size_t address_count_ = 1;  ///< a power of two
  std::unique_ptr<GeoRecord[]> records_;
  EnrichCounts counts_;
  RuleOutcome outcome_;
};

}  // namespace penstock::enrich
