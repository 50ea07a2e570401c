// MaxMind DB files of any bytes: opened or refused, and whatever is found can be read, without a step outside of them.
// Input: 16 bytes of an address, then the file.
#include <cstring>
#include <string>

#include "enrich/geo.h"
#include "enrich/mmdb_json.h"
#include "kernels/utf8.h"

using namespace penstock;
using namespace penstock::enrich;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 16) return 0;
  IpAddress ip;
  std::memcpy(&ip, data, 16);
  const std::string file(reinterpret_cast<const char*>(data + 16), size - 16);  // its end is the sanitizer's
  Mmdb db;
  std::string error;
  if (!db.open(reinterpret_cast<const uint8_t*>(file.data()), file.size(), error)) {
    if (error.empty()) __builtin_trap();
    return 0;
  }
  Mmdb indexed = db;
  indexed.index_v4();
  for (const IpAddress& address : {ip, IpAddress::of_v4(ip.v4()), IpAddress{}}) {
    bool damaged = false;
    const uint32_t at = db.find(address, damaged);
    bool damaged_too = false;
    if (indexed.find(address, damaged_too) != at || damaged != damaged_too) __builtin_trap();
    if (at == Mmdb::kNone) continue;
    if (at >= db.data().size()) __builtin_trap();
    std::string json;
    mmdb_to_json(db.data(), at, json);
    GeoRecord record;
    decode_geo(db.data(), at, ~0u, record);
    for (size_t i = 0; i < record.count; ++i)
      if (const Value value = record.value(i, db.data()); value.kind == ValueKind::kString && utf8_valid_prefix(value.text.data(), value.text.size()) != value.text.size()) __builtin_trap();
  }
  return 0;
}
