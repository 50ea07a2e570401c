// Structured data of RFC 5424 that is plain → the JSON text the parser makes of it (structured_data_plain.h), byte by byte:
// for readers of the encoding "compact".
#pragma once

#include <string>
#include <string_view>

namespace penstock {

/// Appends the JSON of [id name="value" …][…]. False when it is not that, or not plain: backslashes, control characters.
bool append_plain_structured_data(std::string_view text, std::string& json);

}  // namespace penstock
