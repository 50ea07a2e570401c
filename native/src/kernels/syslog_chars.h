// Which bytes may stand in the words of an RFC 3164 header; one look-up each.
#pragma once

#include <array>
#include <cstdint>

namespace penstock {

enum SyslogCharClass : uint8_t { kHostChar = 1, kHostStart = 2, kTagChar = 4, kTagStart = 8, kMnemonicChar = 16 };

constexpr std::array<uint8_t, 256> make_syslog_chars() {
  std::array<uint8_t, 256> classes{};
  for (int c = 33; c < 127; ++c) classes[c] = kTagChar | kTagStart;
  for (const char c : {'[', ']', '<', '>', '"', '\'', '{', '}', '=', '|', ',', ';', '`'})
    classes[static_cast<uint8_t>(c)] = 0;
  for (const char c : {'%', ':', ')', '!', '*', '#', '-', '?'}) classes[static_cast<uint8_t>(c)] = kTagChar;
  for (int c = 0; c < 256; ++c) {
    const bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (alnum) classes[c] |= kHostChar | kHostStart | kMnemonicChar;
  }
  for (const char c : {'.', '-', '_', ':', '/', '@', '+'}) classes[static_cast<uint8_t>(c)] |= kHostChar;
  classes[':'] |= kHostStart;
  classes['_'] |= kMnemonicChar;
  classes['-'] |= kMnemonicChar;
  return classes;
}
inline constexpr auto kSyslogChars = make_syslog_chars();

inline bool syslog_char_is(char c, uint8_t classes) { return (kSyslogChars[static_cast<uint8_t>(c)] & classes) != 0; }

/// Host names: names, IPv4, IPv6 and syslog-ng's chains ("src@relay/host").
inline bool is_host_char(char c) { return syslog_char_is(c, kHostChar); }
inline bool starts_host(char c) { return syslog_char_is(c, kHostStart); }
inline bool is_tag_char(char c) { return syslog_char_is(c, kTagChar); }
inline bool starts_tag(char c) { return syslog_char_is(c, kTagStart); }
inline bool is_mnemonic_char(char c) { return syslog_char_is(c, kMnemonicChar); }

}  // namespace penstock
