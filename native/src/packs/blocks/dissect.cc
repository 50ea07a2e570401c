#include "packs/blocks/dissect.h"

#include <algorithm>

namespace penstock::packs {
namespace {

bool number(std::string_view text, uint32_t& value) {
  if (text.empty() || text.size() > 4) return false;
  value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<uint32_t>(c - '0');
  }
  return true;
}

}  // namespace

bool Dissect::compile(std::string_view pattern, std::string_view separator, std::string& error) {
  *this = Dissect();
  separator_ = separator;
  size_t at = pattern.find("%{");
  if (at == pattern.npos) return error = "there is no %{field}", false;
  before_ = pattern.substr(0, at);
  while (at != pattern.npos) {
    const size_t close = pattern.find('}', at);
    if (close == pattern.npos) return error = "a %{ is not closed", false;
    Field field;
    if (!parse_field(pattern.substr(at + 2, close - at - 2), field, error)) return false;
    at = pattern.find("%{", close);
    field.after = pattern.substr(close + 1, at == pattern.npos ? at : at - close - 1);
    if (field.after.empty() && at != pattern.npos)
      return error = "no text stands between %{" + field.name + "} and the field after it", false;
    if (fields_.size() == kFieldsMax) return error = "more than " + std::to_string(kFieldsMax) + " fields", false;
    fields_.push_back(std::move(field));
  }
  return resolve(error);
}

bool Dissect::parse_field(std::string_view key, Field& field, std::string& error) const {
  const std::string written(key);
  if (key.ends_with("->")) field.padded = true, key.remove_suffix(2);
  if (!key.empty()) {
    const size_t kind = std::string_view("?+*&").find(key[0]);
    constexpr Kind kKinds[] = {Kind::kSkipped, Kind::kAppended, Kind::kName, Kind::kValue};
    if (kind != std::string_view::npos) field.kind = kKinds[kind], key.remove_prefix(1);
  }
  if (field.kind == Kind::kAppended) {
    if (const size_t slash = key.find('/'); slash != key.npos) {
      if (!number(key.substr(slash + 1), field.order)) return error = "no order in %{" + written + "}", false;
      key = key.substr(0, slash);
    }
  }
  if (key.find_first_of("?+*&/ %{") != key.npos) return error = "%{" + written + "} is not the name of a field", false;
  if (key.empty()) {
    if (field.kind != Kind::kPlain && field.kind != Kind::kSkipped)
      return error = "%{" + written + "} has no name", false;
    field.kind = Kind::kSkipped;
  }
  field.name = key;
  return true;
}

/// Finds what belongs together: parts of one name, names and values of references.
bool Dissect::resolve(std::string& error) {
  for (size_t i = 0; i < fields_.size(); ++i) {
    Field& field = fields_[i];
    if (field.kind == Kind::kSkipped) continue;
    const bool reference = field.kind == Kind::kName || field.kind == Kind::kValue;
    bool paired = !reference, appended = false;
    std::vector<uint16_t> parts;
    for (size_t j = 0; j < fields_.size(); ++j) {
      const Field& other = fields_[j];
      if (other.name != field.name || other.kind == Kind::kSkipped) continue;
      if (reference) {
        if (other.kind == (field.kind == Kind::kName ? Kind::kValue : Kind::kName))
          paired = true, field.pair = static_cast<uint16_t>(j);
      } else if (other.kind == Kind::kPlain || other.kind == Kind::kAppended) {
        parts.push_back(static_cast<uint16_t>(j));
        appended |= other.kind == Kind::kAppended;
      }
    }
    if (!paired) return error = "%{" + field.name + "} needs both *" + field.name + " and &" + field.name, false;
    // A plain name twice is two fields, unless parts are appended to it.
    if (!appended || parts.size() < 2) continue;
    field.first = parts.front() == i;
    if (!field.first) continue;
    std::stable_sort(parts.begin(), parts.end(),
                     [&](uint16_t a, uint16_t b) { return fields_[a].order < fields_[b].order; });
    field.parts = std::move(parts);
  }
  return true;
}

BlockResult Dissect::extract(std::string_view text, Arena& scratch, Extracted& out) const {
  if (fields_.empty() || !text.starts_with(before_)) return BlockResult::kNoMatch;
  std::string_view values[kFieldsMax];
  size_t at = before_.size();
  for (size_t i = 0; i < fields_.size(); ++i) {
    const std::string_view after = fields_[i].after;
    if (after.empty()) {
      values[i] = text.substr(at);
      break;
    }
    const size_t end = text.find(after, at);
    if (end == text.npos) return BlockResult::kNoMatch;
    values[i] = text.substr(at, end - at);
    at = end + after.size();
    if (fields_[i].padded)
      while (text.compare(at, after.size(), after) == 0) at += after.size();
  }
  for (size_t i = 0; i < fields_.size(); ++i) {
    const Field& field = fields_[i];
    std::string_view name = field.name;
    if (field.kind == Kind::kSkipped || field.kind == Kind::kName || !field.first) continue;
    if (field.kind == Kind::kValue) name = values[field.pair];
    if (name.empty()) {
      out.note(BlockProblem::kBareText);
      continue;
    }
    const bool whole = field.parts.empty();
    const std::string_view value = whole ? values[i] : joined(field, values, scratch, out);
    if (!out.add(name, value, whole ? 0 : kFieldRewritten)) break;
  }
  return BlockResult::kMatch;
}

std::string_view Dissect::joined(const Field& field, const std::string_view* values, Arena& scratch,
                                 Extracted& out) const {
  size_t size = separator_.size() * (field.parts.size() - 1);
  for (const uint16_t part : field.parts) size += values[part].size();
  char* to = scratch.take(size);
  if (!to) return out.note(BlockProblem::kScratchFull), values[field.parts[0]];
  const std::string_view all(to, size);
  for (const uint16_t part : field.parts) {
    if (part != field.parts[0]) {
      std::memcpy(to, separator_.data(), separator_.size());
      to += separator_.size();
    }
    std::memcpy(to, values[part].data(), values[part].size());
    to += values[part].size();
  }
  return all;
}

}  // namespace penstock::packs
