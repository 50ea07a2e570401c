// What databases know of an address, as values of ECS fields: geo.* and as.*.
#pragma once

#include <memory>

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

/// Of one record, small: a worker keeps thousands. Texts lie in the database or in the record itself.
struct GeoRecord {
  enum class Place : uint8_t { kData, kRegion, kLocation, kNumber };
  struct Item {
    GeoField field;
    Place place;
    uint16_t size;
    uint32_t at;  ///< of kData; the number itself of kNumber
  };
  uint64_t key = 0;  ///< of the cache; 0: empty
  uint32_t count = 0;
  uint32_t has = 0;  ///< a bit for each field
  Item items[kGeoFields];
  char region[16];
  char location[64];

  /// `data`: what it was decoded from. The value holds as long as both.
  Value value(size_t i, const MmdbSection& data) const {
    const Item& item = items[i];
    switch (item.place) {
      case Place::kData: return Value::of_string(data.text({MmdbType::kString, item.size, item.at}));
      case Place::kRegion: return Value::of_string({region, item.size});
      case Place::kLocation: return Value::of_json({location, item.size});
      case Place::kNumber: break;
    }
    return Value::of_int(item.at);
  }
  /// Whether the value's text lies in the record itself.
  bool made(size_t i) const { return items[i].place == Place::kRegion || items[i].place == Place::kLocation; }
  /// The first value of a field counts.
  void add(GeoField field, Place place, size_t size, size_t at) {
    const uint32_t bit = 1u << static_cast<unsigned>(field);
    if ((has & bit) || size > UINT16_MAX) return;
    has |= bit;
    items[count++] = {field, place, static_cast<uint16_t>(size), static_cast<uint32_t>(at)};
  }
};

/// Decodes the fields in `wanted` (a bit for each GeoField). False: the record is damaged; what was read before is kept.
bool decode_geo(const MmdbSection& data, size_t at, uint32_t wanted, GeoRecord& out);

}  // namespace penstock::enrich
