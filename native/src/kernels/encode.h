// LogEvent: event → protobuf bytes or ECS JSON text, and back. The message is schema/log_event.proto.
#pragma once

#include "kernels/event.h"

namespace penstock {

/// Bytes encode_log_event will write. Fields of default value are written too (presence is kept).
size_t log_event_size(const Event& event);
/// At least log_event_size(event), by a little more and at little cost.
size_t log_event_size_max(const Event& event);
/// Writes exactly log_event_size(event) bytes at `out`, which has kPadding spare bytes after them (the encoder may
/// overwrite those). Returns the end.
uint8_t* encode_log_event(const Event& event, uint8_t* out);

/// Upper bound of what encode_json_event writes, its overwrite past the end included.
size_t json_event_size_max(const Event& event);
/// ECS JSON, one object, dotted names as nested objects where no conflict arises; see schema/README.md. Returns the end.
uint8_t* encode_json_event(const Event& event, uint8_t* out);

/// Upper bound of what encode_avro_event writes.
size_t avro_event_size_max(const Event& event);
/// Avro binary of schema/log_event.avsc, without a header. Returns the end.
uint8_t* encode_avro_event(const Event& event, uint8_t* out);

/// Upper bound of what encode_msgpack_event writes, its overwrite past the end included.
size_t msgpack_event_size_max(const Event& event);
/// MessagePack: the object that encode_json_event writes, with dates, bytes and the id as what they are. Returns the end.
uint8_t* encode_msgpack_event(const Event& event, uint8_t* out);

/// Upper bound of what encode_ocsf_event writes, its overwrite past the end included.
size_t ocsf_event_size_max(const Event& event);
/// OCSF as JSON, one object (docs/reference/ocsf.md). Returns the end.
uint8_t* encode_ocsf_event(const Event& event, uint8_t* out);
/// Decodes protobuf bytes into `event` (views into `bytes`, which may be read kPadding bytes past their end when the event
/// is encoded again; what spans imply lasts until the thread's next call). Spans are resolved: the event is the one that was
/// encoded, whichever the encoding. Unknown fields are skipped. False when the bytes are not a LogEvent (malformed, text that
/// is not UTF-8, a span that does not fit, more fields than an Event holds): never crashes.
bool decode_log_event(std::string_view bytes, Event& event);

/// As `decode_log_event`, for what encode_avro_event wrote: all of `bytes`, by the schema of this version.
bool decode_avro_event(std::string_view bytes, Event& event);

}  // namespace penstock
