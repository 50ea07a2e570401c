// Fields of a Linux audit record: key=value, with what the kernel and auditd encode decoded.
#pragma once

#include "packs/blocks/kv.h"

namespace penstock::packs {

struct AuditOptions {
  AuditOptions() : pairs(KvOptions{}) {}
  KvProgram pairs;
  bool join_arguments = false;  ///< an EXECVE record's a0, a1, … only as one
};

/// As kv, and besides:
/// - What may hold a blank, a quote or a control character (names of files and programs, command lines, keys, typed text) is written
///   in hexadecimal then, without quotes; a NUL in it becomes a blank, the mark between keys a comma. What stands in quotes, or is no
///   such field, stays as it is: `pid=1298` is a number.
/// - `saddr` (struct sockaddr in hexadecimal, its family in either order of bytes) also as `family` (ipv4, ipv6, unix, netlink, packet),
///   `address` and `port`, or `path` ('@' before an abstract one).
/// - Of an EXECVE record (`argc` first) the arguments, in order and those in pieces (`a1[0]`) together, as `command_line`, with blanks
///   between, and as `args`, with NULs between.
/// https://github.com/linux-audit/audit-documentation/wiki/SPEC-Audit-Field-Dictionary-and-Value-Encoding
BlockResult extract_audit(std::string_view text, const AuditOptions& options, Arena& scratch, Extracted& out);

}  // namespace penstock::packs
