// What may stand around the tokens of JSON (RFC 8259).
#pragma once

#include <cstddef>
#include <string_view>

namespace penstock {

/// White space between tokens (section 2).
inline bool is_json_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// Bytes of the byte order mark before a document, which a reader may ignore (section 8.1): 3, or 0 where there is none.
inline size_t json_mark_bytes(std::string_view document) { return document.starts_with("\xef\xbb\xbf") ? 3 : 0; }

}  // namespace penstock
