// Kafka records holding LogEvents → NDJSON, for `penstock tail`, `penstock query` and tests. Not on the event path.
#pragma once

#include <vector>

#include "kernels/event.h"

namespace penstock {

struct RecordsToJson {
  size_t consumed = 0;   ///< bytes of the input read; less than its size when the output limit was met
  uint64_t events = 0;   ///< lines written
  uint64_t errors = 0;   ///< records skipped because they hold no LogEvent; a damaged record ends the input and counts as one
};

/// Reads consecutive records of a RecordBatch v2 (uncompressed, without the batch header) from `records` (kPadding bytes
/// readable past the end) and appends one line of ECS JSON each to `out`. A value that is a JSON object (encoding "json") is
/// passed on. Stops after the record that made `out` exceed `bytes_max`.
RecordsToJson records_to_json(std::string_view records, size_t bytes_max, Event& event, std::vector<uint8_t>& out);

/// Appends one value as a line. False when it is neither a LogEvent nor a JSON object.
bool value_to_json(std::string_view value, Event& event, std::vector<uint8_t>& out);

}  // namespace penstock
