// A JSON document too large for a frame as several: HTTP bodies whose events stand in arrays within each other.
#pragma once

#include "kernels/json_split.h"

namespace penstock::packs {

/// `path`: where the events of `object` stand, as `unwind:` of a pack says it ("a.b[*].c": in the array c of each element of a.b). As
/// many documents as it takes, each with all that stands around its elements: elements that fit go together, and one that does not comes
/// apart where the path goes on. kFrameTooLarge: an event does not fit, or what stands around it is more than a quarter of a frame
/// (so that the documents together are less than three times the object). kMalformed: there is no such array, or it is none.
/// `object` is one whose end is known (first_json_value_end), smaller than 1 GiB. Time is linear in what comes out.
FramedBody document_parts(std::string_view object, std::string_view path, const FrameLimits& limits);

}  // namespace penstock::packs
