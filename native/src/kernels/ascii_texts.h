// Whether the texts of a LogEvent are ASCII: readers that have strings of another kind than UTF-8 need not look at each of their bytes then.
#pragma once

#include "kernels/common.h"

namespace penstock {

/// Whether all texts of a LogEvent are ASCII: names and values of attributes too, `event.original`, which is bytes, not. False as well when the
/// bytes are no LogEvent.
bool has_ascii_texts(std::string_view log_event);

}  // namespace penstock
