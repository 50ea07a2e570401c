#include "avro/body.h"

#include <algorithm>

namespace penstock::avro {
namespace {

constexpr size_t kFrameHead = 4;

const uint8_t* bytes_of(std::string_view bytes) { return reinterpret_cast<const uint8_t*>(bytes.data()); }

}  // namespace

Result Body::datum(const Plan& plan, const uint8_t*& at, const uint8_t* end) {
  const size_t begin = out_.size(), left = limits_.bytes - std::min<size_t>(begin, limits_.bytes);
  if (left < kFrameHead) return Result::kTooLarge;
  out_.room(kFrameHead);
  out_.used(kFrameHead);
  const auto most = static_cast<uint32_t>(std::min<size_t>(limits_.frame_bytes, left - kFrameHead));
  Result result = put_datum(plan, {most, limits_.depth}, at, end, out_);
  if (result != Result::kOk) {
    out_.cut(begin);
    return result == Result::kDocumentTooLarge && most < limits_.frame_bytes ? Result::kTooLarge : result;
  }
  const auto size = static_cast<uint32_t>(out_.size() - begin - kFrameHead);
  std::memcpy(out_.data() + begin, &size, kFrameHead);
  if (pieces_.empty() || out_.size() - pieces_.back().begin > limits_.piece_bytes)
    pieces_.push_back({static_cast<uint32_t>(begin), 0, 0});
  pieces_.back().end = static_cast<uint32_t>(out_.size());
  ++pieces_.back().count;
  return Result::kOk;
}

Result Body::block(const Plan& plan, std::string_view bytes, uint64_t count) {
  const uint8_t *at = bytes_of(bytes), *const begin = at, *const end = at + bytes.size();
  for (; count > 0; --count) {
    const Result result = datum(plan, at, end);
    offset_ = static_cast<size_t>(at - begin);
    if (result != Result::kOk) return result;
  }
  offset_ = static_cast<size_t>(at - begin);
  return at == end ? Result::kOk : Result::kMalformed;
}

void Body::know(Prefix prefix, uint64_t schema, std::shared_ptr<const Plan> plan) { schemas_of(prefix)[schema] = std::move(plan); }

Result Body::messages(std::string_view bytes, size_t offset) {
  const uint8_t *const begin = bytes_of(bytes), *const end = begin + bytes.size(), *at = begin + std::min(offset, bytes.size());
  while (at < end) {
    offset_ = static_cast<size_t>(at - begin);
    const std::string_view left = bytes.substr(offset_);
    Prefix prefix;
    uint64_t schema = 0;
    if (left.size() >= kFingerprintPrefixBytes && left.starts_with("\xc3\x01")) {
      prefix = Prefix::kFingerprint;
      std::memcpy(&schema, at + 2, 8);
      at += kFingerprintPrefixBytes;
    } else if (left.size() >= kRegistryPrefixBytes && left[0] == 0) {
      prefix = Prefix::kRegistryId;
      schema = uint64_t{at[1]} << 24 | uint64_t{at[2]} << 16 | uint64_t{at[3]} << 8 | at[4];
      at += kRegistryPrefixBytes;
    } else {
      return Result::kMalformed;
    }
    const auto found = schemas_of(prefix).find(schema);
    if (found == schemas_of(prefix).end()) {
      unknown_prefix_ = prefix;
      unknown_schema_ = schema;
      return Result::kUnknownSchema;
    }
    const Result result = datum(*found->second, at, end);
    offset_ = static_cast<size_t>(at - begin);
    if (result != Result::kOk) return result;
  }
  return Result::kOk;
}

}  // namespace penstock::avro
