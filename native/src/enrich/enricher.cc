#include "enrich/enricher.h"

#include <utility>

namespace penstock::enrich {

void Enricher::set(std::shared_ptr<const Enrichment> enrichment) {
  enrichment_ = enrichment && !enrichment->empty() ? std::move(enrichment) : nullptr;
  outcome_ = {};
  // What is remembered belongs to the tables that go.
  // Without tables an address is told faster than it is remembered.
  const bool tables = enrichment_ && (!enrichment_->databases.empty() || enrichment_->indicators || enrichment_->assets);
  address_count_ = tables ? kAddresses : 1;
  addresses_.reset(enrichment_ ? new Address[address_count_] : nullptr);
  records_.reset(enrichment_ && !enrichment_->databases.empty() ? new GeoRecord[kRecords] : nullptr);
}

EnrichCounts Enricher::take_counts() { return std::exchange(counts_, {}); }

void Enricher::run(Event& event, Arena& arena) {
  outcome_ = {};
  if (event.failed()) return;
  Said said;
  read(event, said);
  Party parties[kSides];
  for (size_t side = 0; side < kSides; ++side) {
    if (said.ip[side].empty()) continue;
    const Address* const known = address(said.ip[side], true);
    if (!known) continue;
    parties[side] = {known->ip, true, known->internal};
    if (known->is_public && !(said.geo >> side & 1)) add_geo(event, side, *known);
  }
  add_network(*enrichment_, said, parties, event, arena);
  if (enrichment_->indicators || enrichment_->assets) look_up(event, arena);
  if (enrichment_->rules) enrichment_->rules->run(event, arena, outcome_);
}

void Enricher::look_up(Event& event, Arena& arena) {
  const Indicators* const indicators = enrichment_->indicators.get();
  const Assets* const assets = enrichment_->assets.get();
  uint16_t found[kKeysMax];
  size_t count = 0;
  // What is added has no keys of its own.
  for (size_t i = 0, n = event.field_count(); i < n && count < kKeysMax; ++i)
    if (KeyFields::get().of(event.fields()[i].field).kind != 0) found[count++] = static_cast<uint16_t>(i);
  size_t matches = 0;
  char form[kKeyBytesMax];
  for (size_t i = 0; i < count; ++i) {
    const auto [field, value] = event.fields()[found[i]];
    if (value.kind != ValueKind::kString) continue;
    const KeyFields::Info info = KeyFields::get().of(field);
    const auto kind = static_cast<KeyKind>(info.kind - 1);
    uint32_t indicator = kNoEntry, asset = kNoEntry;
    if (kind == KeyKind::kIp) {
      if (const Address* const known = address(value.text, false)) indicator = known->indicator, asset = known->asset;
    } else {
      const bool wanted = (indicators && indicators->table().has(kind)) || (assets && assets->table().has(kind));
      const std::string_view key = wanted ? key_form(kind, value.text, form) : std::string_view();
      if (key.empty()) continue;
      if (indicators) indicator = kind == KeyKind::kDomain ? indicators->table().find_domain(key) : indicators->table().find(kind, key);
      if (assets) asset = kind == KeyKind::kDomain ? assets->table().find_domain(key) : assets->table().find(kind, key);
    }
    if (indicator != kNoEntry) indicators->add(indicator, field, value.text, matches, event, arena), ++counts_.indicators;
    if (asset != kNoEntry) assets->add(asset, info.prefix, event), ++counts_.assets;
  }
}

void Enricher::read(const Event& event, Said& said) const {
  const SideFields& fields = SideFields::get();
  const FieldEntry* const entries = event.fields();
  for (size_t i = 0, n = event.field_count(); i < n; ++i) {
    const auto& [field, value] = entries[i];
    const Role role = fields.role(field);
    if (role == Role::kNone) continue;
    const size_t side = fields.side(field);
    switch (role) {
      case Role::kNone: break;
      case Role::kIp: if (said.ip[side].empty()) said.ip[side] = value.text; break;
      case Role::kPort: said.port[side] = value.i, said.ports |= 1u << side; break;
      case Role::kGeo: said.geo |= 1u << side; break;
      case Role::kTransport: said.transport = value.text; break;
      case Role::kIanaNumber: said.iana_number = value.text; break;
      case Role::kNetworkType: said.network_type = true; break;
      case Role::kDirection: said.direction = true; break;
      case Role::kCommunityId: said.community_id = true; break;
    }
  }
}

/// nullptr: the text is no address. The answer holds until the next call.
const Enricher::Address* Enricher::address(std::string_view text, bool count) {
  IpAddress ip;
  if (!parse_ip(text, ip)) return nullptr;
  Address& known = addresses_[mix64(ip.low ^ ip.high * 0x9e3779b97f4a7c15ULL) & (address_count_ - 1)];
  const bool hit = known.used && known.ip == ip;
  if (!hit) {
    known.ip = ip;
    known.used = true;
    known.is_public = is_public(ip);
    known.internal = enrichment_->internal.has(ip);
    known.indicator = enrichment_->indicators ? enrichment_->indicators->table().find_ip(ip) : kNoEntry;
    known.asset = enrichment_->assets ? enrichment_->assets->table().find_ip(ip) : kNoEntry;
    for (size_t i = 0; i < kDatabasesMax; ++i) {
      bool damaged = false;
      const bool look = known.is_public && i < enrichment_->databases.size();
      known.records[i] = look ? enrichment_->databases[i].find(ip, damaged) : Mmdb::kNone;
      counts_.damaged += damaged;
    }
  }
  if (count && known.is_public && records_) {
    ++counts_.lookups;
    counts_.cached += hit;
    bool found = false;
    for (const uint32_t record : known.records) found |= record != Mmdb::kNone;
    counts_.found += found;
  }
  return &known;
}

void Enricher::add_geo(Event& event, size_t side, const Address& address) {
  uint32_t has = 0;  // of two databases that know a field, the first named counts
  for (size_t i = 0; i < enrichment_->databases.size(); ++i) {
    if (address.records[i] == Mmdb::kNone) continue;
    const GeoRecord& known = record(i, address.records[i]);
    for (size_t j = 0; j < known.count; ++j) {
      const GeoField which = known.items[j].field;
      const EcsField field = SideFields::get().geo(side, which);
      if (field == EcsField::kUnknown || has >> static_cast<unsigned>(which) & 1) continue;
      event.add(field, known.value(j, enrichment_->databases[i].data()));
    }
    has |= known.has;
  }
}

const GeoRecord& Enricher::record(size_t database, uint32_t at) {
  const uint64_t key = uint64_t{at} << 8 | (database + 1);
  GeoRecord& known = records_[mix64(key) % kRecords];
  if (known.key == key) return known;
  known.key = key;
  counts_.damaged += !decode_geo(enrichment_->databases[database].data(), at, enrichment_->geo_fields, known);
  return known;
}

}  // namespace penstock::enrich
