#include "packs/json_value.h"

#include <charconv>

#include "kernels/json_number.h"
#include "packs/blocks/unescape.h"

namespace penstock::packs {

std::string_view value_text(const Value& value, char (&digits)[kValueTextMax]) {
  switch (value.kind) {
    case ValueKind::kString:
    case ValueKind::kJson: return value.text;
    case ValueKind::kInt64: {
      if (!value.text.empty()) return value.text;
      const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value.i);
      return {digits, static_cast<size_t>(end - digits)};
    }
    case ValueKind::kDouble: {
      const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value.d);
      return {digits, static_cast<size_t>(end - digits)};
    }
    case ValueKind::kBool: return value.b ? "true" : "false";
    case ValueKind::kNull: break;
  }
  return "null";
}

bool says_nothing(const Value& value) {
  if (value.kind == ValueKind::kNull) return true;
  if (value.kind == ValueKind::kString) return value.text.empty();
  return value.kind == ValueKind::kJson && (value.text == "{}" || value.text == "[]");
}

Value json_value(std::string_view text) {
  if (text.empty()) return Value::of_string(text);
  if (text[0] == '[' || text[0] == '{') return Value::of_json(text);
  if (text == "true" || text == "false") return Value::of_bool(text == "true");
  Value number;
  return parse_json_number(text, number) ? number : Value::of_string(text);
}

std::string_view json_string(std::string_view quoted, Arena& arena, Extracted& notes) {
  uint8_t flags = 0;
  return unescape(quoted.substr(1, quoted.size() - 2), Escapes::kText, '"', arena, notes, flags);
}

}  // namespace penstock::packs
