#include "packs/blocks/convert.h"

#include <charconv>
#include <cmath>

#include "packs/blocks/repair.h"

namespace penstock::packs {
namespace {

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

/// Equal to `lower`, which has no capitals, in any case.
bool same(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] | 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

}  // namespace

bool to_int(std::string_view text, int64_t& value) {
  text = trimmed(text);
  if (text.empty()) return false;
  const bool hex = text.size() > 2 && text[0] == '0' && (text[1] | 32) == 'x';
  if (hex) text.remove_prefix(2);
  else if (text[0] == '+' && text.size() > 1 && is_digit(text[1])) text.remove_prefix(1);
  if (hex && text[0] == '-') return false;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value, hex ? 16 : 10);
  return error == std::errc() && at == end;
}

bool to_double(std::string_view text, double& value) {
  text = trimmed(text);
  char copy[64];
  if (text.empty() || text.size() > sizeof copy) return false;
  std::memcpy(copy, text.data(), text.size());
  if (text.find('.') == text.npos)
    if (const size_t comma = text.find(','); comma != text.npos) copy[comma] = '.';
  const char* from = copy;
  const char* const end = copy + text.size();
  if (*from == '+') ++from;
  const char* const digits = from < end && *from == '-' && from == copy ? from + 1 : from;
  if (digits == end || (!is_digit(*digits) && *digits != '.')) return false;
  const auto [at, error] = std::from_chars(from, end, value, std::chars_format::general);
  return error == std::errc() && at == end && std::isfinite(value);
}

bool to_bool(std::string_view text, bool& value) {
  text = trimmed(text);
  for (const std::string_view word : {"true", "yes", "on", "y", "t", "1", "enabled"})
    if (same(text, word)) return value = true;
  for (const std::string_view word : {"false", "no", "off", "n", "f", "0", "disabled"})
    if (same(text, word)) return value = false, true;
  return false;
}

std::string_view canonical_mac(std::string_view text, Arena& scratch) {
  text = trimmed(text);
  char digits[16];
  size_t count = 0, groups = 1, group = 0;
  char separator = '\0';
  for (const char c : text) {
    if (const int digit = hex_digit(c); digit >= 0) {
      if (count == sizeof digits) return {};
      digits[count++] = "0123456789ABCDEF"[digit];
      ++group;
    } else {
      // Every group is as long as the first: two digits, or four after dots.
      if ((c != ':' && c != '-' && c != '.') || (separator != '\0' && c != separator)) return {};
      separator = c;
      if (group != (c == '.' ? 4u : 2u)) return {};
      ++groups, group = 0;
    }
  }
  if (count != 12 && count != 16) return {};
  if (separator != '\0' && groups * (separator == '.' ? 4 : 2) != count) return {};
  char* const out = scratch.take(count / 2 * 3 - 1);
  if (!out) return {};
  for (size_t i = 0, at = 0; i < count; i += 2) {
    if (i > 0) out[at++] = '-';
    out[at++] = digits[i];
    out[at++] = digits[i + 1];
  }
  return {out, count / 2 * 3 - 1};
}

bool split_host_port(std::string_view text, std::string_view& host, int32_t& port) {
  text = trimmed(text);
  port = -1;
  std::string_view after;
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == text.npos || close == 1) return false;
    host = text.substr(1, close - 1);
    after = text.substr(close + 1);
    if (after.empty()) return true;
    if (after[0] != ':') return false;
  } else {
    const size_t colon = text.find(':');
    // Two colons without brackets are an IPv6 address without a port.
    const bool alone = colon == text.npos || text.find(':', colon + 1) != text.npos;
    host = alone ? text : text.substr(0, colon);
    if (host.empty()) return false;
    if (alone) return true;
    after = text.substr(colon);
  }
  after.remove_prefix(1);
  if (after.empty() || after.size() > 5 || !is_digit(after[0])) return false;
  const auto [at, error] = std::from_chars(after.data(), after.data() + after.size(), port);
  return error == std::errc() && at == after.data() + after.size() && port <= 65535;
}

}  // namespace penstock::packs
