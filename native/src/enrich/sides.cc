#include "enrich/sides.h"

#include <string>

#include "kernels/ecs_lookup.h"

namespace penstock::enrich {

const SideFields& SideFields::get() {
  static const SideFields fields;
  return fields;
}

SideFields::SideFields() {
  for (size_t side = 0; side < kSides; ++side) {
    const std::string prefix = std::string(kSideNames[side]) + ".";
    tell(ecs_field_by_name(prefix + "ip"), Role::kIp, side);
    tell(ecs_field_by_name(prefix + "port"), Role::kPort, side);
    tell(ecs_field_by_name(prefix + "geo.name"), Role::kGeo, side);
    for (size_t i = 0; i < kGeoFields; ++i) {
      geo_[side][i] = ecs_field_by_name(prefix + std::string(kGeoNames[i]));
      tell(geo_[side][i], Role::kGeo, side);
    }
  }
  tell(EcsField::kNetworkTransport, Role::kTransport);
  tell(EcsField::kNetworkIanaNumber, Role::kIanaNumber);
  tell(EcsField::kNetworkType, Role::kNetworkType);
  tell(EcsField::kNetworkDirection, Role::kDirection);
  tell(EcsField::kNetworkCommunityId, Role::kCommunityId);
}

void SideFields::tell(EcsField field, Role role, size_t side) {
  if (field == EcsField::kUnknown) return;
  roles_[static_cast<size_t>(field)] = role;
  sides_[static_cast<size_t>(field)] = static_cast<uint8_t>(side);
}

}  // namespace penstock::enrich
