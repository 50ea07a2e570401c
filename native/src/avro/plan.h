// A writer's Avro schema as a plan: nodes, each a type, compiled by adapters/sources/http/avro/compile.ts and checked here once.
//
//   u32 magic, version, nodes, list words, string bytes | nodes × (op, a, b) | list words | string bytes
//
// The first node is the schema itself. Little-endian, as the machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::avro {

inline constexpr uint32_t kPlanMagic = 0x4f525641;
inline constexpr uint32_t kPlanVersion = 1;

/// What a node is; its arguments. native/avro.ts has the same list.
enum class Op : uint32_t {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBytes,
  kString,
  kFixed,          ///< a: bytes
  kEnum,           ///< list at a, b symbols: text as JSON
  kArray,          ///< a: node of the items
  kMap,            ///< a: node of the values
  kUnion,          ///< list at a, b branches: node, never a union
  kRecord,         ///< list at a, b fields: text (the name as JSON with its colon, and the comma before it), node
  kDate,
  kTimeMillis,
  kTimeMicros,
  kTimestampMillis,
  kTimestampMicros,
  kTimestampNanos,
  kLocalMillis,
  kLocalMicros,
  kLocalNanos,
  kDecimalBytes,   ///< b: scale
  kDecimalFixed,   ///< a: bytes, b: scale
  kUuidFixed,
  kDuration,
  kCount,
};

/// A decimal of a larger scale is bytes.
inline constexpr uint32_t kScaleMax = 128;

struct Node {
  Op op;
  uint32_t a, b;
};

class Plan {
 public:
  /// Takes a copy. False: `error` says what is wrong with it, and nothing else may be asked.
  bool load(const uint8_t* data, size_t size, std::string& error);

  const Node& node(uint32_t index) const { return nodes_[index]; }
  const uint32_t* list(uint32_t at) const { return lists_.data() + at; }
  /// Of two words: offset, size.
  std::string_view text(const uint32_t* at) const { return {strings_.data() + at[0], at[1]}; }

 private:
  bool check(const Node& node) const;
  bool is_text(const uint32_t* at) const { return uint64_t{at[0]} + at[1] <= strings_.size(); }
  bool is_list(const Node& node, uint32_t words) const { return node.a + uint64_t{node.b} * words <= lists_.size(); }

  std::vector<Node> nodes_;
  std::vector<uint32_t> lists_;
  std::string strings_;
};

}  // namespace penstock::avro
