// A record of a MaxMind DB as JSON: for people and tests, not the event path.
#pragma once

#include <string>

#include "enrich/mmdb.h"

namespace penstock::enrich {

/// Appends the value at `at`. Bytes are hexadecimal text, 128-bit numbers decimal text, text that is no UTF-8 empty. False: damaged, nested deeper
/// than 32, or of more than a million values (what was appended is then of no use).
bool mmdb_to_json(const MmdbSection& data, size_t at, std::string& out);

}  // namespace penstock::enrich
