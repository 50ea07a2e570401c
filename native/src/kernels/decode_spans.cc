#include "kernels/decode_spans.h"

#include "kernels/encode_compact.h"
#include "kernels/json_text.h"
#include "kernels/structured_data_text.h"
#include "kernels/syslog_severity.h"
#include "kernels/utf8.h"
#include "kernels/wire.h"

namespace penstock {
namespace {

constexpr size_t kNumbersMax = 3 * 65536;  ///< of one message: far more than an Event has fields

/// Canonical: what the writer's digits were made of, so that they say the same.
bool digits_value(std::string_view digits, int64_t& value) {
  if (digits.empty() || digits.size() > 18 || (digits[0] == '0' && digits.size() > 1)) return false;
  value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  return true;
}

bool utf8(std::string_view text) { return utf8_valid_prefix(text.data(), text.size()) == text.size(); }

/// The numbers of `spans`, packed or one by one, and the original (the last one counts, as everywhere in protobuf).
bool collect(std::string_view bytes, std::vector<uint64_t>& numbers, std::string_view& original) {
  wire::Reader in(bytes);
  while (!in.done()) {
    uint32_t number, type;
    uint64_t value;
    if (!in.tag(number, type)) return false;
    if (number == static_cast<uint32_t>(LogEventNumber::kEventOriginal) && type == wire::kBytes) {
      if (!in.bytes(original)) return false;
    } else if (number == static_cast<uint32_t>(LogEventNumber::kSpans) && type == wire::kBytes) {
      std::string_view packed;
      if (!in.bytes(packed)) return false;
      wire::Reader elements(packed);
      while (!elements.done()) {
        if (!elements.varint(value) || numbers.size() == kNumbersMax) return false;
        numbers.push_back(value);
      }
    } else if (number == static_cast<uint32_t>(LogEventNumber::kSpans) && type == wire::kVarint) {
      if (!in.varint(value) || numbers.size() == kNumbersMax) return false;
      numbers.push_back(value);
    } else if (!in.skip(type)) {
      return false;
    }
  }
  return true;
}

}  // namespace

SpanDecoder& SpanDecoder::of_thread() {
  thread_local SpanDecoder decoder;
  return decoder;
}

bool SpanDecoder::begin(std::string_view bytes, Event& event) {
  values_.clear();
  slices_.clear();
  references_.clear();
  structured_data_.clear();
  std::string_view original;
  if (!collect(bytes, values_, original) || values_.size() % 3 != 0) return false;
  uint32_t end = 0;
  for (size_t i = 0; i < values_.size(); i += 3) {
    const uint64_t key = values_[i], gap = values_[i + 1], length = values_[i + 2];
    if ((key | gap | length) > UINT32_MAX) return false;
    const uint32_t offset = end + static_cast<uint32_t>(gap);  // modulo 2^32
    if (offset > original.size() || length > original.size() - offset) return false;
    end = offset + static_cast<uint32_t>(length);
    if (!add(key, original.substr(offset, length), event)) return false;
  }
  return true;
}

bool SpanDecoder::add(uint64_t key, std::string_view text, Event& event) {
  const uint64_t number = key >> 1;
  const bool derived = (key & 1) != 0;
  if (number == static_cast<uint64_t>(LogEventNumber::kMessage)) {
    if (derived) return true;
    return utf8(text) && (event.message = text, true);
  }
  if (number == static_cast<uint64_t>(LogEventNumber::kAttrs)) return slices_.push_back(text), true;
  // A newer writer's: skipped, as fields of unknown number are.
  if (number >= kEcsNumberEnd || kEcsFieldByNumber[number] == 0xffff) return true;
  const auto field = static_cast<EcsField>(kEcsFieldByNumber[number]);
  const EcsType type = kEcsFields[static_cast<size_t>(field)].type;
  if (derived) {
    if (field == EcsField::kLogSyslogPriority) return add_priority(text, event);
    if (field != EcsField::kLogSyslogStructuredData) return true;
    // One event has one; a second would move the first one's text.
    if (!structured_data_.empty() || !utf8(text)) return false;
    if (!append_plain_structured_data(text, structured_data_)) return false;
    const size_t size = structured_data_.size();
    structured_data_.append(kPadding, '\0');
    return event.add_decoded(field, Value::of_json({structured_data_.data(), size}));
  }
  if (type == EcsType::kInt) {
    int64_t value;
    return digits_value(text, value) && event.add_decoded(field, Value::of_int(value));
  }
  if (type > EcsType::kJson) return true;
  if (!utf8(text)) return false;
  return event.add_decoded(field, type == EcsType::kJson && is_json_text(text) ? Value::of_json(text) : Value::of_string(text));
}

bool SpanDecoder::add_priority(std::string_view digits, Event& event) {
  int64_t value;
  if (!digits_value(digits, value) || value > 191) return false;
  return event.add_decoded(EcsField::kLogSyslogPriority, Value::of_int(value)) &&
         event.add_decoded(EcsField::kLogSyslogFacilityCode, Value::of_int(value >> 3)) &&
         event.add_decoded(EcsField::kLogSyslogSeverityCode, Value::of_int(value & 7)) &&
         event.add_decoded(EcsField::kLogLevel, Value::of_string(kSeverityNames[value & 7]));
}

bool SpanDecoder::finish(Event& event) {
  for (const Reference& reference : references_) {
    if (reference.index >= slices_.size()) return false;
    const std::string_view text = slices_[reference.index];
    if (!utf8(text)) return false;
    event.set_attr(reference.attr, reference.json && is_json_text(text) ? Value::of_json(text) : Value::of_string(text));
  }
  return true;
}

}  // namespace penstock
