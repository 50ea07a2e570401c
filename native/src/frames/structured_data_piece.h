// JSON of structured data that is plain (kernels/structured_data_text.h) → the text it was made of.
#pragma once

#include "frames/value_room.h"

namespace penstock::frames {

/// Appends [id name="value" …][…]. False: the JSON is not such, or there is no room.
bool append_structured_data(std::string_view json, ValueRoom& room);

}  // namespace penstock::frames
