#include "validation/validator.h"

#include <sys/random.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "kernels/json_fit.h"
#include "kernels/json_number.h"
#include "kernels/rfc3339.h"

namespace penstock::validation {
namespace {

/// Applying subschemas to one another, $refs included: what a worker's stack surely holds.
constexpr uint32_t kNestedMax = 3000;
// Steps that one document may take: schemas that branch at every level take time exponential in a document's depth.
constexpr uint64_t kStepsLeast = 100'000;
constexpr uint64_t kStepsPerToken = 64;

double double_of(const uint32_t* words) { return std::bit_cast<double>(uint64_t{words[1]} << 32 | words[0]); }

size_t characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool has_form(std::string_view text, std::string_view form) {  // 0: a digit; x: a hexadecimal digit; else the character
  if (text.size() != form.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i], lower = static_cast<char>(c | 0x20);
    const bool digit = c >= '0' && c <= '9';
    if (form[i] == '0' ? !digit : form[i] == 'x' ? !digit && (lower < 'a' || lower > 'f') : c != form[i]) return false;
  }
  return true;
}

bool is_date_time(std::string_view text) {
  char copy[64] = {};  // RFC 3339 allows small letters; and the kernel reads past the end
  if (text.size() < 20 || text.size() > 48) return false;
  std::memcpy(copy, text.data(), text.size());
  if (copy[10] == 't' || copy[10] == ' ') copy[10] = 'T';
  size_t size = text.size();
  if (copy[size - 1] == 'z') copy[size - 1] = 'Z';
  // Digits of a fraction beyond the ninth say nothing to us, and are allowed.
  size_t digits = 0;
  while (copy[19] == '.' && copy[20 + digits] >= '0' && copy[20 + digits] <= '9') ++digits;
  if (digits > 9) {
    std::memmove(copy + 29, copy + 20 + digits, size - 20 - digits);
    size -= digits - 9;
  }
  int64_t ns;
  return parse_rfc3339(copy, size, ns) != TimeResult::kInvalid;
}

bool has_format(Format format, std::string_view text) {
  switch (format) {
    case Format::kDateTime: return is_date_time(text);
    case Format::kDate: {
      if (!has_form(text, "0000-00-00")) return false;
      const auto number = [&](size_t at, size_t size) {
        unsigned n = 0;
        for (size_t i = at; i < at + size; ++i) n = n * 10 + static_cast<unsigned>(text[i] - '0');
        return n;
      };
      const unsigned month = number(5, 2), day = number(8, 2);
      return month - 1 <= 11 && day != 0 && day <= days_in_month(static_cast<int>(number(0, 4)), month);
    }
    case Format::kIpv4: return text.find(':') == text.npos && is_ip_address(text);
    case Format::kIpv6: return text.find(':') != text.npos && text.find('%') == text.npos && is_ip_address(text);
    case Format::kUuid: return has_form(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    case Format::kCount: break;
  }
  return false;
}

}  // namespace

struct Validator::Value {
  uint32_t i;
  uint8_t first;
  bool decoded = false;
  std::string_view text;
};

Validator::Validator(uint32_t document_bytes_max, uint32_t depth_max) : tokens_(document_bytes_max, false), depth_max_(depth_max) {
  if (getrandom(&seed_, sizeof seed_, 0) != sizeof seed_) seed_ = reinterpret_cast<uintptr_t>(this);
}

bool Validator::check(const Schema& schema, std::string_view document, Arena& arena) {
  schema_ = &schema;
  arena_ = &arena;
  path_.clear();
  reason_size_ = 0;
  quiet_ = nested_ = 0;
  too_much_ = false;
  if (!index_document(document)) return fail("is not well-formed JSON");
  steps_left_ = kStepsLeast + kStepsPerToken * tokens_.count();
  const bool fits_schema = fits(0, 0);
  if (!too_much_) return fits_schema;
  path_.clear();
  reason_size_ = 0;
  quiet_ = 0;
  return fail("takes the schema too many steps");
}

// Checks the document to the letter, then finds where each value ends.
bool Validator::index_document(std::string_view document) {
  document.remove_prefix(json_mark_bytes(document));
  if (document.empty() || tokens_.open(document) != Problem::kNone) return false;
  uint32_t i = 0;
  if (tokens_.skip_value(i, 0, depth_max_) != Problem::kNone || i != tokens_.count()) return false;
  if (after_.size() < tokens_.count()) after_.resize(tokens_.count());
  open_.clear();
  for (i = 0; i < tokens_.count(); ++i) {
    const uint8_t c = tokens_.first(i);
    after_[i] = i + 1;
    if (c == '{' || c == '[') {
      open_.push_back(i);
    } else if (c == '}' || c == ']') {
      after_[open_.back()] = i + 1;
      open_.pop_back();
    }
  }
  return true;
}

bool Validator::spent() {
  if (steps_left_ != 0) return --steps_left_, false;
  return too_much_ = true;
}

bool Validator::fits(uint32_t node, uint32_t i) {
  if (too_much_ || spent()) return false;
  if (nested_ == kNestedMax) return !(too_much_ = true);
  ++nested_;
  Value value{i, tokens_.first(i), false, {}};
  const size_t mark = arena_->mark();
  bool good = true;
  const uint32_t* end;
  for (const uint32_t* word = schema_->begin(node, end); good && word != end;) good = holds(schema_->next(word), value);
  arena_->rewind(mark);
  --nested_;
  return good;
}

bool Validator::quietly(uint32_t node, uint32_t i) {
  ++quiet_;
  const bool good = fits(node, i);
  --quiet_;
  return good;
}

bool Validator::below(uint32_t node, uint32_t i, Step step) {
  path_.push_back(step);
  const bool good = fits(node, i);
  path_.pop_back();
  return good;
}

bool Validator::holds(const Check& check, Value& value) {
  const uint32_t i = value.i;
  const uint8_t c = value.first;
  const bool is_string = c == '"', is_object = c == '{', is_array = c == '[';
  const bool is_number = c == '-' || (c >= '0' && c <= '9');
  const auto text = [&] {
    if (!value.decoded) value.text = content(i), value.decoded = true;
    return value.text;
  };
  const auto holds_if = [&](bool good) { return good || fail(check.says); };
  switch (check.op) {
    case Op::kNever: return fail(check.says);
    case Op::kType: {
      const uint32_t type = is_string ? kString : is_object ? kObject : is_array ? kArray : is_number ? kNumber : c == 'n' ? kNull : kBool;
      return holds_if((check.args[0] & type) != 0 || (is_number && (check.args[0] & kInteger) != 0 && is_integer(i)));
    }
    case Op::kOneOf: return holds_if(is_one_of(check, value));
    case Op::kMinimum: return holds_if(!is_number || number(i) >= double_of(check.args));
    case Op::kMaximum: return holds_if(!is_number || number(i) <= double_of(check.args));
    case Op::kAbove: return holds_if(!is_number || number(i) > double_of(check.args));
    case Op::kBelow: return holds_if(!is_number || number(i) < double_of(check.args) || (double_of(check.args) == 0x1p63 && is_int64(i)));
    case Op::kMultipleOf: {
      if (!is_number) return true;
      const double times = number(i) / double_of(check.args);
      return holds_if(std::isfinite(times) && times == std::trunc(times));
    }
    case Op::kMinLength: return holds_if(!is_string || characters(text()) >= check.args[0]);
    case Op::kMaxLength: return holds_if(!is_string || characters(text()) <= check.args[0]);
    case Op::kPattern: return holds_if(!is_string || schema_->pattern(check.args[0]).find(text(), false, nullptr, 0));
    case Op::kFormat: return holds_if(!is_string || has_format(static_cast<Format>(check.args[0]), text()));
    case Op::kMinItems: return holds_if(!is_array || count(i, check.args[0], UINT32_MAX));
    case Op::kMaxItems: return holds_if(!is_array || count(i, 0, check.args[0]));
    case Op::kMinProperties: return holds_if(!is_object || count(i, check.args[0], UINT32_MAX));
    case Op::kMaxProperties: return holds_if(!is_object || count(i, 0, check.args[0]));
    case Op::kUnique: return holds_if(!is_array || unique(i));
    case Op::kItems: return !is_array || items_fit(check, i);
    case Op::kContains: return !is_array || contains(check, i);
    case Op::kProperties: return !is_object || properties_fit(check, i);
    case Op::kDependent:
      return !is_object || !has_property(i, schema_->text(check.args)) || fits(check.args[2], i);
    case Op::kAll:
      for (uint32_t k = 1; k < check.count; ++k)
        if (!fits(check.args[k], i)) return false;
      return true;
    case Op::kAny:
      for (uint32_t k = 1; k < check.count; ++k)
        if (quietly(check.args[k], i)) return true;
      return fail(check.says);
    case Op::kOne: {
      uint32_t fitting = 0;
      for (uint32_t k = 1; k < check.count && fitting < 2; ++k) fitting += quietly(check.args[k], i);
      return holds_if(fitting == 1);
    }
    case Op::kNot: return holds_if(!quietly(check.args[0], i));
    case Op::kIf: {
      const uint32_t then = check.args[quietly(check.args[0], i) ? 1 : 2];
      return then == kNoNode || fits(then, i);
    }
    case Op::kCount: break;
  }
  return false;
}

bool Validator::is_one_of(const Check& check, Value& value) {
  const uint8_t c = value.first;
  if (c == '{' || c == '[') return false;
  const bool is_string = c == '"', is_word = c == 't' || c == 'f' || c == 'n';
  if (is_string) value.text = content(value.i), value.decoded = true;
  const double n = is_string || is_word ? 0 : number(value.i);
  for (uint32_t k = 0; k < check.args[0]; ++k) {
    const uint32_t* const one = check.args + 1 + 3 * k;
    switch (one[0]) {
      case kString: if (is_string && schema_->text(one + 1) == value.text) return true; break;
      case kNumber: if (!is_string && !is_word && double_of(one + 1) == n) return true; break;
      case kNull: if (c == 'n') return true; break;
      case kTrue: if (c == 't') return true; break;
      case kBool: if (c == 'f') return true; break;
      default: break;
    }
  }
  return false;
}

bool Validator::items_fit(const Check& check, uint32_t i) {
  if (tokens_.first(++i) == ']') return true;
  const uint32_t first = check.args[1];
  for (uint32_t at = 0;; ++at) {
    const uint32_t node = at < first ? check.args[2 + at] : check.args[0];
    if (node == kNoNode) return true;  // and so it is for those behind it
    if (!below(node, i, {{}, at})) return false;
    i = after_[i];
    if (tokens_.first(i++) != ',') return true;
  }
}

bool Validator::contains(const Check& check, uint32_t i) {
  uint32_t fitting = 0;
  if (tokens_.first(++i) != ']') {
    for (;;) {
      fitting += quietly(check.args[0], i);
      i = after_[i];
      if (tokens_.first(i++) != ',') break;
    }
  }
  return (fitting >= check.args[1] && fitting <= check.args[2]) || fail(check.says);
}

// Elements with the same hash of 64 bits, which nobody else can compute, count as the same.
bool Validator::unique(uint32_t i) {
  hashes_.clear();
  if (tokens_.first(++i) == ']') return true;
  for (;;) {
    hashes_.push_back(hash(i));
    i = after_[i];
    if (tokens_.first(i++) != ',') break;
  }
  std::sort(hashes_.begin(), hashes_.end());
  return std::adjacent_find(hashes_.begin(), hashes_.end()) == hashes_.end();
}

// Of equal values the same: 1 and 1.0, "a" and "\u0061", objects whose members stand in another order. As deep as documents may be.
uint64_t Validator::hash(uint32_t i) {
  if (spent()) return 0;
  const uint8_t c = tokens_.first(i);
  const auto of_text = [&](std::string_view text) {
    uint64_t h = mix64(seed_ ^ text.size());
    for (; text.size() >= 8; text.remove_prefix(8)) h = mix64(h ^ load64(text.data())) + seed_;
    for (const char byte : text) h = mix64(h ^ static_cast<uint8_t>(byte)) + seed_;
    return h;
  };
  if (c == '"') {
    const size_t mark = arena_->mark();
    const uint64_t h = of_text(content(i));
    arena_->rewind(mark);
    return h;
  }
  if (c != '{' && c != '[') {
    if (c == 't' || c == 'f' || c == 'n') return mix64(seed_ + c);
    const double n = number(i);
    return mix64(seed_ * 3 ^ std::bit_cast<uint64_t>(n == 0 ? 0.0 : n));
  }
  uint64_t h = mix64(seed_ * (c == '{' ? 5 : 7));
  for (++i; tokens_.first(i) != '}' && tokens_.first(i) != ']';) {
    if (c == '{') {
      h += mix64(hash(i) * 3 + hash(i + 2));
      i = after_[i + 2];
    } else {
      h = mix64(h + hash(i));
      i = after_[i];
    }
    if (tokens_.first(i) == ',') ++i;
  }
  return mix64(h ^ seed_);
}

bool Validator::properties_fit(const Check& check, uint32_t i) {
  const uint32_t others = check.args[0], names = check.args[1], declared = check.args[2], patterns = check.args[3];
  const uint32_t* const properties = check.args + kPropertiesHead;
  const NameTable* const table = check.args[4] != 0 ? &schema_->name_table(check.args[4] - 1) : nullptr;
  const auto is_named = [&](uint32_t k, std::string_view key) {
    const uint32_t* const property = properties + 4 * size_t{k};
    return property[1] == key.size() && schema_->text(property) == key;
  };
  const auto named = [&](std::string_view key, uint32_t guess) {
    if (guess < declared && is_named(guess, key)) return guess;
    if (table) return table->find(key);
    for (uint32_t k = 0; k < declared; ++k)
      if (k != guess && is_named(k, key)) return k;
    return NameTable::kNone;
  };
  const uint32_t* const pattern_at = properties + 4 * size_t{declared};
  uint64_t there[kPropertiesMax / 64] = {};
  uint32_t guess = 0;  // senders keep to an order, mostly the schema's
  for (uint32_t at = i + 1; tokens_.first(at) != '}'; at += tokens_.first(at) == ',') {
    if (spent()) return false;
    const std::string_view raw = tokens_.token(at).substr(1, tokens_.token(at).size() - 2);
    const size_t mark = arena_->mark();
    const std::string_view key = content_of(raw);
    const Step step{raw, 0};
    const uint32_t value = at + 2;
    bool known = false;
    if (const uint32_t k = named(key, guess); k != NameTable::kNone) {
      guess = k + 1;
      const uint32_t* const property = properties + 4 * size_t{k};
      there[k / 64] |= uint64_t{1} << (k % 64);
      known = (property[3] & kDeclared) != 0;
      if (property[2] != kNoNode && !below(property[2], value, step)) return false;
    }
    for (uint32_t k = 0; k < patterns; ++k) {
      if (!schema_->pattern(pattern_at[2 * k]).find(key, false, nullptr, 0)) continue;
      known = true;
      if (!below(pattern_at[2 * k + 1], value, step)) return false;
    }
    arena_->rewind(mark);
    if (names != kNoNode && !below(names, at, step)) return false;
    if (!known && others != kNoNode && !below(others, value, step)) return false;
    at = after_[value];
  }
  for (uint32_t k = 0; k < declared; ++k) {
    const bool missing = (properties[4 * size_t{k} + 3] & kRequired) != 0 && (there[k / 64] >> (k % 64) & 1) == 0;
    if (missing) return fail(check.says, schema_->text(properties + 4 * size_t{k}));
  }
  return true;
}

bool Validator::has_property(uint32_t i, std::string_view name) {
  for (++i; tokens_.first(i) != '}'; i += tokens_.first(i) == ',') {
    if (spent()) return false;
    const size_t mark = arena_->mark();
    const bool same = content(i) == name;
    arena_->rewind(mark);
    if (same) return true;
    i = after_[i + 2];
  }
  return false;
}

bool Validator::count(uint32_t i, uint32_t least, uint32_t most) {
  const uint32_t step = tokens_.first(i) == '{' ? 2 : 0;
  uint32_t members = 0;
  for (++i; tokens_.first(i) != '}' && tokens_.first(i) != ']'; i += tokens_.first(i) == ',') {
    ++members;
    i = after_[i + step];
  }
  return members >= least && members <= most;
}

std::string_view Validator::content(uint32_t i) {
  const std::string_view token = tokens_.token(i);
  return content_of(token.substr(1, token.size() - 2));
}

// Without memory it stays as it is written: an arena holds a whole message, unescaped, many times.
std::string_view Validator::content_of(std::string_view raw) {
  if (!std::memchr(raw.data(), '\\', raw.size())) return raw;
  std::string_view unescaped;
  return tokens_.unescaped(raw, *arena_, unescaped) == Problem::kNone ? unescaped : raw;
}

double Validator::number(uint32_t i) const {
  penstock::Value value;
  const std::string_view text = tokens_.token(i);
  if (!parse_json_number(text, value)) return 0;
  if (value.kind == ValueKind::kInt64) return static_cast<double>(value.i);
  if (value.kind == ValueKind::kDouble) return value.d;
  double n = 0;  // more digits than a double tells apart
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error == std::errc::result_out_of_range) {
    const bool tiny = text.find_first_of("eE") != text.npos && text.find('-', 1) != text.npos;
    n = tiny ? 0 : text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
  }
  return n;
}

