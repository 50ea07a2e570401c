// The headers of a record: by which schema its value is, where it came from, how it is encoded, and why it was refused.
#pragma once

#include <string>
#include <string_view>

namespace penstock {

enum class Encoding : uint8_t { kProtobuf, kJson, kCompact, kFrames, kAvro, kMsgpack, kOcsf };

/// Of a record whose event does not fit its schema: where, and why, as its dead letter says it (engine/journal/dead-letter.ts).
inline constexpr std::string_view kReasonHeader = "penstock.dead_letter.message";

struct RecordHeaders {
  Encoding encoding;
  std::string_view schema;
  std::string_view source;
  std::string_view reason;  ///< empty: none
};

/// Encoded into `out`: count, then key and value each with its length.
void write_record_headers(const RecordHeaders& headers, std::string& out);

}  // namespace penstock
