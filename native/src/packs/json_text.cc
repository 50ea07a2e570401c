#include "packs/json_text.h"

namespace penstock::packs {

bool read_json_object(std::string_view text, JsonParser& parser, const JsonOptions& options, Arena& arena, Event& event, JsonRange& range) {
  range.fields = event.field_count();
  range.attrs = event.attr_count();
  if (!parser.parse_into(text, options, arena, event)) return false;
  range.fields_end = event.field_count();
  range.attrs_end = event.attr_count();
  return true;
}

}  // namespace penstock::packs
