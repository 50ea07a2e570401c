// JSON objects within texts.
#pragma once

#include "kernels/json.h"
#include "packs/json_recognition.h"

namespace penstock::packs {

/// What of `text` may be an object: white space and "@cee:" (rsyslog's mark for JSON) may stand before it. Empty: nothing.
inline std::string_view json_text_of(std::string_view text) {
  const auto skip_blanks = [&] {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  };
  skip_blanks();
  if (text.starts_with("@cee:")) text.remove_prefix(5);
  skip_blanks();
  return text.starts_with('{') ? text : std::string_view();
}

/// Adds the object that is `text` behind the event's own fields and attributes; `range` says where. False: it is none.
bool read_json_object(std::string_view text, JsonParser& parser, const JsonOptions& options, Arena& arena, Event& event, JsonRange& range);

}  // namespace penstock::packs
