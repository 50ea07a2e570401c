#include "kernels/json_steps.h"

#include <algorithm>
#include <bitset>
#include <functional>

namespace penstock {

JsonSteps::JsonSteps() {
  for (size_t i = 0; i < kRoots; ++i) roots_[i].to = root_ways_[i].from = kRoot | i;
}

JsonSteps::Way& JsonSteps::way_of(uint16_t place, uint64_t name) {
  if (name >= kRoot) return root_ways_[name % kRoots];
  Way& way = ways_[place];
  if (way.from != name) way = {name, {}};
  return way;
}

JsonStep* JsonSteps::find(JsonStep& before, const char* p, const char* end) {
  const Way& way = way_of(before.names == 0 ? 0 : before.places[before.names - 1], before.to);
  for (const uint16_t slot : way.steps) {
    JsonStep& step = steps_[slot];
    if (step.from != before.to || !is(step, p, end)) continue;
    // Where an object with members begins, another step goes on into it.
    if (!step.last && p[step.text_size] == '{' && p[step.text_size + 1] != '}') continue;
    if (before.next != slot) changes(before);
    before.next = slot;
    return &step;
  }
  return nullptr;
}

void JsonSteps::look_for_fields(JsonStep& root) {
  std::bitset<static_cast<size_t>(EcsField::kCount)> fields;
  for (const JsonStep* step = &next(root); !step->last; step = &next(*step)) {
    if (step->target.field == EcsField::kUnknown) continue;
    if (fields.test(static_cast<size_t>(step->target.field))) return;
    fields.set(static_cast<size_t>(step->target.field));
  }
  JsonStep* step = &root;
  for (; !step->last; step = &steps_[step->next]) step->flags |= JsonStep::kPlain;
  step->flags |= JsonStep::kPlain;
  straights_[&root - roots_].plain = changes_;
}

void JsonSteps::learn_document(std::string_view document, const JsonNames& names) {
  if (worth_->pause != 0) return;
  if (!steps_) {
    steps_.reset(new JsonStep[kSteps]);
    ways_.reset(new Way[JsonNames::kPlaces]);
  }
  if (age_ != names.age()) {
    forget();
    age_ = names.age();
  }
  way_ = &root_ways_[root_of(document)];
  document_ = document;
  end_ = document.data();
  step_.names = 0;
  step_.flags = 0;
  learning_ = whole_ = true;
}

void JsonSteps::pass(const JsonName& name, uint16_t place, bool kept, std::string_view key) {
  // A key that holds escapes is no slice of the document: it takes room of the arena each time.
  const bool slice = std::less_equal<const char*>()(end_, key.data()) && std::less<const char*>()(key.data(), document_.data() + document_.size());
  if (!kept || !slice || step_.names == JsonStep::kNamesMax) {
    whole_ = false;
    return;
  }
  step_.to = name.id;
  step_.target = name.target;
  step_.places[step_.names] = place;
  step_.ids[step_.names++] = name.id;
  if (name.target.role == JsonTarget::kDotted) step_.flags |= JsonStep::kDottedKey;
}

void JsonSteps::learn(const char* value, std::string_view key, bool wanted, std::string_view prefix, uint32_t depth) {
  const bool fits = depth <= UINT8_MAX && prefix.size() <= JsonStep::kPrefixMax;
  if (whole_ && fits && static_cast<size_t>(value - end_) <= JsonStep::kTextMax) {
    step_.key_at = static_cast<uint8_t>(key.data() - end_);
    step_.key_size = static_cast<uint8_t>(key.size());
    step_.depth = static_cast<uint8_t>(depth);
    if (depth > 1) step_.flags |= JsonStep::kNested;
    if (wanted) step_.flags |= JsonStep::kWanted;
    step_.last = false;
    step_.prefix_size = static_cast<uint8_t>(prefix.size());
    std::memcpy(step_.prefix, prefix.data(), prefix.size());
    step_.name_size = 0;
    if (prefix.size() + key.size() <= JsonStep::kPrefixMax) {
      std::memcpy(step_.prefix + prefix.size(), key.data(), key.size());
      step_.name_size = static_cast<uint8_t>(prefix.size() + key.size());
    }
    remember(value);
  }
  // What follows begins at this value, if its name has a place.
  whole_ = whole_ && step_.names != 0;
  if (whole_) way_ = &way_of(step_.places[step_.names - 1], step_.to);
  step_.names = 0;
  step_.flags = 0;
}

void JsonSteps::learn_end() {
  const char* const end = document_.data() + document_.size();
  if (!whole_ || static_cast<size_t>(end - end_) > JsonStep::kTextMax) return;
  step_.last = true;
  remember(end);
}

void JsonSteps::remember(const char* to) {
  step_.from = way_->from;
  step_.text_size = static_cast<uint8_t>(to - end_);
  std::memcpy(step_.text, end_, step_.text_size);
  size_t place = 0;
  for (; place + 1 < way_->steps.size(); ++place) {  // where the same bytes were, or the place that was not asked for longest
    const JsonStep& other = steps_[way_->steps[place]];
    if (other.from == step_.from && other.last == step_.last && other.text_size == step_.text_size &&
        std::memcmp(other.text, step_.text, step_.text_size) == 0)
      break;
  }
  JsonStep& last = steps_[way_->steps[place]];
  const bool again = last.from == step_.from && last.last == step_.last && last.text_size == step_.text_size &&
                     std::memcmp(last.text, step_.text, step_.text_size) == 0;
  const auto slot = again ? way_->steps[place] : static_cast<uint16_t>(cursor_++ % kSteps);
  changes(steps_[slot]);
  steps_[slot] = step_;
  steps_[slot].next = 0;
  std::copy_backward(way_->steps.begin(), way_->steps.begin() + static_cast<std::ptrdiff_t>(place),
                     way_->steps.begin() + static_cast<std::ptrdiff_t>(place) + 1);
  way_->steps[0] = slot;
}

void JsonSteps::forget() {
  learning_ = false;
  for (Worth& worth : worths_) worth = Worth{};
  ++changes_;
  if (!steps_) return;
  for (size_t i = 0; i < kSteps; ++i) steps_[i].from = 0;
}

}  // namespace penstock
