// ECS fields by dotted name.
#pragma once

#include "generated/ecs_fields.h"

#include <string_view>

namespace penstock {

/// The field of a dotted ECS name ("source.ip"), or EcsField::kUnknown. One hash, one comparison.
EcsField ecs_field_by_name(std::string_view name);

}  // namespace penstock
