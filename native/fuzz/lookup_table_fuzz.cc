// Tables of indicators and assets of any bytes: indexed or refused, and whatever is asked for is found inside of them or not at all.
// Input: 16 bytes of an address, a byte that says how long the key behind it is, the key, then the table as engine/enrich/table-writer.ts
// lays it out before native code fills in slots and filter.
#include <cstring>
#include <string>
#include <vector>

#include "enrich/lists.h"
#include "kernels/encode.h"
#include "require.h"

using namespace penstock;
using namespace penstock::enrich;

namespace {

constexpr size_t kArenaBytes = 1 << 20;

void require_encodes(Event& event) {
  std::string out(log_event_size_max(event) + kPadding, '\0');
  auto* const begin = reinterpret_cast<uint8_t*>(out.data());
  require(static_cast<size_t>(encode_log_event(event, begin) - begin) == log_event_size(event));
}

/// What an event gets of an entry and those of the same key is read whole.
void tell(const uint8_t* table, size_t size, uint32_t entry) {
  Arena arena(kArenaBytes);
  Event event;
  Indicators indicators;
  Assets assets;
  std::string error;
  require(indicators.open(table, size, error) && assets.open(table, size, error));
  size_t matches = 0;
  event.reset();
  indicators.add(entry, EcsField::kSourceIp, "192.0.2.1", matches, event, arena);
  require(matches <= kMatchesMax);
  for (size_t prefix = 0; prefix < 3; ++prefix) assets.add(entry, prefix, event);
  require_encodes(event);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 17) return 0;
  IpAddress ip;
  std::memcpy(&ip, data, 16);
  const size_t key_size = std::min<size_t>(data[16], size - 17);
  const std::string key(reinterpret_cast<const char*>(data + 17), key_size);
  const uint8_t* const rest = data + 17 + key_size;
  const size_t bytes = size - 17 - key_size;
  std::vector<uint64_t> words((bytes + 7) / 8);  // aligned, and its end is the sanitizer's up to the last word
  auto* const table_bytes = reinterpret_cast<uint8_t*>(words.data());
  if (bytes > 0) std::memcpy(table_bytes, rest, bytes);
  std::string error;
  if (!LookupTable::index(table_bytes, bytes, error)) {
    require(!error.empty());
    return 0;
  }
  LookupTable table;
  require(table.open(table_bytes, bytes, error));  // what indexing wrote is sound
  const auto check = [&](uint32_t entry) {
    if (entry == kNoEntry) return;
    require(entry < table.entries().size());
    tell(table_bytes, bytes, entry);
  };
  for (uint32_t kind = 0; kind < static_cast<uint32_t>(KeyKind::kCount); ++kind) {
    const uint32_t entry = table.find(static_cast<KeyKind>(kind), key);
    require(entry == kNoEntry || table.key(entry) == key);
    check(entry);
  }
  check(table.find_domain(key));
  for (const IpAddress& address : {ip, IpAddress::of_v4(ip.v4()), IpAddress{}}) check(table.find_ip(address));
  // Every key that was indexed is found, and is the first of its equals.
  for (uint32_t i = 0; i < table.entries().size(); ++i) {
    if (table.key(i).empty()) continue;
    const uint32_t found = table.find(static_cast<KeyKind>(table.entries()[i].kind), table.key(i));
    require(found <= i && table.key(found) == table.key(i));
  }
  return 0;
}
