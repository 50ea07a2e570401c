// STRUCTURED-DATA of RFC 5424, section 6.3: what its elements say, as names and values.
#pragma once

#include "packs/blocks/extracted.h"

namespace penstock::packs {

/// The parameters of all elements of `text` (`[id name="value" …][…]`), unescaped, but of those that speak of the message's way and not
/// of what happened: timeQuality, origin and meta (section 7). A name that comes again is another field. kNoMatch when there is no
/// element at the beginning, or none but these. What is not well-formed ends the reading, noted.
BlockResult extract_structured_data(std::string_view text, Arena& scratch, Extracted& out);

/// Whether `extract_structured_data` takes out all that `text` says.
bool is_whole_structured_data(std::string_view text);

}  // namespace penstock::packs
