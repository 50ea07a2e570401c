#include "kernels/json_names.h"

#include "kernels/one_of.h"

namespace penstock {

JsonName* JsonNames::learn(JsonName* set, uint32_t parent, std::string_view key, char* path, size_t prefix_size) {
  JsonName* name = nullptr;
  for (size_t way = 0; way < kWays && !name; ++way) {
    if (set[way].id == 0) name = &set[way];
  }
  for (size_t way = 0; way < kWays && !name; ++way) {
    if (met_[place(set[(way + victim_) % kWays])].document != document_) name = &set[(way + victim_) % kWays];
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
  met_[place(*name)] = {id, document_};
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
  name.wanted = wanted_ && wanted_->has(dotted);
  if (key.find('.') != key.npos) name.target.role = JsonTarget::kDotted;
  if (dotted == "@timestamp") {
    name.target.role = JsonTarget::kTimestamp;
  } else if (dotted == "message") {
    name.target.role = JsonTarget::kMessage;
  } else {
    name.target.field = ecs_field_by_name(dotted);
    if (name.target.field != EcsField::kUnknown) name.target.type = type_to_fit(name.target.field);
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
  for (size_t i = 0; i < kPlaces; ++i) names_[i] = JsonName{}, met_[i] = Met{};
  document_ = 1;
  ++age_;
  unsure_ = true;
}

}  // namespace penstock
