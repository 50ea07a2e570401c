// One pass: what is copied goes straight to its place, spans go aside and follow.
#include "kernels/encode_compact.h"

#include "kernels/log_event_writer.h"
#include "kernels/syslog_severity.h"

namespace penstock {

using namespace log_event;

namespace {

/// More are copied: as much as an ordinary event has, many times over.
constexpr size_t kSpansMax = 512;
constexpr size_t kSpanBytesMax = 3 + 5 + 5;
/// A shorter attribute costs as much as a span.
constexpr size_t kAttrBytesMin = 4;

constexpr uint32_t kSpansTag = static_cast<uint32_t>(LogEventNumber::kSpans) << 3 | wire::kBytes;

constexpr uint32_t key(uint32_t number, SpanForm form) { return number * 2 + static_cast<uint32_t>(form); }
constexpr uint32_t key(LogEventNumber number, SpanForm form = SpanForm::kPlain) {
  return key(static_cast<uint32_t>(number), form);
}

/// "<PRI>" begins the original, and the four fields that a syslog parser makes of it begin the fields.
size_t priority_digits(const Event& event) {
  if (event.field_count() < 4) return 0;
  const FieldEntry* f = event.fields();
  if (f[0].field != EcsField::kLogSyslogPriority || f[1].field != EcsField::kLogSyslogFacilityCode ||
      f[2].field != EcsField::kLogSyslogSeverityCode || f[3].field != EcsField::kLogLevel) {
    return 0;
  }
  const int64_t priority = f[0].value.i;
  if (priority < 0 || priority > 191 || f[1].value.i != priority >> 3 || f[2].value.i != (priority & 7) ||
      f[3].value.text != kSeverityNames[priority & 7]) {
    return 0;
  }
  char digits[3];
  size_t count = 0;
  if (priority >= 100) digits[count++] = static_cast<char>('0' + priority / 100);
  if (priority >= 10) digits[count++] = static_cast<char>('0' + priority / 10 % 10);
  digits[count++] = static_cast<char>('0' + priority % 10);
  const std::string_view original = event.original;
  const bool same = original.size() > count && original[0] == '<' && original.substr(1, count) == std::string_view(digits, count);
  return same ? count : 0;
}

/// Digits that say the value, and as a reader requires them.
bool says(std::string_view digits, int64_t value) {
  if (digits.empty() || digits.size() > 18 || (digits[0] == '0' && digits.size() > 1)) return false;
  int64_t said = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    said = said * 10 + (c - '0');
  }
  return said == value;
}

class Spans {
 public:
  Spans(const Event& event, uint8_t* out)
      : out_(out), frame_(event.original.data()), frame_size_(event.original.size()), end_(frame_) {}

  uint8_t* end() const { return out_; }
  bool full() const { return count_ >= kSpansMax; }
  bool slice(std::string_view text) const {
    return reinterpret_cast<uintptr_t>(text.data()) - reinterpret_cast<uintptr_t>(frame_) < frame_size_;
  }
  void add(uint32_t key, std::string_view text) {
    ++count_;
    out_ = wire::put_varint(out_, key);
    out_ = wire::put_varint(out_, static_cast<uint32_t>(text.data() - end_));  // modulo 2^32 when it lies before
    out_ = wire::put_varint(out_, text.size());
    end_ = text.data() + text.size();
  }
  /// A text of the original, or an integer whose digits stand there (Value::of_digits).
  bool stands(const FieldEntry& entry, EcsType type) const {
    if (!slice(entry.value.text)) return false;
    return is_text(type) || (type == EcsType::kInt && says(entry.value.text, entry.value.i));
  }
  uint32_t next_attr() { return attrs_++; }

  /// Copies come after spans: once an element of a field is copied, so are those that follow.
  bool allowed(EcsField field) const {
    if (full() || copied_count_ == kCopiedMax) return false;
    if ((copied_bits_ & bit(field)) == 0) [[likely]] return true;
    for (size_t i = 0; i < copied_count_; ++i) {
      if (copied_[i] == field) return false;
    }
    return true;
  }
  void copied(EcsField field) {
    copied_bits_ |= bit(field);
    if (copied_count_ < kCopiedMax) copied_[copied_count_++] = field;
  }

