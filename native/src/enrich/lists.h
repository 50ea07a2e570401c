// Lists of indicators and of one's own assets and users, and what an event gets of an entry of each.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "enrich/key_fields.h"
#include "kernels/event.h"

namespace penstock::enrich {

/// Most that one event tells.
inline constexpr size_t kMatchesMax = 8;

class Indicators {
 public:
  bool open(const uint8_t* bytes, size_t size, std::string& error);
  const LookupTable& table() const { return table_; }
  /// The event gets threat.enrichments for the entry and those of the same key; of the first of an event threat.indicator.* and the tag.
  void add(uint32_t entry, EcsField matched, std::string_view atomic, size_t& matches, Event& event, Arena& arena) const;

 private:
  void add_flat(const TableEntry& entry, EcsField matched, std::string_view atomic, Event& event) const;
  void add_enrichment(const TableEntry& entry, EcsField matched, std::string_view atomic, Event& event, Arena& arena) const;
  LookupTable table_;
  std::vector<EcsField> fields_;  ///< by column
};

class Assets {
 public:
  bool open(const uint8_t* bytes, size_t size, std::string& error);
  const LookupTable& table() const { return table_; }
  /// What the list tells of the key, below the prefix of the field that has it; what the event says itself stays.
  void add(uint32_t entry, size_t prefix, Event& event) const;

 private:
  struct Target {
    EcsField field;    ///< kUnknown: an attribute
    std::string name;
  };
  LookupTable table_;
  std::vector<Target> targets_;  ///< by prefix and column
};

}  // namespace penstock::enrich