bool Validator::is_integer(uint32_t i) const {
  const double n = number(i);
  return std::isfinite(n) && n == std::trunc(n);
}

/// As a double the largest of these is 2^63, which is none of them.
bool Validator::is_int64(uint32_t i) const {
  penstock::Value value;
  return parse_json_number(tokens_.token(i), value) && value.kind == ValueKind::kInt64;
}

bool Validator::fail(std::string_view says, std::string_view name) {
  if (quiet_ != 0 || reason_size_ != 0) return false;
  for (const Step& step : path_) {
    put("/");
    char digits[12];
    if (step.key.data()) {
      const size_t mark = arena_->mark();
      put_key(content_of(step.key));
      arena_->rewind(mark);
    } else {
      const auto [end, error] = std::to_chars(digits, digits + sizeof digits, step.index);
      put({digits, static_cast<size_t>(end - digits)});
    }
  }
  put(path_.empty() ? "(document): " : ": ");
  put(says);
  put(name);
  if (reason_size_ == kReasonMax) {  // it was cut, perhaps within a character
    while ((reason_[reason_size_ - 1] & 0xc0) == 0x80) --reason_size_;
    if (reason_[reason_size_ - 1] & 0x80) --reason_size_;
  }
  return false;
}

void Validator::put_key(std::string_view key) {
  for (const char& c : key) {
    if (c == '~') put("~0");
    else if (c == '/') put("~1");
    else put({&c, 1});
  }
}

void Validator::put(std::string_view text) {
  const size_t size = std::min(text.size(), kReasonMax - reason_size_);
  if (size != 0) std::memcpy(reason_ + reason_size_, text.data(), size);  // no text has no address
  reason_size_ += size;
}

}  // namespace penstock::validation
