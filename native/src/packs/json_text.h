// JSON objects within texts.
#pragma once

#include "kernels/json.h"
#include "packs/json_recognition.h"

namespace penstock::packs {

/// Adds the object that is `text` behind the event's own fields and attributes; `range` says where. White space and "@cee:" (rsyslog's
/// mark for JSON) may stand before it. False: it is none.
bool read_json_text(std::string_view text, JsonParser& parser, const JsonOptions& options, Arena& arena, Event& event, JsonRange& range);

}  // namespace penstock::packs
