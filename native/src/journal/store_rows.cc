#include "journal/store_rows.h"

#include "kernels/json_text.h"
#include "kernels/utf8.h"

namespace penstock {
namespace {

constexpr unsigned kDepthMax = 32;  ///< objects deeper than this stay whole

// All that follows reads text that is_json_text has accepted: every quote and bracket has its partner.

void skip_space(const char*& at) {
  while (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n') ++at;
}

/// `at`: a quote; afterwards behind its partner. `end`: of the text.
void skip_string(const char*& at, const char* end) {
  for (at = skip_plain_json(at + 1, end); *at != '"'; at = skip_plain_json(at, end)) at += *at == '\\' ? 2 : 1;
  ++at;
}

void skip_value(const char*& at, const char* end) {
  if (*at == '"') return skip_string(at, end);
  if (*at == '{' || *at == '[') {
    for (unsigned depth = 0;;) {
      if (*at == '"') {
        skip_string(at, end);
        continue;
      }
      if (*at == '{' || *at == '[') ++depth;
      if ((*at == '}' || *at == ']') && --depth == 0) break;
      ++at;
    }
    ++at;
    return;
  }
  while (*at != ',' && *at != '}' && *at != ']' && *at != ' ' && *at != '\t' && *at != '\r' && *at != '\n') ++at;
}

template <class Container>
void put(Container& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}

template <class Container>
void put_member(Container& out, std::string_view name, std::string_view value) {
  put(out, "\"");
  put(out, name);
  put(out, "\":");
  put(out, value);
  put(out, ",");
}

void put_unreadable(std::string_view line, std::vector<char>& out) {
  put(out, R"({"event.kind":"pipeline_error","error.message":"the event is not a JSON object","event.original":)");
  const size_t at = out.size();
  out.resize(at + json_string_size_max(line.size()));
  auto* begin = reinterpret_cast<uint8_t*>(out.data());
  out.resize(static_cast<size_t>(put_json_string(begin + at, line) - begin));
  put(out, R"(,"attrs":{}})");
}

}  // namespace

StoreRows::StoreRows(std::vector<std::string> columns) : columns_(std::move(columns)), seen_(columns_.size()) {
  for (size_t i = 0; i < columns_.size(); ++i) index_.emplace(columns_[i], i);
}

void StoreRows::append(std::string_view lines, std::vector<char>& out) {
  while (!lines.empty()) {
    const size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    if (!line.empty()) row(line, out);
    if (end == std::string_view::npos) return;
    lines.remove_prefix(end + 1);
  }
}

void StoreRows::row(std::string_view line, std::vector<char>& out) {
  const size_t start = line.find_first_not_of(" \t\r");
  if (start == std::string_view::npos || line[start] != '{' ||
      utf8_valid_prefix(line.data(), line.size()) != line.size() || !is_json_text(line)) {
    put_unreadable(line, out);
  } else {
    seen_.assign(seen_.size(), false);
    path_.clear();
    attrs_.clear();
    out.push_back('{');
    const char* at = line.data() + start;
    end_ = line.data() + line.size();
    object(at, out, 0);
    if (!attrs_.empty()) attrs_.pop_back();
    put(out, "\"attrs\":{");
    put(out, attrs_);
    put(out, "}}");
  }
  out.push_back('\n');
}

void StoreRows::object(const char*& at, std::vector<char>& out, unsigned depth) {
  const size_t prefix = path_.size();
  for (++at, skip_space(at); *at != '}';) {
    const char* name = at + 1;
    skip_string(at, end_);
    path_.resize(prefix);
    if (depth > 0) path_.push_back('.');
    path_.append(name, static_cast<size_t>(at - name) - 1);
    skip_space(at);
    ++at;  // the colon
    skip_space(at);
    const char* value = at;
    const char* inside = at + 1;
    if (*at == '{') skip_space(inside);
    if (*at == '{' && *inside != '}' && depth < kDepthMax) {
      object(at, out, depth + 1);
    } else {
      skip_value(at, end_);
      field({value, static_cast<size_t>(at - value)}, out);
    }
    skip_space(at);
    if (*at == ',') {
      ++at;
      skip_space(at);
    }
  }
  ++at;
}

/// The value at path_: a column's when it is the first under that name, else an attribute.
void StoreRows::field(std::string_view value, std::vector<char>& out) {
  const auto found = index_.find(path_);
  if (found == index_.end() || seen_[found->second]) return put_member(attrs_, path_, value);
  if (value == "null") return;
  seen_[found->second] = true;
  put_member(out, path_, value);
}

}  // namespace penstock
