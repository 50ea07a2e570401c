// What stands behind a syslog header that claims RFC 5424 ("<134>1 2026-…Z host ") but does not keep to it: LEEF and Check Point's
// exporter put their text at once behind the host, Meraki an epoch where the timestamp belongs.
#pragma once

#include <cstdint>
#include <string_view>

namespace penstock::packs {

struct BrokenHeader {
  bool has_timestamp = false;
  int64_t timestamp_ns = 0;
  std::string_view host;
  std::string_view app, pid;  ///< of a tag, as BSD syslog has it ("bluecoat[0]: ")
  std::string_view text;      ///< all behind what was read
};

/// Reads `message` as far as it is a header: priority and version, then a timestamp of RFC 3339 or "-", then `with_host` the host and
/// perhaps a tag. Without a timestamp all behind the version is the text. False: not even that. kPadding bytes behind it may be read.
bool read_broken_header(std::string_view message, bool with_host, BrokenHeader& out);

}  // namespace penstock::packs
