// Event → protobuf. Sizes first, exactly; then every field straight at its place.
//
// Field order: created, id, timestamp, peer, original, message, fields as parsed, attributes, marks. What repeats from
// event to event is adjacent, and what is copied from the original follows it: that is what zstd compresses best
// (schema/README.md has the figures). Protobuf leaves the order free.
#include "kernels/encode.h"

#include "kernels/log_event_writer.h"
#include "kernels/syslog_severity.h"

namespace penstock {

using namespace log_event;

namespace {

/// The four fields that a priority says, encoded: nearly every syslog message has them, and there are 192.
struct Priorities {
  struct Ready {
    uint8_t bytes[32];
    uint8_t size;
  };
  Ready all[192];

  Priorities() {
    for (int value = 0; value < 192; ++value) {
      uint8_t bytes[64] = {};
      Writer writer(bytes);
      const auto number = [&](EcsField field, int64_t i) {
        writer.field_tag(field_info(field).tag);
        writer.varint(static_cast<uint64_t>(i));
      };
      number(EcsField::kLogSyslogPriority, value);
      number(EcsField::kLogSyslogFacilityCode, value >> 3);
      number(EcsField::kLogSyslogSeverityCode, value & 7);
      writer.field_tag(field_info(EcsField::kLogLevel).tag);
      writer.literal(kSeverityNames[value & 7]);
      const auto size = static_cast<size_t>(writer.end() - bytes);
      all[value].size = size <= sizeof all[value].bytes ? static_cast<uint8_t>(size) : 0;
      std::memcpy(all[value].bytes, bytes, sizeof all[value].bytes);
    }
  }
};
const Priorities kPriorities;

}  // namespace

size_t log_event_size(const Event& event) {
  size_t size = kHeadBytes;
  if (!event.peer.empty()) size += 1 + wire::text_size(event.peer.size());
  if (event.keep_original) size += 1 + wire::text_size(event.original.size());
  if (event.message.data()) size += 1 + wire::text_size(event.message.size());
  const FieldEntry* fields = event.fields();
  for (size_t i = 0, n = event.field_count(); i < n; ++i) size += entry_size(fields[i]);
  size += event.encoded.size();
  const AttrEntry* attrs = event.attrs();
  for (size_t i = 0, n = event.attr_count(); i < n; ++i) {
    size += 1 + wire::text_size(attr_size(attrs[i]));
  }
  if (event.problems != 0) size += marks_size(event);
  return size;
}

size_t log_event_size_max(const Event& event) {
  constexpr size_t kText = 1 + 5;                         // tag and length, besides the bytes
  constexpr size_t kField = 4 + 10;                       // tag, and length or number
  constexpr size_t kAttr = kText + kText + kText + 1 + 9;  // entry, name, value, and the value's own field
  const size_t members = 9 + 2 + kEventIdBytes + 9 + 3 * kText + event.peer.size() + event.message.size() +
                         (event.keep_original ? event.original.size() : 0);
  return members + event.field_count() * kField + event.attr_count() * kAttr + event.text_bytes() +
         event.encoded.size() + (event.problems != 0 ? marks_size(event) : 0);
}

uint8_t* encode_log_event(const Event& event, uint8_t* out) {
  Writer writer(event, write_head(event, out));
  if (!event.peer.empty()) writer.byte(kPeerTag), writer.text(event.peer);
  if (event.keep_original) writer.byte(kOriginalTag), writer.text(event.original);
  if (event.message.data()) writer.byte(kMessageTag), writer.text(event.message);
  const FieldEntry* fields = event.fields();
  size_t i = 0;
  if (event.first_priority >= 0 && (event.encoded.empty() || event.encoded_at >= 4)) {
    const Priorities::Ready& ready = kPriorities.all[event.first_priority];
    writer.ready(ready.bytes, ready.size);
    i = ready.size != 0 ? 4 : 0;
  }
  if (!event.encoded.empty()) {
    for (; i < event.encoded_at; ++i) writer.entry(fields[i]);
    writer.raw(reinterpret_cast<const uint8_t*>(event.encoded.data()), event.encoded.size());
  }
  for (const size_t n = event.field_count(); i < n; ++i) writer.entry(fields[i]);
  const AttrEntry* attrs = event.attrs();
  for (size_t at = 0, n = event.attr_count(); at < n; ++at) writer.attr(attrs[at]);
  if (event.problems != 0) writer.marks(event);
  return writer.end();
}

}  // namespace penstock
