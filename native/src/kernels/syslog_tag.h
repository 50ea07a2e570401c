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

/// "%FACILITY-SEVERITY-MNEMONIC:" as Cisco's devices begin their texts.
struct CiscoMnemonic {
  std::string_view id;  ///< "SYS-5-CONFIG_I"
  int severity;
};
bool parse_cisco_mnemonic(const char* p, const char* end, CiscoMnemonic& mnemonic);

bool is_ipv4(std::string_view text);

}  // namespace penstock
