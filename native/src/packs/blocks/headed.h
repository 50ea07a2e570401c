// Lines whose columns the sender declares: the W3C extended log format (https://www.w3.org/TR/WD-logfile) and Zeek's TSV logs
// (https://docs.zeek.org/en/master/log-formats.html). Declarations are kept for each sender, bounded in number and size.
#pragma once

#include "packs/blocks/columns.h"

namespace penstock::packs {

/// What one sender has declared.
struct DeclaredColumns {
  uint64_t used = 0;  ///< when it was last asked for
  uint32_t owner = 0xffffffff;  ///< the pack that took the declaration: its counter
  ColumnNames names;
  char delimiter = '\t';
  char unset[32] = "-";
  char empty[32] = "(empty)";
  char path[64] = "";  ///< Zeek: the log's name
};

/// Declarations of the latest senders, by a number that stands for a sender (a listener and an address, a connection, a file).
/// One thread uses it. It allocates when a sender declares columns, never for the lines under them.
class DeclaredColumnsTable {
 public:
  static constexpr size_t kSendersMax = 256;

  DeclaredColumnsTable() = default;
  DeclaredColumnsTable(DeclaredColumnsTable&&) = default;
  DeclaredColumnsTable& operator=(DeclaredColumnsTable&&) = default;

  /// The sender's entry, nullptr when it has declared nothing (or so many others did since).
  DeclaredColumns* find(uint64_t sender);
  bool empty() const { return ids_.empty(); }
  /// The sender's entry, new if need be: then that of the sender not seen for longest goes.
  DeclaredColumns& make(uint64_t sender);

 private:
  std::vector<uint64_t> ids_;  // apart from the rest: an unknown sender is looked for in two kilobytes
  std::vector<DeclaredColumns> senders_;
  size_t last_ = 0;
  uint64_t clock_ = 0;
};

struct W3cOptions {
  char delimiter = ' ';
  ColumnNames names;  ///< used until the sender declares others; may be empty
};

/// A line of the W3C format. A directive (`#Fields: date time …`) becomes a field of its own name (`#Fields`, kFieldHeader) and
/// `#Fields` holds for the sender's lines that follow. Values "-" are left out; runs of spaces part columns; values may be in
/// quotes. kNoMatch: no columns are known, or there is no line. Names live until the sender's next declaration.
BlockResult extract_w3c(std::string_view text, const W3cOptions& options, uint64_t sender, DeclaredColumnsTable& table,
                        Arena& scratch, Extracted& out);

/// A line of a Zeek log. Directives as above (#separator, #fields, #path, #unset_field, #empty_field are heeded); the log's
/// name is the field _path (kFieldHeader), as in Zeek's JSON. Unset values are left out, \xHH is taken back.
BlockResult extract_zeek(std::string_view text, uint64_t sender, DeclaredColumnsTable& table, Arena& scratch,
                         Extracted& out);

}  // namespace penstock::packs
