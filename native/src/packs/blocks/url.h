// URLs and their queries (RFC 3986, as logs have them: not always valid, often without a scheme).
#pragma once

#include "packs/blocks/extracted.h"

namespace penstock::packs {

/// Parts of a URL as they stand, not decoded, under ECS's names without "url.": scheme (lower case), username, password, domain
/// (brackets of an IPv6 address not kept), port, path, extension, query, fragment; those that are there. Understood:
/// `scheme://…`, `//host/…`, `/path?query`, and `host:port` or `host/path` when `has_host` (CONNECT, proxies). kNoMatch: the
/// text is empty or has blanks in its host.
BlockResult extract_url(std::string_view text, bool has_host, Arena& scratch, Extracted& out);

/// Pairs of a query (`a=1&b=c%20d`), names and values decoded; a name alone has kFieldNoValue. kNoMatch: there is no pair.
BlockResult extract_query(std::string_view text, Arena& scratch, Extracted& out);

}  // namespace penstock::packs
