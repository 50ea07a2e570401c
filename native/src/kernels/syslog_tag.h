// TAG of RFC 3164 ("sshd[1234]: "), host names, and Cisco's message mnemonics.
#pragma once

#include "kernels/common.h"
#include "kernels/syslog_chars.h"

namespace penstock {

struct SyslogTag {
  std::string_view name;    ///< "postfix/smtpd"
  std::string_view procid;  ///< what stands in brackets, or empty
  const char* content;      ///< after the tag and one space
};

/// name ["[" procid "]"] ":" (SP / end), or name "[" procid "]" (SP / end). Names have 1 to 128 bytes.
bool parse_syslog_tag(const char* p, const char* end, SyslogTag& tag);

/// A name of several words that each begin with a capital, as macOS has them: "Google Chrome Helper (Renderer)[123]: ". At most 64 bytes.
bool parse_spaced_tag(const char* p, const char* end, SyslogTag& tag);

/// "%FACILITY-SEVERITY-MNEMONIC:" as Cisco's devices begin their texts.
struct CiscoMnemonic {
  std::string_view id;  ///< "SYS-5-CONFIG_I"
  int severity;
};
bool parse_cisco_mnemonic(const char* p, const char* end, CiscoMnemonic& mnemonic);

/// Content that begins with a mark of its own: a program's name does not stand before it.
inline bool begins_content(std::string_view text) {
  return text.starts_with('%') || text.starts_with("CEF:") || text.starts_with("LEEF:");
}

bool is_ipv4(std::string_view text);

/// Digits and nothing else.
inline bool is_number(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c - '0') > 9) return false;
  return !text.empty();
}

}  // namespace penstock
