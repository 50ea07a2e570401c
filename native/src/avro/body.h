// Avro datums of one HTTP body as JSON documents: prefixed frames (kernels/framing.h) in pieces that are handed over together.
#pragma once

#include <memory>
#include <unordered_map>

#include "avro/datum.h"
#include "kernels/json_split.h"

namespace penstock::avro {

struct BodyLimits {
  uint32_t piece_bytes;  ///< a piece is no larger, unless a single frame is
  uint32_t frame_bytes;  ///< of one document
  uint32_t bytes;        ///< of all frames
  uint32_t depth;
};

/// What a message begins with: Avro's single-object encoding (C3 01, fingerprint), or Confluent's wire format (00, id).
enum class Prefix : uint8_t { kFingerprint, kRegistryId };
inline constexpr size_t kFingerprintPrefixBytes = 10, kRegistryPrefixBytes = 5;

class Body {
 public:
  explicit Body(const BodyLimits& limits) : limits_(limits) {}

  /// A block of a container file: so many datums, and nothing behind them.
  Result block(const Plan& plan, std::string_view bytes, uint64_t count);

  /// Messages by that fingerprint (as a little-endian number) or id have this schema.
  void know(Prefix prefix, uint64_t schema, std::shared_ptr<const Plan> plan);
  /// Messages one after the other, from `offset` of `bytes` to its end. kUnknownSchema: `know` what `unknown` says and go on from offset().
  Result messages(std::string_view bytes, size_t offset);

  /// After anything but kOk: where in the bytes given the value begins that is wrong.
  size_t offset() const { return offset_; }
  Prefix unknown_prefix() const { return unknown_prefix_; }
  uint64_t unknown_schema() const { return unknown_schema_; }

  const frames::ByteBuffer& frames() const { return out_; }
  const std::vector<FramePiece>& pieces() const { return pieces_; }

 private:
  using Schemas = std::unordered_map<uint64_t, std::shared_ptr<const Plan>>;

  Result datum(const Plan& plan, const uint8_t*& at, const uint8_t* end);
  Schemas& schemas_of(Prefix prefix) { return schemas_[static_cast<size_t>(prefix)]; }

  BodyLimits limits_;
  frames::ByteBuffer out_;
  std::vector<FramePiece> pieces_;
  Schemas schemas_[2];
  size_t offset_ = 0;
  Prefix unknown_prefix_ = Prefix::kFingerprint;
  uint64_t unknown_schema_ = 0;
};

}  // namespace penstock::avro
