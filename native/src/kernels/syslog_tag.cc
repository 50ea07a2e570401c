#include "kernels/syslog_tag.h"

namespace penstock {
namespace {

constexpr ptrdiff_t kMaxName = 128, kMaxProcid = 128;

}  // namespace

bool parse_syslog_tag(const char* p, const char* end, SyslogTag& tag) {
  const char* const from = p;
  if (p >= end || !starts_tag(*p)) return false;
  const char* const limit = end - p > kMaxName ? p + kMaxName : end;
  // A colon within a name ("a::b", "CEF:0|…") is one that neither space nor end follows.
  const auto ends_tag = [end](const char* colon) { return *colon == ':' && (colon + 1 == end || colon[1] == ' '); };
  while (p < limit && is_tag_char(*p) && !ends_tag(p)) ++p;
  if (p == end || p == limit) return false;
  tag.name = {from, static_cast<size_t>(p - from)};
  tag.procid = {};
  if (*p == '[') {
    const char* const procid = ++p;
    while (p < end && p - procid <= kMaxProcid && *p > ' ' && *p < 127 && *p != ']' && *p != '[') ++p;
    if (p == end || *p != ']') return false;
    tag.procid = {procid, static_cast<size_t>(p - procid)};
    ++p;
    if (p < end && *p == ':') ++p;
    if (p < end && *p != ' ') return tag.content = p, p[-1] == ':';
  } else if (*p == ':') {
    // CEF and LEEF are formats of the content, not programs.
    if (tag.name == "CEF" || tag.name == "LEEF") return false;
    ++p;
  } else {
    return false;
  }
  tag.content = p < end && *p == ' ' ? p + 1 : p;
  return true;
}

bool parse_spaced_tag(const char* p, const char* end, SyslogTag& tag) {
  const char* const from = p;
  const char* const limit = end - p > 64 ? p + 64 : end;
  bool begins = true;
  for (; p < limit && *p != '['; ++p) {
    if (*p != ' ' && !is_tag_char(*p)) return false;
    if (begins && *p != '(' && (*p < 'A' || *p > 'Z')) return false;
    begins = *p == ' ';
  }
  if (p == from || p == limit || begins) return false;
  tag.name = {from, static_cast<size_t>(p - from)};
  const char* const procid = ++p;
  while (p < end && p - procid <= 10 && static_cast<unsigned char>(*p - '0') < 10) ++p;
  tag.procid = {procid, static_cast<size_t>(p - procid)};
  if (tag.procid.empty() || end - p < 2 || p[0] != ']' || p[1] != ':' || (end - p > 2 && p[2] != ' ')) return false;
  tag.content = end - p > 2 ? p + 3 : end;
  return true;
}

bool parse_cisco_mnemonic(const char* p, const char* end, CiscoMnemonic& mnemonic) {
  const char* const from = ++p;
  while (p < end && p - from < 64 && is_mnemonic_char(*p)) ++p;
  mnemonic.id = {from, static_cast<size_t>(p - from)};
  if (p < end && *p == ' ') ++p;  // IOS XR writes "%… : "
  if (p >= end || *p != ':') return false;
  for (size_t i = 1; i + 2 < mnemonic.id.size(); ++i) {
    if (mnemonic.id[i] != '-' || mnemonic.id[i + 2] != '-' || mnemonic.id[i + 1] < '0' || mnemonic.id[i + 1] > '7') continue;
    mnemonic.severity = mnemonic.id[i + 1] - '0';
    return true;
  }
  return false;
}

bool is_ipv4(std::string_view text) {
  int dots = 0, digits = 0;
  for (const char c : text) {
    if (c == '.') {
      if (digits == 0) return false;
      ++dots, digits = 0;
    } else if (c >= '0' && c <= '9') {
      if (++digits > 3) return false;
    } else {
      return false;
    }
  }
  return dots == 3 && digits > 0;
}

}  // namespace penstock
