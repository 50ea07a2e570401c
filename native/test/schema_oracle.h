// What a compiled schema says of a document, the naive way, over simdjson's own DOM: the judge of the validator.
#pragma once

#include <arpa/inet.h>

#include <bit>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <string>

#include "kernels/simdjson_config.h"
#include "validation/schema.h"

namespace schema_test {

using namespace penstock::validation;
namespace dom = simdjson::dom;

enum class Verdict { kFits, kDoesNot, kUnknown };

class Oracle {
 public:
  explicit Oracle(const Schema& schema) : schema_(schema) {}

  /// kUnknown: the DOM refuses the document (it is no JSON, or its numbers or surrogates are beyond it), it is nested deeper than
  /// `depth_max`, or judging takes too long.
  Verdict judge(std::string_view document, uint32_t depth_max) {
    static dom::parser parser;
    dom::element root;
    if (parser.parse(document.data(), document.size()).get(root) != simdjson::SUCCESS) return Verdict::kUnknown;
    if (!is_shallow(root, depth_max)) return Verdict::kUnknown;
    steps_left_ = 300'000;
    const bool good = fits(0, root, 0);
    return steps_left_ == 0 ? Verdict::kUnknown : good ? Verdict::kFits : Verdict::kDoesNot;
  }

 private:
  using Element = const dom::element&;

  static dom::array array(Element value) { return value.get_array().value_unsafe(); }
  static dom::object object(Element value) { return value.get_object().value_unsafe(); }
  static std::string_view text_of(Element value) { return value.get_string().value_unsafe(); }
  static bool bool_of(Element value) { return value.get_bool().value_unsafe(); }

  static bool is_shallow(Element value, uint32_t left) {
    if (!value.is_object() && !value.is_array()) return true;
    if (left == 0) return false;
    if (value.is_array()) {
      for (const dom::element inner : array(value))
        if (!is_shallow(inner, left - 1)) return false;
    } else {
      for (const auto member : object(value))
        if (!is_shallow(member.value, left - 1)) return false;
    }
    return true;
  }

  bool fits(uint32_t node, Element value, uint32_t nested) {
    if (nested > 1500) steps_left_ = 0;
    if (steps_left_ == 0 || --steps_left_ == 0) return false;
    const uint32_t* end;
    for (const uint32_t* word = schema_.begin(node, end); word != end;)
      if (!holds(schema_.next(word), value, nested + 1)) return false;
    return true;
  }

  static double number(Element value) {
    if (value.is_int64()) return static_cast<double>(value.get_int64().value_unsafe());
    if (value.is_uint64()) return static_cast<double>(value.get_uint64().value_unsafe());
    return value.get_double().value_unsafe();
  }
  static double double_at(const uint32_t* words) { return std::bit_cast<double>(uint64_t{words[1]} << 32 | words[0]); }
  static size_t length(std::string_view text) {
    size_t count = 0;
    for (const char c : text) count += (c & 0xc0) != 0x80;
    return count;
  }
  static size_t members(Element value) {
    size_t count = 0;
    if (value.is_array()) for ([[maybe_unused]] const auto inner : array(value)) ++count;
    else for ([[maybe_unused]] const auto member : object(value)) ++count;
    return count;
  }

