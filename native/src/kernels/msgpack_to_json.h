// MessagePack events → JSON, for readers. Not on the event path.
#pragma once

#include <vector>

#include "kernels/common.h"

namespace penstock::msgpack {

/// What encode_msgpack_event wrote begins with a map of 16 bits' count; no LogEvent does (a field of wire type 6), nor JSON.
inline bool is_event(std::string_view value) { return value.size() > 3 && value[0] == '\xde' && static_cast<uint8_t>(value[1]) < 128; }

/// Appends the value as a line of the JSON that encode_json_event writes of the event: dates as RFC 3339, event.id in hex, other bytes
/// as text. False, and nothing is appended, when it is no MessagePack, or has what no event has (other extensions, other keys than texts).
bool append_json_line(std::string_view value, std::vector<uint8_t>& out);

}  // namespace penstock::msgpack
