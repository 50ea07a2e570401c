// JSON objects into events: every field kept, nested objects flattened to dotted names.
#pragma once

#include "kernels/event.h"

namespace penstock {

struct JsonOptions {
  uint32_t max_depth = 64;
};

/// One JSON parser per thread (simdjson keeps buffers of the largest document seen).
class JsonParser {
 public:
  explicit JsonParser(uint32_t max_message_bytes);
  ~JsonParser();
  /// Parses one document. Never fails: what is not well-formed is noted and the event keeps the raw bytes as its message.
  /// `document` may be read kPadding bytes past its end. Dotted names that ECS knows and whose value fits its type become
  /// typed fields; all else becomes attributes. `@timestamp` (RFC 3339 or epoch) becomes the timestamp, `message` the message.
  void parse(std::string_view document, const JsonOptions& options, Arena& arena, Event& event);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