  bool holds(const Check& check, Element value, uint32_t nested) {
    const uint32_t* const args = check.args;
    const bool is_text = value.is_string();
    const std::string_view text = is_text ? text_of(value) : std::string_view();
    switch (check.op) {
      case Op::kNever: case Op::kCount: return false;
      case Op::kType: return has_type(args[0], value);
      case Op::kOneOf: {
        for (uint32_t k = 0; k < args[0]; ++k)
          if (is_constant(args + 1 + 3 * k, value)) return true;
        return false;
      }
      case Op::kMinimum: return !value.is_number() || number(value) >= double_at(args);
      case Op::kMaximum: return !value.is_number() || number(value) <= double_at(args);
      case Op::kAbove: return !value.is_number() || number(value) > double_at(args);
      // As a double the largest whole number of 64 bits is 2^63, which is above it.
      case Op::kBelow: return !value.is_number() || number(value) < double_at(args) || (double_at(args) == 0x1p63 && value.is_int64());
      case Op::kMultipleOf: {
        const double times = value.is_number() ? number(value) / double_at(args) : 0;
        return std::isfinite(times) && times == std::trunc(times);
      }
      case Op::kMinLength: return !is_text || length(text) >= args[0];
      case Op::kMaxLength: return !is_text || length(text) <= args[0];
      case Op::kPattern: return !is_text || schema_.pattern(args[0]).find(text, false, nullptr, 0);
      case Op::kFormat: return !is_text || has_format(static_cast<Format>(args[0]), std::string(text));
      case Op::kMinItems: return !value.is_array() || members(value) >= args[0];
      case Op::kMaxItems: return !value.is_array() || members(value) <= args[0];
      case Op::kMinProperties: return !value.is_object() || members(value) >= args[0];
      case Op::kMaxProperties: return !value.is_object() || members(value) <= args[0];
      case Op::kUnique: return !value.is_array() || is_unique(value);
      case Op::kItems: {
        if (!value.is_array()) return true;
        uint32_t at = 0;
        for (const dom::element inner : array(value)) {
          const uint32_t node = at < args[1] ? args[2 + at] : args[0];
          if (node != kNoNode && !fits(node, inner, nested)) return false;
          ++at;
        }
        return true;
      }
      case Op::kContains: {
        if (!value.is_array()) return true;
        uint32_t fitting = 0;
        for (const dom::element inner : array(value)) fitting += fits(args[0], inner, nested);
        return fitting >= args[1] && fitting <= args[2];
      }
      case Op::kProperties: return !value.is_object() || properties_fit(check, value, nested);
      case Op::kDependent: return !value.is_object() || !has(value, schema_.text(args)) || fits(args[2], value, nested);
      case Op::kAll:
        for (uint32_t k = 1; k < check.count; ++k)
          if (!fits(args[k], value, nested)) return false;
        return true;
      case Op::kAny: case Op::kOne: {
        uint32_t fitting = 0;
        for (uint32_t k = 1; k < check.count; ++k) fitting += fits(args[k], value, nested);
        return check.op == Op::kAny ? fitting > 0 : fitting == 1;
      }
      case Op::kNot: return !fits(args[0], value, nested);
      case Op::kIf: {
        const uint32_t then = fits(args[0], value, nested) ? args[1] : args[2];
        return then == kNoNode || fits(then, value, nested);
      }
    }
    return false;
  }

  static bool has_type(uint32_t types, Element value) {
    if (value.is_null()) return types & kNull;
    if (value.is_bool()) return types & kBool;
    if (value.is_object()) return types & kObject;
    if (value.is_array()) return types & kArray;
    if (value.is_string()) return types & kString;
    const double n = number(value);
    return types & kNumber || (types & kInteger && std::isfinite(n) && n == std::floor(n));
  }

  bool is_constant(const uint32_t* one, Element value) const {
    switch (one[0]) {
      case kNull: return value.is_null();
      case kTrue: return value.is_bool() && bool_of(value);
      case kBool: return value.is_bool() && !bool_of(value);
      case kString: return value.is_string() && text_of(value) == schema_.text(one + 1);
      case kNumber: return value.is_number() && number(value) == double_at(one + 1);
      default: return false;
    }
  }

  static bool has(Element value, std::string_view name) {
    for (const auto member : object(value))
      if (member.key == name) return true;
    return false;
  }

  bool properties_fit(const Check& check, Element value, uint32_t nested) {
    const uint32_t others = check.args[0], names = check.args[1], declared = check.args[2], patterns = check.args[3];
    const uint32_t* const properties = check.args + kPropertiesHead;
    for (const auto member : object(value)) {
      bool known = false;
      for (uint32_t k = 0; k < declared; ++k) {
        const uint32_t* const property = properties + 4 * size_t{k};
        if (schema_.text(property) != member.key) continue;
        known = known || (property[3] & kDeclared) != 0;
        if (property[2] != kNoNode && !fits(property[2], member.value, nested)) return false;
      }
      for (uint32_t k = 0; k < patterns; ++k) {
        const uint32_t* const pattern = properties + 4 * size_t{declared} + 2 * size_t{k};
        if (!schema_.pattern(pattern[0]).find(member.key, false, nullptr, 0)) continue;
        known = true;
        if (!fits(pattern[1], member.value, nested)) return false;
      }
      if (names != kNoNode) {
        dom::parser parser;  // the name as a value of its own
        if (!fits(names, parser.parse(quoted(member.key)).value_unsafe(), nested)) return false;
      }
      if (!known && others != kNoNode && !fits(others, member.value, nested)) return false;
    }
    for (uint32_t k = 0; k < declared; ++k)
      if (properties[4 * size_t{k} + 3] & kRequired && !has(value, schema_.text(properties + 4 * size_t{k}))) return false;
    return true;
  }

