// Fields whose values ECS lists (event.kind, .category, .type, .outcome): whether a text is one of them.
#pragma once

#include "generated/ecs_allowed_values.h"

namespace penstock {

/// In place of the type of such a field, for who writes values into events. No value fits it by its type alone
/// (json_fit.h); one that is in the list is held and encoded as kString is.
inline constexpr EcsType kOneOf = static_cast<EcsType>(0xff);

/// What a value for the field has to fit.
inline EcsType type_to_fit(EcsField field) {
  return allowed_values(field).empty() ? kEcsFields[static_cast<size_t>(field)].type : kOneOf;
}

inline bool is_one_of(EcsField field, std::string_view text) {
  if (text.empty()) return false;
  for (const std::string_view value : allowed_values(field))
    if (value.size() == text.size() && value[0] == text[0] && value == text) return true;
  return false;
}

}  // namespace penstock