 private:
  static constexpr size_t kCopiedMax = 64;  // a pack sets some twenty

  /// Which fields may be among the copied: most are not, and need not be searched for.
  static uint64_t bit(EcsField field) { return uint64_t{1} << (static_cast<uint32_t>(field) & 63); }

  uint8_t* out_;
  const char* const frame_;
  const size_t frame_size_;
  const char* end_;
  size_t count_ = 0, copied_count_ = 0;
  uint32_t attrs_ = 0;
  uint64_t copied_bits_ = 0;
  EcsField copied_[kCopiedMax];
};

}  // namespace

size_t compact_event_size_max(const Event& event) {
  // A span takes no more than the field's own tag and length, in that bound, unless it is an attribute's.
  return log_event_size_max(event) + 2 * kSpanBytesMax + event.attr_count() * kSpanBytesMax;
}

CompactEncoder::CompactEncoder() : spans_(new uint8_t[kSpansMax * kSpanBytesMax + kPadding]) {}

uint8_t* CompactEncoder::encode(const Event& event, uint8_t* out) {
  if (!event.keep_original || event.original.size() > UINT32_MAX) return encode_log_event(event, out);
  Spans spans(event, spans_.get());
  Writer writer(event, write_head(event, out));
  if (!event.peer.empty()) writer.byte(kPeerTag), writer.text(event.peer);
  writer.byte(kOriginalTag), writer.text(event.original);

  const char* message = event.message.data();  // still to come
  if (message && !spans.slice(event.message)) {
    writer.byte(kMessageTag), writer.text(event.message);
    message = nullptr;
  }
  // In the order of the original: what lies between two spans is then the same few bytes in most events.
  const auto span = [&](uint32_t key, std::string_view text) {
    if (message && message < text.data() && !spans.full()) {
      spans.add(penstock::key(LogEventNumber::kMessage), event.message);
      message = nullptr;
    }
    spans.add(key, text);
  };

  const FieldEntry* fields = event.fields();
  size_t i = 0;
  if (const size_t digits = priority_digits(event)) {
    span(key(field_info(EcsField::kLogSyslogPriority).number, SpanForm::kDerived), event.original.substr(1, digits));
    i = 4;
  }
  for (const size_t n = event.field_count(); i < n; ++i) {
    const FieldEntry& entry = fields[i];
    const EcsFieldInfo& info = field_info(entry.field);
    if (spans.stands(entry, info.type)) {
      if (spans.allowed(entry.field)) {
        span(key(info.number, SpanForm::kPlain), entry.value.text);
        continue;
      }
    } else if (entry.field == EcsField::kLogSyslogStructuredData && event.structured_data.data() &&
               entry.value.text.data() == event.structured_data_json) {
      if (spans.allowed(entry.field)) {
        span(key(info.number, SpanForm::kDerived), event.structured_data);
        continue;
      }
    }
    if (is_text(info.type)) spans.copied(entry.field);
    writer.entry(entry);
  }
  const AttrEntry* attrs = event.attrs();
  for (size_t a = 0, n = event.attr_count(); a < n; ++a) {
    const ValueKind kind = attrs[a].value.kind;
    const std::string_view text = attrs[a].value.text;
    if ((kind == ValueKind::kString || kind == ValueKind::kJson) && text.size() >= kAttrBytesMin && spans.slice(text) &&
        !spans.full()) {
      const bool json = kind == ValueKind::kJson;
      span(key(LogEventNumber::kAttrs, json ? SpanForm::kDerived : SpanForm::kPlain), text);
      writer.attr_span(attrs[a].name, json ? kJsonSpan : kStringSpan, spans.next_attr());
      continue;
    }
    writer.attr(attrs[a]);
  }
  if (message && !spans.full()) {
    spans.add(key(LogEventNumber::kMessage), event.message);
  } else if (message) {
    writer.byte(kMessageTag), writer.text(event.message);
  }
  if (event.problems != 0) writer.marks(event);
  if (const size_t size = static_cast<size_t>(spans.end() - spans_.get()); size != 0) {
    writer.varint(kSpansTag);
    writer.varint(size);
    writer.raw(spans_.get(), size);
  }
  return writer.end();
}

}  // namespace penstock