  static std::string quoted(std::string_view text) {
    std::string out = "\"";
    char escape[8];
    for (const char c : text) {
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<uint8_t>(c));
      const bool plain = static_cast<uint8_t>(c) >= 0x20 && c != '"' && c != '\\';
      plain ? out.push_back(c) : void(out += escape);
    }
    return out + '"';
  }

  bool is_unique(Element value) {
    size_t i = 0;
    for (const dom::element a : array(value)) {
      size_t k = 0;
      for (const dom::element b : array(value)) {
        if (k++ == i) break;
        if (same(a, b)) return false;
      }
      ++i;
    }
    return true;
  }

  bool same(Element a, Element b) {
    if (steps_left_ == 0 || --steps_left_ == 0) return false;
    if (a.is_number() && b.is_number()) return number(a) == number(b);
    if (a.is_string() && b.is_string()) return text_of(a) == text_of(b);
    if (a.is_bool() && b.is_bool()) return bool_of(a) == bool_of(b);
    if (a.is_null() && b.is_null()) return true;
    if (a.is_array() && b.is_array()) {
      const dom::array x = array(a), y = array(b);
      auto other = y.begin();
      for (const dom::element inner : x) {
        if (other == y.end() || !same(inner, *other)) return false;
        ++other;
      }
      return !(other != y.end());
    }
    if (!a.is_object() || !b.is_object() || members(a) != members(b)) return false;
    for (const auto member : object(a))  // a name may stand several times: each pair as often here as there
      if (times(a, member) != times(b, member)) return false;
    return true;
  }
  size_t times(Element in, const dom::key_value_pair& pair) {
    size_t count = 0;
    for (const auto member : object(in)) count += member.key == pair.key && same(member.value, pair.value);
    return count;
  }

  static bool digits(const std::string& text, size_t at, size_t count) {
    for (size_t i = at; i < at + count; ++i)
      if (i >= text.size() || text[i] < '0' || text[i] > '9') return false;
    return true;
  }
  static int number_at(const std::string& text, size_t at) { return (text[at] - '0') * 10 + text[at + 1] - '0'; }

  static bool is_date(const std::string& text) {
    if (!digits(text, 0, 4) || !digits(text, 5, 2) || !digits(text, 8, 2) || text[4] != '-' || text[7] != '-') return false;
    const int year = number_at(text, 0) * 100 + number_at(text, 2), month = number_at(text, 5), day = number_at(text, 8);
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    const int days[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
  }

  /// RFC 3339, section 5.6; a leap second where it is midnight in UTC.
  static bool is_date_time(const std::string& text) {
    if (text.size() < 20 || text.size() > 48 || !is_date(text)) return false;
    if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return false;
    if (!digits(text, 11, 2) || !digits(text, 14, 2) || !digits(text, 17, 2) || text[13] != ':' || text[16] != ':') return false;
    const int hour = number_at(text, 11), minute = number_at(text, 14), second = number_at(text, 17);
    size_t at = 19;
    if (text[at] == '.') {
      if (!digits(text, ++at, 1)) return false;
      while (digits(text, at, 1)) ++at;
    }
    int zone = 0;
    const std::string rest = text.substr(at);
    if (rest != "Z" && rest != "z") {
      if (rest.size() != 6 || !digits(rest, 1, 2) || !digits(rest, 4, 2) || rest[3] != ':') return false;
      if (rest[0] != '+' && rest[0] != '-') return false;
      if (number_at(rest, 1) > 23 || number_at(rest, 4) > 59) return false;
      zone = (number_at(rest, 1) * 60 + number_at(rest, 4)) * (rest[0] == '-' ? -1 : 1);
    }
    if (hour > 23 || minute > 59 || second > 60) return false;
    return second < 60 || (hour * 60 + minute + 1 - zone + 2880) % 1440 == 0;
  }

  static bool has_format(Format format, const std::string& text) {
    uint8_t address[16];
    const bool has_nul = text.find('\0') != text.npos;
    switch (format) {
      case Format::kDateTime: return is_date_time(text);
      case Format::kDate: return text.size() == 10 && is_date(text);
      case Format::kIpv4: return !has_nul && inet_pton(AF_INET, text.c_str(), address) == 1;
      case Format::kIpv6: return !has_nul && inet_pton(AF_INET6, text.c_str(), address) == 1;
      case Format::kUuid: {
        if (text.size() != 36) return false;
        for (size_t i = 0; i < 36; ++i) {
          const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
          if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
        }
        return true;
      }
      case Format::kCount: break;
    }
    return false;
  }

  const Schema& schema_;
  uint64_t steps_left_ = 0;
};

}  // namespace schema_test
