// IBM QRadar Log Event Extended Format, versions 1.0 and 2.0.
#pragma once

#include "packs/blocks/extracted.h"

namespace penstock::packs {

/// The first "LEEF:<version>|" in `text`, whatever stands before it. Header fields are called leefVersion, deviceVendor,
/// deviceProduct, deviceVersion, deviceEventClassId and, where declared, leefDelimiter (kFieldHeader; empty ones are left
/// out). Attributes are parted by a tab, or in 2.0 by what the header declares: one character, x09, 0x09, \x09 or \t.
/// Where a sender wrote spaces instead of tabs, values reach to the next `key=`. Values have no escapes.
BlockResult extract_leef(std::string_view text, Arena& scratch, Extracted& out);

}  // namespace penstock::packs
