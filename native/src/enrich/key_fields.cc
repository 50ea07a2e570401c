#include "enrich/key_fields.h"

#include <algorithm>
#include <cstring>

#include "kernels/ecs_lookup.h"

namespace penstock::enrich {
namespace {

struct Names {
  KeyKind kind;
  std::string_view names[40];
};
constexpr Names kFields[] = {
    {KeyKind::kIp, {"source.ip", "destination.ip", "client.ip", "server.ip", "host.ip", "source.nat.ip", "destination.nat.ip", "dns.resolved_ip"}},
    {KeyKind::kDomain,
     {"dns.question.name", "url.domain", "source.domain", "destination.domain", "client.domain", "server.domain", "tls.client.server_name"}},
    {KeyKind::kHash,
     {"file.hash.md5", "file.hash.sha1", "file.hash.sha256", "file.hash.sha512", "process.hash.md5", "process.hash.sha1", "process.hash.sha256",
      "process.hash.sha512", "dll.hash.md5", "dll.hash.sha1", "dll.hash.sha256", "process.parent.hash.md5", "process.parent.hash.sha1",
      "process.parent.hash.sha256", "file.pe.imphash", "process.pe.imphash", "tls.client.ja3", "tls.server.ja3s", "tls.client.hash.sha1",
      "tls.client.hash.sha256", "tls.server.hash.md5", "tls.server.hash.sha1", "tls.server.hash.sha256"}},
    {KeyKind::kUrl, {"url.full", "url.original"}},
    {KeyKind::kUser, {"user.name", "source.user.name", "destination.user.name", "client.user.name", "server.user.name", "user.target.name", "user.email"}},
    {KeyKind::kHost, {"host.name", "host.hostname", "observer.name", "observer.hostname"}},
    {KeyKind::kMac, {"host.mac", "source.mac", "destination.mac", "client.mac", "server.mac"}},
};

/// The longest prefix that the name has.
uint8_t prefix_of(std::string_view name) {
  size_t best = 0, longest = 0;
  for (size_t i = 0; i < kKeyPrefixCount; ++i) {
    const std::string_view p = kKeyPrefixes[i];
    if (p.size() > longest && name.starts_with(p) && name.size() > p.size() && name[p.size()] == '.') best = i, longest = p.size();
  }
  return static_cast<uint8_t>(best);
}

char lower(char c) { return static_cast<unsigned char>(c - 'A') < 26 ? static_cast<char>(c | 32) : c; }

}  // namespace

const KeyFields& KeyFields::get() {
  static const KeyFields fields;
  return fields;
}

KeyFields::KeyFields() {
  for (const Names& group : kFields)
    for (const std::string_view name : group.names) {
      const EcsField field = name.empty() ? EcsField::kUnknown : ecs_field_by_name(name);
      if (field != EcsField::kUnknown) fields_[static_cast<size_t>(field)] = {static_cast<uint8_t>(static_cast<uint32_t>(group.kind) + 1), prefix_of(name)};
    }
}

std::string_view key_form(KeyKind kind, std::string_view text, char* out) {
  if (kind == KeyKind::kDomain && !text.empty() && text.back() == '.') text.remove_suffix(1);
  if (text.empty() || text.size() > kKeyBytesMax) return {};
  size_t folded = text.size();
  if (kind == KeyKind::kUrl) {
    const size_t scheme = text.find("://");
    if (scheme != text.npos) folded = std::min(text.find_first_of("/?#", scheme + 3), text.size());
    else folded = 0;
  }
  for (size_t i = 0; i < folded; ++i) out[i] = lower(text[i]);
  std::memcpy(out + folded, text.data() + folded, text.size() - folded);
  return {out, text.size()};
}

}  // namespace penstock::enrich
