// Reading what encode_compact.h wrote: the spans of a LogEvent, and the attributes that refer to them.
#pragma once

#include <string>
#include <vector>

#include "kernels/event.h"

namespace penstock {

/// What outlives one decode: texts that spans imply, and the slices of attributes. Not on the event path.
class SpanDecoder {
 public:
  /// For this thread; what it holds lasts until the next begin().
  static SpanDecoder& of_thread();

  /// Adds the fields that `bytes`, a LogEvent, has as spans of its event_original. False when the spans are malformed, reach
  /// beyond the original or hold what their field cannot.
  bool begin(std::string_view bytes, Event& event);
  /// Attribute number `attr` of the event is the span `index` of attributes, as JSON or as text.
  void refer(size_t attr, uint64_t index, bool json) { references_.push_back({attr, index, json}); }
  /// Gives those attributes their values. False when a span is missing or is no text.
  bool finish(Event& event);

 private:
  struct Reference {
    size_t attr;
    uint64_t index;
    bool json;
  };
  bool add(uint64_t key, std::string_view text, Event& event);
  bool add_priority(std::string_view digits, Event& event);

  std::vector<uint64_t> values_;
  std::vector<std::string_view> slices_;  ///< spans of attributes
  std::vector<Reference> references_;
  std::string structured_data_;
};

}  // namespace penstock
