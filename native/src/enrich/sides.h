// The parties of an event, and which ECS fields say something of them.
#pragma once

#include <cstdint>
#include <string_view>

#include "enrich/geo.h"
#include "generated/ecs_fields.h"

namespace penstock::enrich {

enum class Side : uint8_t { kSource, kDestination, kClient, kServer, kHost, kCount };
inline constexpr size_t kSides = static_cast<size_t>(Side::kCount);
inline constexpr std::string_view kSideNames[kSides] = {"source", "destination", "client", "server", "host"};

/// What a field is to enrichment; of kIp, kPort and kGeo the side is told beside.
enum class Role : uint8_t {
  kNone, kIp, kPort, kGeo, kTransport, kIanaNumber, kNetworkType, kDirection, kCommunityId
};

/// By EcsField: roles, sides, and the fields that are written.
class SideFields {
 public:
  static const SideFields& get();

  Role role(EcsField field) const { return roles_[static_cast<size_t>(field)]; }
  size_t side(EcsField field) const { return sides_[static_cast<size_t>(field)]; }
  /// kUnknown: ECS has no such field on that side.
  EcsField geo(size_t side, GeoField field) const { return geo_[side][static_cast<size_t>(field)]; }

 private:
  SideFields();
  void tell(EcsField field, Role role, size_t side = 0);
  Role roles_[static_cast<size_t>(EcsField::kCount)] = {};
  uint8_t sides_[static_cast<size_t>(EcsField::kCount)] = {};
  EcsField geo_[kSides][kGeoFields];
};

/// Whether the field says where an address is, or whose.
inline bool is_place(EcsField field) { return field < EcsField::kCount && SideFields::get().role(field) == Role::kGeo; }

}  // namespace penstock::enrich
