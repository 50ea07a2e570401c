#include "packs/convert.h"

#include <array>
#include <charconv>
#include <cmath>

#include "kernels/json_number.h"

namespace penstock::packs {
namespace {

int hex_digit(char c) {
  if (static_cast<unsigned>(c - '0') < 10) return c - '0';
  const char lower = static_cast<char>(c | 32);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Eight bytes with the letters from `first` (an 'a' or 'A') on in the other case.
uint64_t other_case(uint64_t bytes, char first) {
  constexpr uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  const uint64_t low = bytes & ~kHighs, from = static_cast<uint8_t>(first);
  const uint64_t letters = ((low + (0x80 - from) * kOnes) ^ (low + (0x80 - from - 26) * kOnes)) & ~bytes & kHighs;
  return bytes ^ letters >> 2;
}

void store64(char* to, uint64_t bytes) { std::memcpy(to, &bytes, 8); }

/// The digit in upper case; 0: it is none.
constexpr auto kUpperHex = [] {
  std::array<char, 256> table{};
  for (const char c : std::string_view("0123456789ABCDEF")) table[static_cast<uint8_t>(c)] = c;
  for (char c = 'a'; c <= 'f'; ++c) table[static_cast<uint8_t>(c)] = static_cast<char>(c - 32);
  return table;
}();

/// "00:11:22:aa:bb:cc", or with other marks between. False: it is written otherwise.
bool usual_mac(std::string_view text, char* out) {
  constexpr size_t kPairs = 6;
  if (text.size() != 3 * kPairs - 1) return false;
  const auto digit = [&text](size_t at) { return kUpperHex[static_cast<uint8_t>(text[at])]; };
  bool fits = true;
  for (size_t i = 0; i < kPairs; ++i) {
    const char first = digit(3 * i), second = digit(3 * i + 1);
    fits &= first != 0 && second != 0;
    out[3 * i] = first;
    out[3 * i + 1] = second;
    if (i + 1 == kPairs) break;
    const char mark = text[3 * i + 2];
    fits &= mark == ':' || mark == '-' || mark == '.';
    out[3 * i + 2] = '-';
  }
  return fits;
}

std::string_view mac(std::string_view text, Arena& arena) {
  constexpr size_t kDigits = 12, kSize = 17;
  char* const out = arena.take(kSize);
  if (!out) return {};
  if (usual_mac(text, out)) return {out, kSize};
  size_t digits = 0;
  char* p = out;
  for (const char c : text) {
    const int digit = hex_digit(c);
    if (digit < 0) {
      if (c == ':' || c == '-' || c == '.') continue;
      return {};
    }
    if (digits == kDigits) return {};
    if (digits != 0 && digits % 2 == 0) *p++ = '-';
    *p++ = "0123456789ABCDEF"[digit];
    ++digits;
  }
  return digits == kDigits ? std::string_view{out, kSize} : std::string_view{};
}

bool as_double(std::string_view text, double& out) {
  int64_t whole;
  if (plain_int(text, whole)) return out = static_cast<double>(whole), true;
  Value number;
  if (text.empty() || text.size() > 32 || !parse_json_number(text, number)) return false;
  if (number.kind != ValueKind::kInt64 && number.kind != ValueKind::kDouble) return false;
  out = number.kind == ValueKind::kInt64 ? static_cast<double>(number.i) : number.d;
  return true;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

void change_case(bool lower, std::string_view text, char* out) {
  const char first = lower ? 'A' : 'a';
  const size_t size = text.size();
  if (size >= 8) {
    for (size_t at = 0; at + 8 < size; at += 8) store64(out + at, other_case(load64(text.data() + at), first));
    store64(out + size - 8, other_case(load64(text.data() + size - 8), first));
  } else if (size >= 4) {
    const uint64_t both = other_case(uint64_t{load32(text.data())} | uint64_t{load32(text.data() + size - 4)} << 32, first);
    const auto head = static_cast<uint32_t>(both), tail = static_cast<uint32_t>(both >> 32);
    std::memcpy(out, &head, sizeof head);
    std::memcpy(out + size - 4, &tail, sizeof tail);
  } else {
    for (size_t i = 0; i < size; ++i)
      out[i] = static_cast<unsigned>(text[i] - first) < 26 ? static_cast<char>(text[i] ^ 32) : text[i];
  }
}

std::string_view convert_text(Convert convert, std::string_view text, Arena& arena) {
  if (convert == Convert::kMac) return mac(text, arena);
  char* const out = arena.take(text.size());
  if (!out) return {};
  change_case(convert == Convert::kLower, text, out);
  return {out, text.size()};
}

bool to_number(std::string_view text, std::string_view factor, Value& out) {
  if (factor.empty()) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    int64_t value;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc() || end != text.data() + text.size()) return false;
    out = Value::of_int(value);
    return true;
  }
  double value, times;
  if (!as_double(text, value) || !as_double(factor, times)) return false;
  const double product = value * times;
  // Whole where a whole number was meant: 0.123 s are 123000000 ns.
  const double whole = std::nearbyint(product);
  const bool fraction = std::fabs(product - whole) >= 1e-3 && times < 1000;  // of a nanosecond nobody asks
  if (std::fabs(whole) < 9007199254740992.0 && !fraction && std::fabs(product) >= 1) out = Value::of_int(static_cast<int64_t>(whole));
  else out = Value::of_double(product);
  return true;
}

}  // namespace penstock::packs
