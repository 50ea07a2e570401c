// Names of columns, and lines cut into columns.
#pragma once

#include "packs/blocks/extracted.h"
#include "packs/blocks/unescape.h"

#include <string>
#include <vector>

namespace penstock::packs {

/// Names in order, in one bounded piece of memory. An empty name is a column that is not wanted.
class ColumnNames {
 public:
  static constexpr size_t kMax = 512, kBytesMax = 16 << 10;

  /// Takes over the names that `separator` parts in `text`; runs of a separator count as one when `runs`. False: more than the
  /// limits, and nothing has changed.
  bool assign(std::string_view text, char separator, bool runs);
  bool assign(const std::vector<std::string>& names);
  void clear() { ends_.clear(); }
  size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  std::string_view operator[](size_t i) const {
    const uint32_t from = i == 0 ? 0 : ends_[i - 1];
    return {text_.data() + from, ends_[i] - from};
  }
  /// `text_` and `ends_` as they are held, to see whether a header has changed.
  bool operator==(const ColumnNames& other) const { return text_ == other.text_ && ends_ == other.ends_; }

 private:
  std::string text_;
  std::vector<uint32_t> ends_;
};

struct ColumnFormat {
  char delimiter = ',';
  char quote = '"';          ///< '\0': quotes are text
  bool runs = false;         ///< several delimiters in a row are one
  bool trim = false;         ///< spaces around a value are not part of it
  std::string_view unset;    ///< a value that stands for none (W3C, Zeek: "-"); empty values are left out besides
  bool keep_empty = false;   ///< empty values become fields too
  bool fewer = false;        ///< a line may have fewer columns than names, as older versions write
};

/// Appends the columns of `line` under `names`; columns beyond them are called column<n>, from 1, and noted (kExtraColumns),
/// fewer are noted (kMissingColumns) where they may not be. Doubled quotes inside quotes are one (RFC 4180). False: no room for more fields.
bool extract_columns(std::string_view line, const ColumnFormat& format, const ColumnNames& names, Arena& scratch,
                     Extracted& out);

/// One line of CSV, TSV or PSV under names that the pack gives; without names all columns are column<n>, and none is noted.
/// kNoMatch: fewer than `least` columns, or an empty line.
struct CsvOptions {
  ColumnFormat format;
  ColumnNames names;
  uint32_t least = 1;
};
BlockResult extract_csv(std::string_view text, const CsvOptions& options, Arena& scratch, Extracted& out);

}  // namespace penstock::packs
