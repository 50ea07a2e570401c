#include "kernels/json_fit.h"

#include <arpa/inet.h>

#include <bit>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

/// Four decimal octets without leading zeros (RFC 3986, IPv4address).
#if defined(__SSE2__)
// Without a branch per digit: octets have no common length to predict.
bool is_ipv4(std::string_view text) {
  const size_t size = text.size();
  if (size < 7 || size > 15) return false;
  // Two parts that overlap, put together in registers: a load of what was just stored in parts would wait for it.
  uint64_t low, high = 0;
  if (size < 8) {
    uint32_t first, last;
    std::memcpy(&first, text.data(), 4);
    std::memcpy(&last, text.data() + size - 4, 4);
    low = first | uint64_t{last} << (8 * (size - 4));
  } else {
    std::memcpy(&low, text.data(), 8);
    std::memcpy(&high, text.data() + size - 8, 8);
    high = high >> 8 >> (56 - 8 * (size - 8));
  }
  alignas(16) char copy[16 + 4];
  const __m128i bytes = _mm_set_epi64x(static_cast<int64_t>(high), static_cast<int64_t>(low));
  _mm_store_si128(reinterpret_cast<__m128i*>(copy), bytes);
  std::memset(copy + 16, 0, 4);
  const __m128i digit = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  const auto digits = static_cast<unsigned>(
      _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit)));
  unsigned dots = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.'))));
  if ((digits | dots) != (1u << size) - 1 || std::popcount(dots) != 3) return false;
  dots |= 1u << size;  // ends the last octet
  bool valid = true;
  for (size_t start = 0, octet = 0; octet < 4; ++octet, dots &= dots - 1) {
    const size_t end = static_cast<size_t>(std::countr_zero(dots));
    const size_t length = end - start;
    uint32_t word;
    std::memcpy(&word, copy + start, 4);
    const uint32_t last = word << ((4 - length) * 8 & 31) & 0x0f0f0f0f;  // the octet's digits in the highest bytes
    const uint32_t value = (last >> 8 & 15) * 100 + (last >> 16 & 15) * 10 + (last >> 24);
    valid &= length - 1 < 3 && value <= 255 && (length == 1 || copy[start] != '0');
    start = end + 1;
  }
  return valid;
}
#else
bool is_ipv4(std::string_view text) {
  if (text.size() < 7 || text.size() > 15) return false;
  const char* p = text.data();
  const char* const end = p + text.size();
  for (int octets = 1;; ++octets) {
    const char* const first = p;
    unsigned value = 0;
    for (unsigned digit; p != end && (digit = static_cast<unsigned char>(*p - '0')) < 10; ++p) {
      value = value * 10 + digit;
    }
    if (p == first || p - first > 3 || value > 255 || (*first == '0' && p - first > 1)) return false;
    if (octets == 4) return p == end;
    if (p == end || *p++ != '.') return false;
  }
}
#endif

}  // namespace

bool is_ip_address(std::string_view text) {
  if (is_ipv4(text)) return true;
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
