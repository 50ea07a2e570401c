#include "packs/unwinding.h"

#include "packs/growth.h"
#include "packs/json_text.h"
#include "packs/stands_in.h"

namespace penstock::packs {
bool Unwinding::open(const Plan& plan, uint32_t pack, Event& event, bool json, uint32_t elements_max) {
  const PackRow& row = plan.packs()[pack];
  if (row.unwind_count == 0) return false;
  levels_ = 0;
  paths_[0].count = 0;
  for (const ListRow& step : plan.lists().subspan(row.unwind_first, row.unwind_count)) {
    const std::string_view key = plan.text(step.value);
    JsonPath& path = paths_[levels_];
    if (key == "#*") {
      if (++levels_ == kLevelsMax) return false;
      paths_[levels_].count = 0;
    } else {
      if (path.count == JsonPath::kStepsMax) return false;
      path.steps[path.count++] = key;
    }
  }
  ++levels_;  // the array that the path ends with
  text_ = event.original;
  object_ = json ? event.original : json_text_of(event.message);
  if (object_.empty() || !stands_in(object_, text_)) return false;

  begin();
  size_t count = 0, bytes = 0;
  for (std::string_view element; step(element); ++count) {
    bytes += element.size();
    for (size_t i = 0; i < depth_; ++i) bytes += stack_[i].before.size() + stack_[i].behind.size();
    if (count == elements_max || grows_too_much(bytes, text_.size())) return event.note(Problem::kDocumentWhole, 0), false;
  }
  if (count < 2) return false;
  begin();
  return true;
}

bool Unwinding::next(std::string_view& text) {
  std::string_view element;
  if (!step(element)) return false;
  joined_.clear();
  for (size_t i = 0; i < depth_; ++i) joined_.append(stack_[i].before);
  joined_.append(element);
  for (size_t i = depth_; i-- > 0;) joined_.append(stack_[i].behind);
  const size_t size = joined_.size();
  joined_.append(kPadding, '\0');
  text = {joined_.data(), size};
  return true;
}

void Unwinding::begin() {
  depth_ = 0;
  enter(text_, object_, 0);
}

/// Goes on with the array of `object`, a part of `text`, that the path of `level` leads to. False: there is none, or it is empty.
bool Unwinding::enter(std::string_view text, std::string_view object, size_t level) {
  const std::string_view array = member_at(object, paths_[level]);
  if (array.empty() || array[0] != '[') return false;
  std::string_view any;
  if (!JsonElements(array).next(any)) return false;
  const size_t begin = static_cast<size_t>(array.data() - text.data()) + 1, end = begin + array.size() - 2;
  stack_[depth_++] = {JsonElements(array), text.substr(0, begin), text.substr(end)};
  return true;
}

/// The next element of the innermost arrays. What has none of these is an element itself.
bool Unwinding::step(std::string_view& element) {
  while (depth_ > 0) {
    if (!stack_[depth_ - 1].elements.next(element)) {
      --depth_;
      continue;
    }
    if (depth_ == levels_ || !enter(element, element, depth_)) return true;
  }
  return false;
}

}  // namespace penstock::packs
