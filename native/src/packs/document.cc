#include "packs/document.h"

#include <algorithm>

#include "packs/growth.h"
#include "packs/json_text.h"

namespace penstock::packs {
namespace {

std::string_view from_brace(std::string_view text) {
  const size_t at = text.find('{');
  return at == text.npos ? std::string_view() : text.substr(at);
}

/// Elements of the array, counted no further than one beyond `most`.
size_t count_elements(std::string_view array, size_t most) {
  JsonElements elements(array);
  size_t count = 0;
  for (std::string_view element; count <= most && elements.next(element);) ++count;
  return count;
}

}  // namespace

bool Document::open(const Plan& plan, uint32_t pack, Event& event, bool json, uint32_t elements_max) {
  const PackRow& row = plan.packs()[pack];
  if (row.split_count == 0) return false;
  JsonPath path;
  for (const ListRow& step : plan.lists().subspan(row.split_first, row.split_count)) {
    if (path.count == JsonPath::kStepsMax) return false;
    path.steps[path.count++] = plan.text(step.value);
  }
  std::string_view array = member_at(from_brace(json ? event.original : event.message), path);
  // A forwarder has put it into JSON of its own.
  within_ = json && array.empty();
  if (within_) array = member_at(json_text_of(event.message), path);
  if (array.empty() || array[0] != '[') return false;
  const size_t count = count_elements(array, elements_max);
  if (count == 0) return false;
  if (count > elements_max || !keep_context(event, json, count)) return event.note(Problem::kDocumentWhole, 0), false;
  elements_ = JsonElements(array);
  element_pack_ = row.split_pack == kNone ? kAnyPack : row.split_pack;
  return true;
}

bool Document::keep_context(const Event& event, bool json, size_t count) {
  if (event.field_count() > kContextEntriesMax || event.attr_count() > kContextEntriesMax) return false;
  if (json && !within_ && !event.message.empty()) return false;  // it would be nobody's
  field_count_ = event.field_count();
  std::copy_n(event.fields(), field_count_, fields_);
  // The document itself may be one of them.
  const auto is_message = [&](const AttrEntry& attr) { return within_ && attr.value.text.data() == event.message.data(); };
  attr_count_ = static_cast<size_t>(std::remove_copy_if(event.attrs(), event.attrs() + event.attr_count(), attrs_, is_message) - attrs_);
  size_t bytes = 0;
  for (size_t i = 0; i < field_count_; ++i) bytes += fields_[i].value.text.size();
  for (size_t i = 0; i < attr_count_; ++i) bytes += attrs_[i].name.size() + attrs_[i].value.text.size();
  timestamp_ns_ = event.timestamp_ns;
  has_timestamp_ = event.has_timestamp;
  return bytes <= kContextBytesMax && !grows_too_much(count * bytes, event.original.size());
}

void Document::give(Event& element) const {
  const size_t own_fields = element.field_count(), own_attrs = element.attr_count();
  for (size_t i = 0; i < field_count_; ++i) {
    const auto end = element.fields() + own_fields;
    if (std::none_of(element.fields(), end, [&](const FieldEntry& own) { return own.field == fields_[i].field; }))
      element.add(fields_[i].field, fields_[i].value);
  }
  for (size_t i = 0; i < attr_count_; ++i) {
    const auto end = element.attrs() + own_attrs;
    if (std::none_of(element.attrs(), end, [&](const AttrEntry& own) { return own.name == attrs_[i].name; }))
      element.add_attr(attrs_[i].name, attrs_[i].value);
  }
  if (element.has_timestamp || !has_timestamp_) return;
  element.has_timestamp = true;
  element.timestamp_ns = timestamp_ns_;
}

}  // namespace penstock::packs
