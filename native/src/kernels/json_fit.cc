#include "kernels/json_fit.h"

#include <arpa/inet.h>

#include "kernels/ipv4.h"
#include "kernels/json_date.h"
#include "kernels/json_number.h"

namespace penstock {
namespace {

constexpr double kIntegersExact = 9007199254740992.0;  // 2^53: every integer below is a double of its own

/// Text that is the one way to write a JSON number: "443", not "0443", "+443" or "4.43e2".
bool number_in_text(std::string_view text, Value& out) {
  return !text.empty() && text.size() < 32 && parse_json_number(text, out) && text.find_first_of("eE") == text.npos;
}

bool fits_int(const Value& in, Value& out) {
  if (in.kind == ValueKind::kInt64) return out = in, true;
  if (in.kind != ValueKind::kDouble || !(in.d > -kIntegersExact && in.d < kIntegersExact)) return false;
  const auto i = static_cast<int64_t>(in.d);
  if (static_cast<double>(i) != in.d) return false;
  out = Value::of_int(i);
  return true;
}

bool fits_double(const Value& in, Value& out) {
  if (in.kind == ValueKind::kDouble) return out = in, true;
  if (in.kind != ValueKind::kInt64) return false;
  const auto d = static_cast<double>(in.i);
  if (!(d > -kIntegersExact && d < kIntegersExact)) return false;
  out = Value::of_double(d);
  return true;
}

bool is_number(ValueKind kind, std::string_view raw) {
  if (kind == ValueKind::kJson) return raw[0] != '[' && raw[0] != '{';
  return kind == ValueKind::kInt64 || kind == ValueKind::kDouble;
}

}  // namespace

bool is_ip_address(std::string_view text) {
  if (uint32_t v4; read_ipv4(text, v4)) return true;
  char copy[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof copy) return false;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = 0;
  if (std::memchr(copy, 0, text.size())) return false;
  uint8_t address[16];
  return inet_pton(AF_INET6, copy, address) == 1;
}

bool json_fits(EcsType type, const JsonScalar& in, Value& out) {
  const bool text = in.value.kind == ValueKind::kString;
  Value number;
  switch (type) {
    case EcsType::kString:
      // Identifiers are text in ECS and often numbers in JSON; a number's text loses nothing.
      if (is_number(in.value.kind, in.raw)) return out = Value::of_string(in.raw), true;
      out = in.value;
      return text;
    case EcsType::kIp:
      out = in.value;
      return text && is_ip_address(in.value.text);
    case EcsType::kJson:
      out = Value::of_json(in.raw);
      return true;
    case EcsType::kInt:
      if (!text) return fits_int(in.value, out);
      return number_in_text(in.value.text, out) && out.kind == ValueKind::kInt64;
    case EcsType::kDouble:
      if (text) return number_in_text(in.value.text, number) && fits_double(number, out);
      return fits_double(in.value, out);
    case EcsType::kBool:
      out = text ? Value::of_bool(in.value.text == "true") : in.value;
      return text ? out.b || in.value.text == "false" : in.value.kind == ValueKind::kBool;
    case EcsType::kDate: {
      int64_t ns;
      if (!text && !is_number(in.value.kind, in.raw)) return false;
      if (text ? !date_ns(in.value.text, ns) : !epoch_ns(in.raw, ns)) return false;
      out = Value::of_int(ns);
      return true;
    }
  }
  return false;
}

}  // namespace penstock
