// What each ECS field is to enrichment, in one small table: an event's fields are passed over once.
#pragma once

#include <bit>
#include <memory>

#include "enrich/key_fields.h"
#include "enrich/sides.h"

namespace penstock::enrich {

struct FieldRole {
  Role role = Role::kNone;
  uint8_t side = 0;
  uint8_t kind = 0;  ///< KeyKind + 1 of a field that is looked up; 0: no list has such keys
  uint8_t prefix = 0;
  /// Of a field that does not, all is 0: most fields of an event, told by one comparison.
  bool matters() const { return std::bit_cast<uint32_t>(*this) != 0; }
};

class FieldRoles {
 public:
  /// `kinds`: a bit for each KeyKind that some list has.
  explicit FieldRoles(uint32_t kinds) : roles_(new FieldRole[static_cast<size_t>(EcsField::kCount)]) {
    for (size_t i = 0; i < static_cast<size_t>(EcsField::kCount); ++i) {
      const auto field = static_cast<EcsField>(i);
      const KeyFields::Info key = KeyFields::get().of(field);
      const bool wanted = key.kind != 0 && (kinds >> (key.kind - 1) & 1);
      const Role role = SideFields::get().role(field);
      if (role != Role::kNone || wanted)
        roles_[i] = {role, static_cast<uint8_t>(SideFields::get().side(field)), wanted ? key.kind : uint8_t{0}, key.prefix};
    }
  }
  FieldRole of(EcsField field) const { return roles_[static_cast<size_t>(field)]; }

 private:
  std::unique_ptr<FieldRole[]> roles_;
};

/// Values of one event that are looked up in lists, in the event's order.
struct Keys {
  static constexpr size_t kMax = 32;
  static constexpr uint8_t kNoSide = kSides;
  struct Key {
    uint16_t field;  ///< its place in the event
    uint8_t side;    ///< whose address it is, when that is looked up anyway
  };
  Key items[kMax];
  size_t count = 0;
};

}  // namespace penstock::enrich
