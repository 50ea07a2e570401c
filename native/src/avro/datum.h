// One Avro datum → one JSON document. Avro 1.12, "Binary Encoding". What becomes what: adapters/sources/http/README.md.
#pragma once

#include "avro/plan.h"
#include "frames/byte_buffer.h"

namespace penstock::avro {

enum class Result : uint8_t {
  kOk,
  kMalformed,      ///< ends early, or holds what its schema does not allow
  kTooDeep,        ///< more containers within each other than `depth`
  kDocumentTooLarge,
  kTooLarge,       ///< all documents together
  kUnknownSchema,
};

struct DatumLimits {
  uint32_t document_bytes;  ///< of one document
  uint32_t depth;           ///< of containers (records, arrays, maps) within each other
};

/// Appends the JSON of the datum at `at`, which moves behind it. After another result than kOk what was appended is to be cut off, and
/// `at` is where the value begins that is wrong. Time and memory are bounded by `document_bytes`: every value writes a byte or more.
Result put_datum(const Plan& plan, const DatumLimits& limits, const uint8_t*& at, const uint8_t* end, frames::ByteBuffer& out);

}  // namespace penstock::avro
