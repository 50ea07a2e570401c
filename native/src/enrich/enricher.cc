#include "enrich/enricher.h"

#include <cstring>
#include <utility>

#include "kernels/log_event_writer.h"

namespace penstock::enrich {
namespace {

/// Region and location of one record, which are made and lie in no database.
constexpr size_t kMadeBytes = sizeof(GeoRecord::region) + sizeof(GeoRecord::location);
constexpr size_t kTextBytes = kDatabasesMax * kMadeBytes;

uint32_t kinds_of(const Enrichment& enrichment) {
  uint32_t kinds = 0;
  for (uint32_t kind = 0; kind < static_cast<uint32_t>(KeyKind::kCount); ++kind) {
    const auto has = [kind](const auto& list) { return list && list->table().has(static_cast<KeyKind>(kind)); };
    if (has(enrichment.indicators) || has(enrichment.assets)) kinds |= 1u << kind;
  }
  return kinds;
}

}  // namespace

void Enricher::set(std::shared_ptr<const Enrichment> enrichment) {
  enrichment_ = enrichment && !enrichment->empty() ? std::move(enrichment) : nullptr;
  outcome_ = {};
  pinned_ = nullptr;
  // What is remembered belongs to the tables that go.
  roles_.reset();
  addresses_.reset();
  records_.reset();
  if (!enrichment_) return;
  const bool databases = !enrichment_->databases.empty();
  roles_ = std::make_unique<FieldRoles>(kinds_of(*enrichment_));
  const auto has_private = [](const auto& list) { return list && list->table().has_private(); };
  private_keys_ = has_private(enrichment_->indicators) || has_private(enrichment_->assets);
  // Without tables an address is told faster than it is remembered.
  remembers_ = databases || enrichment_->indicators || enrichment_->assets;
  if (remembers_) addresses_ = std::make_unique<KnownAddresses>();
  blocks_ = databases && encoded_ && !enrichment_->rules && !enrichment_->assets;
  if (databases) records_.reset(new GeoRecord[kRecords]);
}

EnrichCounts Enricher::take_counts() { return std::exchange(counts_, {}); }

void Enricher::run(Event& event, Arena& arena) {
  outcome_ = {};
  counts_before_ = counts_;
  if (event.failed()) return;
  Said said;
  Keys keys;
  read(event, said, keys);
  pinned_ = nullptr;
  Party parties[kSides];
  for (size_t side = 0; side < kSides; ++side) {
    if (said.ip[side].empty() || !parse_ip(said.ip[side], parties[side].ip)) continue;
    parties[side].known = true;
    if (remembers_) addresses_->prefetch(KnownAddresses::pair_of(parties[side].ip));
  }
  // What is known of them comes from memory, meanwhile.
  for (Party& party : parties)
    if (party.known) party.internal = enrichment_->internal.has(party.ip);
  const size_t before = event.field_count();
  add_network(*enrichment_, said, parties, event, arena);
  Listed listed[kSides];
  for (size_t side = 0; side < kSides && remembers_; ++side) {
    if (!parties[side].known) continue;
    KnownAddress& known = address(parties[side].ip);
    count(known, cached_);
    listed[side] = {known.indicator, known.asset};
    if (records_ && known.is_public && !(said.geo >> side & 1)) add_geo(event, side, known, before, arena);
  }
  if (keys.count != 0) look_up(keys, listed, event, arena);
  if (enrichment_->rules) enrichment_->rules->run(event, arena, outcome_);
}

void Enricher::look_up(const Keys& keys, const Listed (&listed)[kSides], Event& event, Arena& arena) {
  const Indicators* const indicators = enrichment_->indicators.get();
  const Assets* const assets = enrichment_->assets.get();
  size_t matches = 0;
  char form[kKeyBytesMax];
  for (size_t i = 0; i < keys.count; ++i) {
    // A copy: what is added may stand where the entry stood.
    const auto [field, value] = event.fields()[keys.items[i].field];
    if (value.kind != ValueKind::kString) continue;
    const FieldRole role = roles_->of(field);
    const auto kind = static_cast<KeyKind>(role.kind - 1);
    Listed found;
    if (keys.items[i].side != Keys::kNoSide) {
      found = listed[keys.items[i].side];
    } else if (kind == KeyKind::kIp) {
      IpAddress ip;
      if (!parse_ip(value.text, ip)) continue;
      const KnownAddress& known = address(ip);
      found = {known.indicator, known.asset};
    } else {
      const std::string_view key = key_form(kind, value.text, form);
      if (key.empty()) continue;
      const auto find = [&](const LookupTable& table) { return kind == KeyKind::kDomain ? table.find_domain(key) : table.find(kind, key); };
      if (indicators) found.indicator = find(indicators->table());
      if (assets) found.asset = find(assets->table());
    }
    if (found.indicator != kNoEntry) indicators->add(found.indicator, field, value.text, matches, event, arena), ++counts_.indicators;
    if (found.asset != kNoEntry) assets->add(found.asset, role.prefix, event), ++counts_.assets;
  }
}

void Enricher::read(const Event& event, Said& said, Keys& keys) const {
  const FieldEntry* const entries = event.fields();
  for (size_t i = 0, n = event.field_count(); i < n; ++i) {
    const auto& [field, value] = entries[i];
    const FieldRole known = roles_->of(field);
    if (!known.matters()) continue;
    const size_t side = known.side;
    uint8_t of_side = Keys::kNoSide;
    switch (known.role) {
      case Role::kNone: break;
      case Role::kIp:
        if (said.ip[side].empty()) said.ip[side] = value.text, of_side = known.side;
        break;
      case Role::kPort: said.port[side] = value.i, said.ports |= 1u << side; break;
      case Role::kGeo: said.geo |= 1u << side; break;
      case Role::kTransport: said.transport = value.text; break;
      case Role::kIanaNumber: said.iana_number = value.text; break;
      case Role::kNetworkType: said.network_type = true; break;
      case Role::kDirection: said.direction = true; break;
      case Role::kCommunityId: said.community_id = true; break;
    }
    if (known.kind != 0 && keys.count < Keys::kMax) keys.items[keys.count++] = {static_cast<uint16_t>(i), of_side};
  }
}

/// The answer holds until the next call, that of the pinned address for the whole event.
KnownAddress& Enricher::address(const IpAddress& ip) {
  const bool on_internet = is_public(ip);
  KnownAddress* known = &spare_;
  cached_ = false;
  if (remembers_ && (on_internet || private_keys_)) {
    known = &addresses_->find(ip);
    cached_ = known->used && known->ip == ip;
    if (cached_) return *known;
    if (known == pinned_) known = &spare_;
  }
  known->ip = ip;
  known->used = true;
  known->encoded = known->too_large = false;
  known->is_public = on_internet;
  const bool listed = on_internet || private_keys_;
  known->indicator = listed && enrichment_->indicators ? enrichment_->indicators->table().find_ip(ip) : kNoEntry;
  known->asset = listed && enrichment_->assets ? enrichment_->assets->table().find_ip(ip) : kNoEntry;
  for (size_t i = 0; i < kDatabasesMax; ++i) {
    bool damaged = false;
    const bool look = on_internet && i < enrichment_->databases.size();
    known->records[i] = look ? enrichment_->databases[i].find(ip, damaged) : Mmdb::kNone;
    counts_.damaged += damaged;
  }
  return *known;
}

void Enricher::count(const KnownAddress& known, bool cached) {
  if (!known.is_public || !records_) return;
  bool found = false;
  for (const uint32_t record : known.records) found |= record != Mmdb::kNone;
  ++counts_.lookups;
  counts_.cached += cached;
  counts_.found += found;
}

/// The first side's as a block, where the event may have one; any other's field by field.
void Enricher::add_geo(Event& event, size_t side, KnownAddress& known, size_t place, Arena& arena) {
  if (blocks_ && !pinned_ && &known != &spare_ && !known.too_large) {
    if (!known.encoded || known.encoded_side != side) encode_geo(side, known);
    if (known.encoded) {
      event.encoded = view(known.block, known.encoded_size);
      event.encoded_at = place;
      for (size_t line = 0; line < known.encoded_size; line += 64) __builtin_prefetch(known.block + line);
      pinned_ = &known;
      return;
    }
  }
  char* const texts = arena.take(kTextBytes);
  if (!texts) return event.note(Problem::kTooComplex, 0);
  FieldEntry fields[kGeoFields];
  for (size_t i = 0, n = geo_fields(side, known, texts, fields); i < n; ++i) event.add(fields[i].field, fields[i].value);
}

/// What the databases say of the address. `texts`: kTextBytes for what is made; the rest lies in the databases.
size_t Enricher::geo_fields(size_t side, const KnownAddress& known, char* texts, FieldEntry (&out)[kGeoFields]) {
  size_t count = 0;
  uint32_t has = 0;  // of two databases that know a field, the first named counts
  for (size_t i = 0; i < enrichment_->databases.size(); ++i) {
    if (known.records[i] == Mmdb::kNone) continue;
    const GeoRecord& from = record(i, known.records[i]);
    for (size_t j = 0; j < from.count; ++j) {
      const GeoField which = from.items[j].field;
      const EcsField field = SideFields::get().geo(side, which);
      if (field == EcsField::kUnknown || has >> static_cast<unsigned>(which) & 1) continue;
      Value value = from.value(j, enrichment_->databases[i].data());
      if (from.made(j)) {  // another record may take the place of this one before the event is written
        std::memcpy(texts, value.text.data(), value.text.size());
        value.text = {texts, value.text.size()};
        texts += value.text.size();
      }
      out[count++] = {field, value};
    }
    has |= from.has;
  }
  return count;
}

void Enricher::encode_geo(size_t side, KnownAddress& known) {
  char texts[kTextBytes];
  FieldEntry fields[kGeoFields];
  const size_t count = geo_fields(side, known, texts, fields);
  size_t size = 0;
  for (size_t i = 0; i < count; ++i) size += log_event::entry_size(fields[i]);
  known.encoded = size <= KnownAddress::kEncodedMax;
  known.too_large = !known.encoded;
  if (!known.encoded) return;
  log_event::Writer writer(known.block);
  for (size_t i = 0; i < count; ++i) writer.entry(fields[i]);
  known.encoded_side = static_cast<uint8_t>(side);
  known.encoded_size = static_cast<uint8_t>(size);
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
