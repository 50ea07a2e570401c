// What databases know of an address, as values of ECS fields: geo.* and as.*.
#pragma once

#include <memory>
#include <span>

#include "enrich/mmdb.h"
#include "kernels/event.h"

namespace penstock::enrich {

/// What records are asked for, in the order of the fields below a side (source, destination …).
enum class GeoField : uint8_t {
  kAsNumber, kAsOrganizationName, kCityName, kContinentCode, kContinentName, kCountryIsoCode, kCountryName, kLocation, kPostalCode,
  kRegionIsoCode, kRegionName, kTimezone, kCount
};
inline constexpr size_t kGeoFields = static_cast<size_t>(GeoField::kCount);
/// Names below a side, as ECS has them.
inline constexpr std::string_view kGeoNames[kGeoFields] = {
    "as.number", "as.organization.name", "geo.city_name", "geo.continent_code", "geo.continent_name", "geo.country_iso_code",
    "geo.country_name", "geo.location", "geo.postal_code", "geo.region_iso_code", "geo.region_name", "geo.timezone"};

/// Of one record. Texts lie in the database or in the record itself.
struct GeoRecord {
  struct Item {
    GeoField field;
    Value value;
  };
  uint64_t key = 0;  ///< of the cache; 0: empty
  uint32_t count = 0;
  uint32_t has = 0;  ///< a bit for each field
  Item items[kGeoFields];
  char region[16];
  char location[80];

  std::span<const Item> fields() const { return {items, count}; }
  /// The first value of a field counts.
  void add(GeoField field, const Value& value) {
    const uint32_t bit = 1u << static_cast<unsigned>(field);
    if (has & bit) return;
    has |= bit;
    items[count++] = {field, value};
  }
};

/// Decodes the fields in `wanted` (a bit for each GeoField). False: the record is damaged; what was read before is kept.
bool decode_geo(const MmdbSection& data, size_t at, uint32_t wanted, GeoRecord& out);

}  // namespace penstock::enrich
