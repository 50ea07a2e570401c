// Which ECS fields are looked up in lists, as which kind of key, and in which form.
#pragma once

#include <string>

#include "enrich/lookup_table.h"
#include "generated/ecs_fields.h"

namespace penstock::enrich {

/// What stands before the last name of the fields that are looked up: what a list tells of a key belongs below it.
inline constexpr std::string_view kKeyPrefixes[] = {
    "source", "destination", "client", "server", "host", "observer", "user", "source.user", "destination.user", "client.user", "server.user",
    "user.target", "dns", "url", "tls", "file", "process", "dll"};
inline constexpr size_t kKeyPrefixCount = std::size(kKeyPrefixes);

class KeyFields {
 public:
  struct Info {
    uint8_t kind = 0;  ///< KeyKind + 1; 0: not looked up
    uint8_t prefix = 0;
  };
  static const KeyFields& get();
  Info of(EcsField field) const { return fields_[static_cast<size_t>(field)]; }

 private:
  KeyFields();
  Info fields_[static_cast<size_t>(EcsField::kCount)];
};

inline constexpr size_t kKeyBytesMax = 2048;
/// The form that keys of lists have (engine/enrich/keys.ts makes the same): lower case, a domain without its last dot, of a URL scheme and
/// host in lower case. `out` has kKeyBytesMax bytes. Empty: it can be no key.
std::string_view key_form(KeyKind kind, std::string_view text, char* out);

}  // namespace penstock::enrich
