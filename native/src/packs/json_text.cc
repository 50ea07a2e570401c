#include "packs/json_text.h"

namespace penstock::packs {
namespace {

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

}  // namespace

bool read_json_text(std::string_view text, JsonParser& parser, const JsonOptions& options, Arena& arena, Event& event, JsonRange& range) {
  skip_blanks(text);
  if (text.starts_with("@cee:")) text.remove_prefix(5);
  skip_blanks(text);
  if (text.empty() || text.front() != '{') return false;
  range.fields = event.field_count();
  range.attrs = event.attr_count();
  if (!parser.parse_into(text, options, arena, event)) return false;
  range.fields_end = event.field_count();
  range.attrs_end = event.attr_count();
  return true;
}

}  // namespace penstock::packs
