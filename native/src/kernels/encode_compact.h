// Encoding "compact": a LogEvent whose values that stand in event.original are spans of it instead of copies.
// The bytes: docs/reference/compact.md. An event without its original is encoded as log_event_size and encode_log_event do.
#pragma once

#include <memory>

#include "kernels/event.h"

namespace penstock {

/// Forms of a span; the number in the message is field number * 2 + form.
enum class SpanForm : uint8_t {
  kPlain = 0,    ///< text as it stands; an integer's decimal digits
  kDerived = 1,  ///< attrs: JSON text; log.syslog.structured_data: RFC 5424's; log.syslog.priority: and what follows from it
};

/// At least what CompactEncoder::encode writes, by a little more.
size_t compact_event_size_max(const Event& event);

/// Reused from event to event.
class CompactEncoder {
 public:
  CompactEncoder();
  /// Writes at `out`, which has kPadding spare bytes after compact_event_size_max(event) (the encoder may overwrite those).
  /// Returns the end.
  uint8_t* encode(const Event& event, uint8_t* out);

 private:
  const std::unique_ptr<uint8_t[]> spans_;  ///< the values of `spans`: written last, for their size is known last
};

}  // namespace penstock
