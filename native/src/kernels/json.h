// JSON objects into events: every field kept, nested objects flattened to dotted names.
// The rules, field by field: adapters/formats/json/README.md.
#pragma once

#include "kernels/event.h"

namespace penstock {

inline constexpr uint32_t kJsonDepthMax = 1024;

struct JsonOptions {
  uint32_t max_depth = 64;  ///< objects and arrays within each other; at most kJsonDepthMax
};

/// Which implementation reads documents: the processor's best; what any processor of its kind has for those that are known; or the portable
/// one, to which none is known (the tests' oracle).
enum class JsonIsa : uint8_t { kBest, kBaseline, kPortable };

/// Names that somebody asks for.
class JsonWantedNames {
 public:
  virtual bool has(std::string_view dotted_name) const = 0;

 protected:
  ~JsonWantedNames() = default;
};

/// One JSON parser per thread (simdjson keeps buffers of the largest document seen).
class JsonParser {
 public:
  explicit JsonParser(uint32_t max_message_bytes, JsonIsa isa = JsonIsa::kBest);
  ~JsonParser();
  /// Parses one document. Never fails: what is not well-formed is noted and the event keeps the raw bytes as its
  /// message. `document` may be read kPadding bytes past its end. Dotted names that ECS knows and whose value fits its
  /// type become typed fields; all else becomes attributes. `@timestamp` (RFC 3339 or epoch) becomes the timestamp,
  /// `message` the message.
  /// Views of the event point into `document` and `arena`.
  void parse(std::string_view document, const JsonOptions& options, Arena& arena, Event& event);
  /// Adds the fields of an object that stands within the event, such as in a syslog message; `@timestamp` becomes the event's, `message`
  /// an attribute of that name. False: it is not a well-formed object, and the event is as it was.
  bool parse_into(std::string_view document, const JsonOptions& options, Arena& arena, Event& event);
  /// From now on `met_wanted` tells of these names; they outlive this object or the next call. nullptr: of none.
  void want(const JsonWantedNames* wanted);
  /// Whether the document that was read last has a wanted name.
  bool met_wanted() const;
  /// Any JSON text (RFC 8259), not only objects: kNone when it is well-formed, else why not.
  Problem validate(std::string_view document, const JsonOptions& options);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
