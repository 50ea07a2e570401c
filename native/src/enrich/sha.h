// SHA-1 (for the Community ID, whose specification names it) and SHA-256, FIPS 180-4; HMAC, RFC 2104.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock::enrich {

using Sha1 = std::array<uint8_t, 20>;
using Sha256 = std::array<uint8_t, 32>;

Sha1 sha1(std::string_view bytes);
Sha256 sha256(std::string_view bytes);
/// Of key and text; a key of more than 64 bytes counts as its SHA-256.
Sha256 hmac_sha256(std::string_view key, std::string_view text);

}  // namespace penstock::enrich
