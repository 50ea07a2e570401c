#include "validation/schema.h"

#include <cstring>

#include "kernels/json_tokens.h"

namespace penstock::validation {
namespace {

constexpr size_t kHeaderWords = 6;
constexpr uint32_t kPartMax = 1 << 24;

}  // namespace

bool Schema::load(const uint8_t* data, size_t size, std::string& error) {
  error = "the plan of a schema is damaged";
  if (size < kHeaderWords * 4 || size % 4 != 0) return false;
  plan_.resize(size / 4);
  std::memcpy(plan_.data(), data, size);
  const uint32_t* const head = plan_.data();
  if (head[0] != kSchemaMagic || head[1] != kSchemaVersion) return false;
  nodes_ = head[2];
  word_count_ = head[3];
  string_bytes_ = head[4];
  const uint32_t patterns = head[5];
  if (nodes_ == 0 || nodes_ > kPartMax || word_count_ > kPartMax || patterns > kPartMax || string_bytes_ > 4 * kPartMax) return false;
  const size_t fixed = kHeaderWords + nodes_ + 1 + 2 * size_t{patterns} + word_count_;
  if (fixed + (string_bytes_ + 3) / 4 != plan_.size()) return false;
  node_at_ = head + kHeaderWords;
  const uint32_t* const pattern_at = node_at_ + nodes_ + 1;
  words_ = pattern_at + 2 * size_t{patterns};
  strings_ = reinterpret_cast<const char*>(words_ + word_count_);
  if (node_at_[0] != 0 || node_at_[nodes_] != word_count_) return false;
  patterns_.clear();
  for (uint32_t i = 0; i < patterns; ++i) {
    if (!is_text(pattern_at + 2 * i)) return false;
    packs::Regex regex;
    std::string reason;
    if (!regex.compile(text(pattern_at + 2 * i), reason)) return error = std::move(reason), false;
    patterns_.push_back(std::move(regex));
  }
  for (uint32_t node = 0; node < nodes_; ++node)
    if (!check_node(node)) return false;
  if (!hash_names()) return false;
  error.clear();
  return true;
}

// Of a text that is cut within a character, reasons would be no UTF-8.
bool Schema::is_text(const uint32_t* at) const {
  return uint64_t{at[0]} + at[1] <= string_bytes_ && JsonTokens::utf8_valid(text(at));
}

bool Schema::hash_names() {
  name_tables_.clear();
  for (uint32_t at = 0; at < word_count_;) {
    const uint32_t* const word = words_ + at;
    at += word[1];
    if (word[0] != static_cast<uint32_t>(Op::kProperties)) continue;
    const uint32_t* const properties = word + 4 + kPropertiesHead;
    std::vector<std::string_view> names;
    for (uint32_t k = 0; k < word[4 + 2]; ++k) names.push_back(text(properties + 4 * size_t{k}));
    NameTable table;
    if (!table.build(std::move(names))) return false;
    if (word[4 + 2] < kHashedFrom) continue;
    name_tables_.push_back(std::move(table));
    plan_[static_cast<size_t>(word - plan_.data()) + 4 + 4] = static_cast<uint32_t>(name_tables_.size());
  }
  return true;
}

bool Schema::check_node(uint32_t node) const {
  if (node_at_[node] > node_at_[node + 1] || node_at_[node + 1] > word_count_) return false;
  const uint32_t* end;
  for (const uint32_t* word = begin(node, end); word != end;) {
    const auto left = static_cast<size_t>(end - word);
    if (left < 4 || word[1] < 4 || word[1] > left || word[0] >= static_cast<uint32_t>(Op::kCount) || !is_text(word + 2)) return false;
    if (!check_args(next(word))) return false;
  }
  return true;
}

bool Schema::check_args(const Check& check) const {
  const uint32_t* const args = check.args;
  const uint32_t count = check.count;
  switch (check.op) {
    case Op::kNever: case Op::kUnique: return true;
    case Op::kType: case Op::kMinLength: case Op::kMaxLength: case Op::kMinItems: case Op::kMaxItems: case Op::kMinProperties:
    case Op::kMaxProperties: return count == 1;
    case Op::kMinimum: case Op::kMaximum: case Op::kAbove: case Op::kBelow: case Op::kMultipleOf: return count == 2;
    case Op::kFormat: return count == 1 && args[0] < static_cast<uint32_t>(Format::kCount);
    case Op::kPattern: return count == 1 && args[0] < patterns_.size();
    case Op::kContains: return count == 3 && is_node(args[0]);
    case Op::kDependent: return count == 3 && is_text(args) && is_node(args[2]);
    case Op::kNot: return count == 1 && is_node(args[0]);
    case Op::kIf: return count == 3 && is_node(args[0]) && is_node_or_none(args[1]) && is_node_or_none(args[2]);
    case Op::kOneOf: {
      if (count < 1 || (count - 1) % 3 != 0 || args[0] != (count - 1) / 3) return false;
      for (uint32_t i = 0; i < args[0]; ++i)
        if (args[1 + 3 * i] == kString && !is_text(args + 2 + 3 * i)) return false;
      return true;
    }
    case Op::kItems: {
      if (count < 2 || args[1] != count - 2 || !is_node_or_none(args[0])) return false;
      for (uint32_t i = 2; i < count; ++i)
        if (!is_node(args[i])) return false;
      return true;
    }
    case Op::kAll: case Op::kAny: case Op::kOne: {
      if (count < 1 || args[0] != count - 1) return false;
      for (uint32_t i = 1; i < count; ++i)
        if (!is_node(args[i])) return false;
      return true;
    }
    case Op::kProperties: {
      if (count < kPropertiesHead || args[4] != 0 || !is_node_or_none(args[0]) || !is_node_or_none(args[1])) return false;
      const uint32_t* const property = args + kPropertiesHead;
      const uint64_t properties = args[2], patterns = args[3];
      if (properties > kPropertiesMax || kPropertiesHead + 4 * properties + 2 * patterns != count) return false;
      for (uint32_t i = 0; i < properties; ++i)
        if (!is_text(property + 4 * i) || !is_node_or_none(property[4 * i + 2])) return false;
      for (uint32_t i = 0; i < patterns; ++i) {
        const uint32_t* const pattern = property + 4 * properties + 2 * i;
        if (pattern[0] >= patterns_.size() || !is_node(pattern[1])) return false;
      }
      return true;
    }
    case Op::kCount: break;
  }
  return false;
}

}  // namespace penstock::validation
