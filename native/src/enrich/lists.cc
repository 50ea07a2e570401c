#include "enrich/lists.h"

#include "kernels/ecs_lookup.h"
#include "kernels/json_fit.h"

namespace penstock::enrich {
namespace {

constexpr std::string_view kTag = "threat_indicator";

bool has_field(const Event& event, EcsField field) {
  for (size_t i = 0; i < event.field_count(); ++i) if (event.fields()[i].field == field) return true;
  return false;
}

/// JSON text at `p`, which has room for six bytes of each.
char* put_json(char* p, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  *p++ = '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') *p++ = '\\', *p++ = c;
    else if (static_cast<unsigned char>(c) >= 0x20) *p++ = c;
    else p = static_cast<char*>(std::memcpy(p, "\\u00", 4)) + 4, *p++ = kHex[c >> 4 & 15], *p++ = kHex[c & 15];
  }
  *p++ = '"';
  return p;
}
char* put(char* p, std::string_view text) { return static_cast<char*>(std::memcpy(p, text.data(), text.size())) + text.size(); }

}  // namespace

bool Indicators::open(const uint8_t* bytes, size_t size, std::string& error) {
  if (!table_.open(bytes, size, error)) return false;
  fields_.clear();
  for (const TableColumn& column : table_.columns()) {
    const std::string name(table_.text(column.name));
    fields_.push_back(ecs_field_by_name(name.starts_with("feed.") ? "threat." + name : "threat.indicator." + name));
  }
  return true;
}

void Indicators::add(uint32_t entry, EcsField matched, std::string_view atomic, size_t& matches, Event& event, Arena& arena) const {
  for (; entry != kNoEntry && matches < kMatchesMax; entry = table_.entries()[entry].next, ++matches) {
    const TableEntry& row = table_.entries()[entry];
    if (matches == 0) add_flat(row, matched, atomic, event);
    add_enrichment(row, matched, atomic, event, arena);
  }
}

void Indicators::add_flat(const TableEntry& entry, EcsField matched, std::string_view atomic, Event& event) const {
  event.add_text(EcsField::kTags, kTag);
  if (has_field(event, EcsField::kThreatIndicatorType)) return;  // the sender's own finding
  const TableRecord& row = table_.rows()[entry.row];
  for (const TableCell& cell : table_.cells().subspan(row.cell_first, row.cell_count)) {
    const EcsField field = fields_[cell.column];
    if (field == EcsField::kUnknown) continue;
    Value value;
    const std::string_view text = table_.text(cell.text);
    if (json_fits(kEcsFields[static_cast<size_t>(field)].type, {Value::of_string(text), text}, value)) event.add(field, value);
  }
  if (entry.kind == static_cast<uint32_t>(KeyKind::kIp)) event.add_text(EcsField::kThreatIndicatorIp, atomic);
}

void Indicators::add_enrichment(const TableEntry& entry, EcsField matched, std::string_view atomic, Event& event, Arena& arena) const {
  const TableRecord& row = table_.rows()[entry.row];
  const auto cells = table_.cells().subspan(row.cell_first, row.cell_count);
  const std::string_view field = kEcsFields[static_cast<size_t>(matched)].name;
  size_t most = 128 + field.size() + 6 * atomic.size();
  for (const TableCell& cell : cells) most += 6 + table_.text(table_.columns()[cell.column].name).size() + 6 * table_.text(cell.text).size();
  char* const whole = arena.take(most);
  if (!whole) return event.note(Problem::kTooComplex, 0);
  char* p = put(whole, R"({"indicator":{)");
  for (const TableCell& cell : cells) {
    p = put_json(p, table_.text(table_.columns()[cell.column].name));
    *p++ = ':';
    p = put_json(p, table_.text(cell.text));
    *p++ = ',';
  }
  if (!cells.empty()) --p;
  p = put(p, R"(},"matched":{"atomic":)");
  p = put_json(p, atomic);
  p = put(p, R"(,"field":)");
  p = put_json(p, field);
  p = put(p, "}}");
  const auto size = static_cast<size_t>(p - whole);
  arena.give_back(most - size);
  event.add(EcsField::kThreatEnrichments, Value::of_json({whole, size}));
}

bool Assets::open(const uint8_t* bytes, size_t size, std::string& error) {
  if (!table_.open(bytes, size, error)) return false;
  targets_.clear();
  for (const std::string_view prefix : kKeyPrefixes)
    for (const TableColumn& column : table_.columns()) {
      std::string name = std::string(prefix) + "." + std::string(table_.text(column.name));
      const EcsField field = ecs_field_by_name(name);
      targets_.push_back({field, std::move(name)});
    }
  return true;
}

void Assets::add(uint32_t entry, size_t prefix, Event& event) const {
  const TableRecord& row = table_.rows()[table_.entries()[entry].row];
  for (const TableCell& cell : table_.cells().subspan(row.cell_first, row.cell_count)) {
    const Target& target = targets_[prefix * table_.columns().size() + cell.column];
    const std::string_view text = table_.text(cell.text);
    Value value;
    if (target.field == EcsField::kUnknown) event.add_attr(target.name, Value::of_string(text));
    else if (has_field(event, target.field)) continue;
    else if (json_fits(kEcsFields[static_cast<size_t>(target.field)].type, {Value::of_string(text), text}, value)) event.add(target.field, value);
    else event.add_attr(target.name, Value::of_string(text));
  }
}

}  // namespace penstock::enrich
