// Character data of XML (https://www.w3.org/TR/xml/): references decoded, entities other than the five never expanded.
#pragma once

#include "packs/blocks/extracted.h"

namespace penstock::packs {

/// `text` with &lt; &gt; &amp; &quot; &apos; and character references decoded, in `scratch` when there are any
/// (kFieldRewritten). A reference to anything else stays as it was written and is noted (kRefusedEntity).
std::string_view xml_decode(std::string_view text, Arena& scratch, Extracted& out, uint8_t& flags);

}  // namespace penstock::packs
