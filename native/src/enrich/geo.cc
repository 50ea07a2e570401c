#include "enrich/geo.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "kernels/utf8.h"

namespace penstock::enrich {
namespace {

class Decoder {
 public:
  Decoder(const MmdbSection& data, uint32_t wanted, GeoRecord& out) : data_(data), wanted_(wanted), out_(out) {}

  bool record(size_t at) {
    const bool whole = members(at, [this](std::string_view name, const MmdbValue& v) {
      if (name == "city") return named(v, GeoField::kCityName);
      if (name == "continent") return place(v, "code", GeoField::kContinentCode, GeoField::kContinentName);
      if (name == "country") return place(v, "iso_code", GeoField::kCountryIsoCode, GeoField::kCountryName);
      if (name == "location") return location(v);
      if (name == "postal") return postal(v);
      if (name == "subdivisions") return region(v);
      if (name == "traits") return traits(v);
      return organization(name, v);
    });
    finish();
    return whole;
  }

 private:
  template <typename Each>
  bool members(size_t at, Each each) {
    MmdbValue map;
    size_t next;
    return data_.read(at, map, next) && members(map, each);
  }
  /// Of a map; another value has none. Every member is passed, whatever becomes of it.
  template <typename Each>
  bool members(const MmdbValue& map, Each each) {
    if (map.type != MmdbType::kMap) return true;
    size_t at = map.at;
    for (uint32_t i = 0; i < map.size; ++i) {
      MmdbValue key, value;
      if (steps_ == 0 || !data_.read(at, key, at) || key.type != MmdbType::kString) return false;
      --steps_;
      size_t unused;
      if (!data_.read(at, value, unused) || !each(data_.text(key), value)) return false;
      if (i + 1 < map.size && !data_.skip(at, at, steps_)) return false;
    }
    return true;
  }

  bool wants(GeoField field) const { return wanted_ >> static_cast<unsigned>(field) & 1; }
  bool text(const MmdbValue& v, GeoField field) {
    if (v.type != MmdbType::kString || v.size == 0 || !wants(field)) return true;
    const std::string_view t = data_.text(v);
    if (utf8_valid_prefix(t.data(), t.size()) != t.size()) return false;
    out_.add(field, GeoRecord::Place::kData, v.size, v.at);
    return true;
  }
  std::string_view code(const MmdbValue& v) const { return v.type == MmdbType::kString ? data_.text(v) : std::string_view(); }

  bool named(const MmdbValue& v, GeoField name) {
    return members(v, [&](std::string_view key, const MmdbValue& names) { return key != "names" || english(names, name); });
  }
  /// The names in other languages are not passed for nothing.
  bool english(const MmdbValue& names, GeoField field) {
    MmdbValue name;
    return !wants(field) || !data_.member(names, "en", name, steps_) || text(name, field);
  }
  bool place(const MmdbValue& v, std::string_view code_name, GeoField code_field, GeoField name_field) {
    return members(v, [&](std::string_view key, const MmdbValue& value) {
      if (key == "names") return english(value, name_field);
      if (key != code_name) return true;
      if (code_field == GeoField::kCountryIsoCode) country_ = code(value);
      return text(value, code_field);
    });
  }
  bool postal(const MmdbValue& v) {
    return members(v, [&](std::string_view key, const MmdbValue& value) { return key != "code" || text(value, GeoField::kPostalCode); });
  }
  bool location(const MmdbValue& v) {
    double latitude = NAN, longitude = NAN;
    const bool whole = members(v, [&](std::string_view key, const MmdbValue& value) {
      if (key == "time_zone") return text(value, GeoField::kTimezone);
      if (value.type != MmdbType::kDouble && value.type != MmdbType::kFloat) return true;
      if (key == "latitude") latitude = data_.real(value);
      else if (key == "longitude") longitude = data_.real(value);
      return true;
    });
    if (!wants(GeoField::kLocation) || !(std::fabs(latitude) <= 90) || !(std::fabs(longitude) <= 180)) return whole;
    // GeoJSON's order of the object that ECS shows: {"lon": …, "lat": …}.
    char* p = out_.location;
    char* const end = p + sizeof out_.location;
    const auto put = [&p](std::string_view t) { std::memcpy(p, t.data(), t.size()), p += t.size(); };
    put(R"({"lon":)");
    p = std::to_chars(p, end, longitude).ptr;
    put(R"(,"lat":)");
    p = std::to_chars(p, end, latitude).ptr;
    put("}");
    out_.add(GeoField::kLocation, GeoRecord::Place::kLocation, static_cast<size_t>(p - out_.location), 0);
    return whole;
  }
  /// The last subdivision is the smallest.
  bool region(const MmdbValue& list) {
    if (list.type != MmdbType::kArray || list.size == 0) return true;
    size_t at = list.at;
    for (uint32_t i = 0; i + 1 < list.size; ++i)
      if (!data_.skip(at, at, steps_)) return false;
    return members(at, [&](std::string_view key, const MmdbValue& value) {
      if (key == "names") return english(value, GeoField::kRegionName);
      if (key == "iso_code") region_ = code(value);
      return true;
    });
  }
  bool traits(const MmdbValue& v) {
    return members(v, [&](std::string_view key, const MmdbValue& value) { return organization(key, value); });
  }
  bool organization(std::string_view name, const MmdbValue& v) {
    if (name == "autonomous_system_organization") return text(v, GeoField::kAsOrganizationName);
    if (name != "autonomous_system_number" || !wants(GeoField::kAsNumber)) return true;
    if (v.type == MmdbType::kUint16 || v.type == MmdbType::kUint32 || v.type == MmdbType::kUint64)
      out_.add(GeoField::kAsNumber, GeoRecord::Place::kNumber, 0, data_.number(v) & UINT32_MAX);
    return true;
  }
  /// ISO 3166-2: country and region with a hyphen between.
  void finish() {
    if (!wants(GeoField::kRegionIsoCode) || region_.empty() || country_.empty()) return;
    const size_t size = country_.size() + 1 + region_.size();
    if (size > sizeof out_.region) return;
    for (const char c : country_) if (static_cast<unsigned char>(c) >= 0x80) return;
    for (const char c : region_) if (static_cast<unsigned char>(c) >= 0x80) return;
    std::memcpy(out_.region, country_.data(), country_.size());
    out_.region[country_.size()] = '-';
    std::memcpy(out_.region + country_.size() + 1, region_.data(), region_.size());
    out_.add(GeoField::kRegionIsoCode, GeoRecord::Place::kRegion, size, 0);
  }

  const MmdbSection& data_;
  const uint32_t wanted_;
  GeoRecord& out_;
  std::string_view country_, region_;
  uint32_t steps_ = Mmdb::kSteps;
};

}  // namespace

bool decode_geo(const MmdbSection& data, size_t at, uint32_t wanted, GeoRecord& out) {
  out.count = out.has = 0;
  return Decoder(data, wanted, out).record(at);
}

}  // namespace penstock::enrich
