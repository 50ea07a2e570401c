// ArcSight Common Event Format. Micro Focus, "Implementing ArcSight Common Event Format (CEF)", version 26.
#pragma once

#include "packs/blocks/extracted.h"

namespace penstock::packs {

/// What becomes of custom fields that carry a label (`cs1Label=Policy cs1=Default`).
enum class CefLabels : uint8_t {
  kKeep,     ///< cs1Label and cs1 as they are
  kAdd,      ///< and Policy=Default besides, with kFieldLabelled
  kReplace,  ///< Policy=Default alone, with kFieldLabelled
};

struct CefOptions {
  CefLabels labels = CefLabels::kAdd;
};

/// The first "CEF:<version>|" in `text`, whatever stands before it. Header fields are called cefVersion, deviceVendor,
/// deviceProduct, deviceVersion, deviceEventClassId, name and severity (kFieldHeader; empty ones are left out).
///
/// Extension values may hold spaces, '|' and '=': a value ends before the last blank that a key and an unescaped '='
/// follow. Escapes: \| and \\ in the header; \= \\ \n \r in values; any other backslash is text. Blanks around values are
/// not part of them. A header that ends early (fewer than seven '|') is kept and noted (kMalformed).
BlockResult extract_cef(std::string_view text, const CefOptions& options, Arena& scratch, Extracted& out);

/// "CEF:" or "LEEF:", a version and '|': where the mark begins, or npos. `name` includes the colon.
size_t find_format_mark(std::string_view text, std::string_view name);

}  // namespace penstock::packs
