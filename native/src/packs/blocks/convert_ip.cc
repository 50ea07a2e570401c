#include <arpa/inet.h>

#include "packs/blocks/convert.h"

namespace penstock::packs {

std::string_view canonical_ip(std::string_view text, Arena& scratch) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  if (const size_t zone = text.find('%'); zone != text.npos) text = text.substr(0, zone);
  char copy[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof copy || std::memchr(text.data(), 0, text.size())) return {};
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = 0;
  uint8_t address[16];
  constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const bool colon = text.find(':') != text.npos;
  if (inet_pton(colon ? AF_INET6 : AF_INET, copy, address) != 1) return {};
  // Nearly all addresses are written as they should be: those need no copy.
  if (!colon) return text;
  const bool mapped = std::memcmp(address, kMapped, sizeof kMapped) == 0;
  if (!inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? address + 12 : address, copy, sizeof copy)) return {};
  const std::string_view canonical(copy);
  return canonical == text ? text : scratch.copy(canonical);
}

}  // namespace penstock::packs
