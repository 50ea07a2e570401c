#include "kernels/json_tokens.h"

#include <algorithm>
#include <bit>

#include "kernels/json.h"
#include "kernels/json_number.h"

namespace penstock {
namespace {

constexpr size_t kCapacityMin = 4096;

inline bool is_hex(char c) {
  return static_cast<unsigned char>(c - '0') < 10 || static_cast<unsigned char>((c | 0x20) - 'a') < 6;
}

}  // namespace

static_assert(kJsonDepthMax <= 16 * 64);

JsonTokens::JsonTokens(uint32_t bytes_max, bool portable) : bytes_max_(bytes_max) {
  isa_ = simdjson::get_active_implementation();
  if (portable) isa_ = simdjson::get_available_implementations()["fallback"];
}

Problem JsonTokens::open(std::string_view document) {
  count_ = 0;
  if (document.size() > bytes_max_) return Problem::kTooComplex;
  if (!simdjson_ || document.size() > simdjson_->capacity()) {
    const size_t capacity = std::bit_ceil(document.size() < kCapacityMin ? kCapacityMin : document.size());
    const auto made = isa_->create_dom_parser_implementation(capacity, 1, simdjson_);
    if (made != simdjson::SUCCESS) return Problem::kTooComplex;
  }
  text_ = reinterpret_cast<const uint8_t*>(document.data());
  end_ = document.data() + document.size();
  next_escape_ = document.data() - 1;
  switch (simdjson_->stage1(text_, document.size(), simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS: break;
    case simdjson::EMPTY: return Problem::kEmpty;
    case simdjson::UTF8_ERROR: return Problem::kJsonUtf8;
    case simdjson::UNCLOSED_STRING: return Problem::kJsonCut;
    default: return Problem::kJsonSyntax;
  }
  index_ = simdjson_->structural_indexes.get();
  count_ = simdjson_->n_structural_indexes;
  return Problem::kNone;
}

void JsonTokens::find_escape(const char* from) {
  const void* found = std::memchr(from, '\\', static_cast<size_t>(end_ - from));
  next_escape_ = found ? static_cast<const char*>(found) : end_;
}

Problem JsonTokens::unescape(std::string_view slice, Arena& arena, std::string_view& content) {
  // Unescaped text is never longer; what simdjson writes beyond it stays within the arena's padding.
  char* const out = arena.take(slice.size());
  if (!out) return Problem::kTooComplex;
  const auto* const in = reinterpret_cast<const uint8_t*>(slice.data());
  const auto* const end = simdjson_->parse_string(in, reinterpret_cast<uint8_t*>(out), true);
  if (!end) return Problem::kJsonSyntax;
  const auto size = static_cast<size_t>(reinterpret_cast<const char*>(end) - out);
  arena.give_back(slice.size() - size);
  content = {out, size};
  return Problem::kNone;
}

bool JsonTokens::escapes_valid(std::string_view content) {
  const char* p = content.data();
  const char* const end = p + content.size();
  while ((p = static_cast<const char*>(std::memchr(p, '\\', static_cast<size_t>(end - p)))) != nullptr) {
    // A string cannot end within an escape of two characters: its closing quote would be escaped.
    switch (p[1]) {
      case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't': p += 2; break;
      case 'u':
        if (end - p < 6 || !is_hex(p[2]) || !is_hex(p[3]) || !is_hex(p[4]) || !is_hex(p[5])) return false;
        p += 6;
        break;
      default: return false;
    }
  }
  return true;
}

Problem JsonTokens::scalar_valid(uint32_t i) {
  const std::string_view text = token(i);
  bool valid;
  switch (text[0]) {
    case '"': valid = string_valid(text); break;
    case 't': valid = text == "true"; break;
    case 'f': valid = text == "false"; break;
    case 'n': valid = text == "null"; break;
    default: valid = json_number_valid(text);
  }
  return valid ? Problem::kNone : Problem::kJsonSyntax;
}

Problem JsonTokens::skip_value(uint32_t& i, uint32_t depth, uint32_t depth_max) {
  const uint32_t outside = depth;
  const auto is_object = [&] { return (container_is_object_[(depth - 1) >> 6] >> ((depth - 1) & 63)) & 1; };
  const auto enter = [&](bool object) {
    uint64_t& word = container_is_object_[depth >> 6];
    word = (word & ~(uint64_t{1} << (depth & 63))) | (uint64_t{object} << (depth & 63));
    ++depth;
  };
  for (;;) {  // at a value
    if (i >= count_) return Problem::kJsonSyntax;
    const uint8_t c = first(i);
    bool value_done = true;
    if (c == '{' || c == '[') {
      if (depth >= depth_max) return Problem::kJsonDepth;
      if (++i >= count_) return Problem::kJsonSyntax;
      if (first(i) == (c == '{' ? '}' : ']')) {
        ++i;
      } else {
        enter(c == '{');
        value_done = false;
      }
    } else {
      if (const Problem problem = scalar_valid(i); problem != Problem::kNone) return problem;
      ++i;
    }
    while (value_done) {
      if (depth == outside) return Problem::kNone;
      if (i >= count_) return Problem::kJsonSyntax;
      const uint8_t after = first(i++);
      if (after == ',') break;
      if (after != (is_object() ? '}' : ']')) return Problem::kJsonSyntax;
      --depth;
    }
    if (is_object()) {
      if (i + 1 >= count_ || first(i) != '"' || first(i + 1) != ':') return Problem::kJsonSyntax;
      if (!string_valid(token(i))) return Problem::kJsonSyntax;
      i += 2;
    }
  }
}

}  // namespace penstock
