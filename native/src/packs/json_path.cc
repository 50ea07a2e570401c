#include "packs/json_path.h"

#include <cstdlib>

#include "kernels/json_space.h"

namespace penstock::packs {
namespace {

void skip_space(std::string_view& text) {
  while (!text.empty() && is_json_space(text.front())) text.remove_prefix(1);
}

/// Size of the string (with its quotes) that `text` begins with.
size_t string_size(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') ++i;
    else if (text[i] == '"') return i + 1;
  }
  return text.size();
}

/// Takes one value off the front.
std::string_view take_value(std::string_view& text) {
  size_t i = 0, depth = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '"') {
      i += string_size(text.substr(i));
      if (depth == 0) break;
      continue;
    }
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') {
      if (depth == 0) break;
      ++i;
      if (--depth == 0) break;
      continue;
    }
    if (depth == 0 && (c == ',' || is_json_space(c))) break;
    ++i;
  }
  const std::string_view value = text.substr(0, i);
  text.remove_prefix(i);
  return value;
}

std::string_view member(std::string_view object, std::string_view key) {
  if (object.empty() || object[0] != '{') return {};
  object.remove_prefix(1);
  for (;;) {
    skip_space(object);
    if (object.empty() || object[0] != '"') return {};
    const std::string_view name = object.substr(0, string_size(object));
    object.remove_prefix(name.size());
    skip_space(object);
    if (!object.empty() && object[0] == ':') object.remove_prefix(1);
    skip_space(object);
    const std::string_view value = take_value(object);
    if (name.size() == key.size() + 2 && name.substr(1, key.size()) == key) return value;
    skip_space(object);
    if (object.empty() || object[0] != ',') return {};
    object.remove_prefix(1);
  }
}

std::string_view element(std::string_view array, size_t index) {
  JsonElements elements(array);
  std::string_view value;
  for (size_t i = 0; elements.next(value); ++i)
    if (i == index) return value;
  return {};
}

/// Whether `json` is the string `name`, written as it is, or the number, true or false of that text.
bool is_text_of(std::string_view json, std::string_view name) {
  if (json.size() == name.size() + 2 && json[0] == '"') json = json.substr(1, name.size());
  return json.data() && json == name;
}

std::string_view find_named(JsonElements elements, const NamedStep& step) {
  for (std::string_view element; elements.next(element);)
    if (is_text_of(member(element, step.key), step.name)) return element;
  return {};
}

/// The element that a step beginning with '#' chooses.
std::string_view chosen(std::string_view array, std::string_view step) {
  const NamedStep named(step);
  return named.key.data() ? find_named(JsonElements(array), named) : element(array, static_cast<size_t>(std::atoi(step.data() + 1)));
}

/// What one path without "#*" finds.
std::string_view one_at(std::string_view json, std::span<const std::string_view> steps) {
  for (const std::string_view step : steps) {
    if (json.empty()) return {};
    json = step.starts_with('#') ? chosen(json, step) : member(json, step);
  }
  return json;
}

struct Found {
  char* out;
  size_t size = 0;
};

void all_at(std::string_view json, std::span<const std::string_view> steps, Found& found) {
  size_t star = 0;
  while (star < steps.size() && steps[star] != "#*") ++star;
  json = one_at(json, steps.first(star));
  if (json.empty()) return;
  if (star == steps.size()) {
    if (found.size != 1) found.out[found.size++] = ',';
    std::memcpy(found.out + found.size, json.data(), json.size());
    found.size += json.size();
    return;
  }
  JsonElements elements(json);
  for (std::string_view value; elements.next(value);) all_at(value, steps.subspan(star + 1), found);
}

}  // namespace

JsonElements::JsonElements(std::string_view array) {
  if (!array.empty() && array[0] == '[') rest_ = array.substr(1);
}

bool JsonElements::next(std::string_view& element) {
  skip_space(rest_);
  if (rest_.empty() || rest_[0] == ']') return false;
  element = take_value(rest_);
  skip_space(rest_);
  if (!rest_.empty() && rest_[0] == ',') rest_.remove_prefix(1);
  return !element.empty();
}

NamedStep::NamedStep(std::string_view step) {
  if (const size_t equals = step.find('='); step.starts_with('#') && equals != step.npos)
    key = step.substr(1, equals - 1), name = step.substr(equals + 1);
}

void NamedElements::read(std::string_view array, std::string_view key) {
  array_ = array;
  key_ = key;
  rest_ = JsonElements(array);
  count_ = 0;
  Entry entry;
  while (count_ < kRememberedMax && rest_.next(entry.element))
    if (entry.name = member(entry.element, key); !entry.name.empty()) entries_[count_++] = entry;
}

std::string_view NamedElements::find(std::string_view array, const NamedStep& step) {
  if (array.data() != array_.data() || array.size() != array_.size() || step.key != key_) read(array, step.key);
  for (size_t i = 0; i < count_; ++i)
    if (is_text_of(entries_[i].name, step.name)) return entries_[i].element;
  return find_named(rest_, step);
}

std::string_view member_at(std::string_view json, const JsonPath& path) { return one_at(json, {path.steps, path.count}); }

std::string_view json_at(std::string_view json, const JsonPath& path, Arena& arena) {
  const std::span<const std::string_view> steps{path.steps, path.count};
  bool every = false;
  for (const std::string_view step : steps) every |= step == "#*";
  if (!every) return one_at(json, steps);
  // What is found are slices of `json` that do not overlap: with their commas they are no longer than it, and the brackets.
  Found found{arena.take(json.size() + 2)};
  if (!found.out) return {};
  found.out[found.size++] = '[';
  all_at(json, steps, found);
  if (found.size == 1) return arena.give_back(json.size() + 2), std::string_view{};
  found.out[found.size++] = ']';
  arena.give_back(json.size() + 2 - found.size);
  return {found.out, found.size};
}

}  // namespace penstock::packs
