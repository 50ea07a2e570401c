// Encoded texts as text: base64, hexadecimal, percent-encoding. What they decode to is repaired to UTF-8 (kInvalidUtf8 noted).
#pragma once

#include "packs/blocks/extracted.h"

namespace penstock::packs {

/// RFC 4648, the URL-safe alphabet too; padding may be missing, line ends and blanks may stand between. UTF-16LE (each other
/// byte of the first four is 0), as PowerShell's -EncodedCommand, becomes UTF-8. data() == nullptr: not base64, or no memory.
std::string_view decode_base64(std::string_view text, Arena& scratch, Extracted& out);

/// Pairs of hexadecimal digits, after 0x or not; NULs between arguments (auditd's proctitle) become blanks.
/// data() == nullptr: not hexadecimal, or no memory.
std::string_view decode_hex(std::string_view text, Arena& scratch, Extracted& out);

/// %HH, and `+` as a blank when `plus`; an incomplete escape stays. `text` itself when there is nothing to decode.
std::string_view decode_percent(std::string_view text, bool plus, Arena& scratch, Extracted& out, uint8_t& flags);

}  // namespace penstock::packs
