#include "avro/plan.h"

#include <cstring>

namespace penstock::avro {

bool Plan::load(const uint8_t* data, size_t size, std::string& error) {
  constexpr size_t kHeadWords = 5, kNodeWords = 3;
  uint32_t head[kHeadWords];
  error = "is no plan of an Avro schema";
  if (size < sizeof head) return false;
  std::memcpy(head, data, sizeof head);
  const auto [magic, version, nodes, words, string_bytes] = head;
  if (magic != kPlanMagic || version != kPlanVersion || nodes == 0) return false;
  if (sizeof head + uint64_t{nodes} * kNodeWords * 4 + uint64_t{words} * 4 + string_bytes != size) return false;
  const uint8_t* at = data + sizeof head;
  nodes_.resize(nodes);
  for (Node& node : nodes_) {
    uint32_t node_words[kNodeWords];
    std::memcpy(node_words, at, sizeof node_words);
    node = {static_cast<Op>(node_words[0]), node_words[1], node_words[2]};
    at += sizeof node_words;
  }
  lists_.resize(words);
  if (words > 0) std::memcpy(lists_.data(), at, words * 4);
  strings_.assign(reinterpret_cast<const char*>(at + words * 4), string_bytes);
  for (const Node& node : nodes_)
    if (!check(node)) return false;
  error.clear();
  return true;
}

bool Plan::check(const Node& node) const {
  const auto is_node = [this](uint32_t index) { return index < nodes_.size(); };
  switch (node.op) {
    case Op::kArray:
    case Op::kMap: return is_node(node.a);
    case Op::kDecimalBytes:
    case Op::kDecimalFixed: return node.b <= kScaleMax;
    case Op::kEnum:
      if (!is_list(node, 2)) return false;
      for (uint32_t i = 0; i < node.b; ++i)
        if (!is_text(list(node.a) + 2 * i)) return false;
      return true;
    case Op::kUnion:
      if (!is_list(node, 1)) return false;
      for (uint32_t i = 0; i < node.b; ++i)
        if (!is_node(list(node.a)[i]) || nodes_[list(node.a)[i]].op == Op::kUnion) return false;
      return true;
    case Op::kRecord:
      if (!is_list(node, 3)) return false;
      for (uint32_t i = 0; i < node.b; ++i)
        if (!is_text(list(node.a) + 3 * i) || !is_node(list(node.a)[3 * i + 2])) return false;
      return true;
    default: return node.op < Op::kCount;
  }
}

}  // namespace penstock::avro
