#include "kernels/json_names.h"

namespace penstock {

JsonName* JsonNames::learn(JsonName* set, uint32_t parent, std::string_view key, char* path, size_t prefix_size) {
  JsonName* name = nullptr;
  for (size_t way = 0; way < kWays && !name; ++way) {
    if (set[way].id == 0) name = &set[way];
  }
  for (size_t way = 0; way < kWays && !name; ++way) {
    if (set[(way + victim_) % kWays].document != document_) name = &set[(way + victim_) % kWays];
  }
  if (!name) {
    unsure_ = true;
    name = &set[victim_ % kWays];
  }
  ++victim_;
  const uint32_t id = next_id();
  *name = JsonName{};
  name->id = id;
  name->parent = parent;
  name->document = document_;
  name->key_size = static_cast<uint8_t>(key.size());
  std::memcpy(name->key, key.data(), key.size());
  resolve(*name, key, path, prefix_size);
  return name;
}

JsonName* JsonNames::unkept(std::string_view key, char* path, size_t prefix_size) {
  unsure_ = true;
  unkept_ = JsonName{};
  unkept_.id = next_id();
  resolve(unkept_, key, path, prefix_size);
  return &unkept_;
}

void JsonNames::resolve(JsonName& name, std::string_view key, char* path, size_t prefix_size) {
  std::memcpy(path + prefix_size, key.data(), key.size());
  const std::string_view dotted(path, prefix_size + key.size());
  if (key.find('.') != key.npos) name.role = JsonName::kDotted;
  if (dotted == "@timestamp") {
    name.role = JsonName::kTimestamp;
  } else if (dotted == "message") {
    name.role = JsonName::kMessage;
  } else {
    name.field = ecs_field_by_name(dotted);
    if (name.field != EcsField::kUnknown) name.type = kEcsFields[static_cast<size_t>(name.field)].type;
  }
}

uint32_t JsonNames::next_id() {
  if (++last_id_ == 0) {
    forget();
    ++last_id_;
  }
  return last_id_;
}

void JsonNames::forget() {
  for (size_t i = 0; i < kSets * kWays; ++i) names_[i] = JsonName{};
  document_ = 1;
  unsure_ = true;
}

}  // namespace penstock
