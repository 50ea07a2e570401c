// Escapes inside values, taken back: one table of the conventions that logs use.
#pragma once

#include "packs/blocks/extracted.h"

namespace penstock::packs {

enum class Escapes : uint8_t {
  kNone,       ///< a backslash is a backslash
  kBackslash,  ///< \" \' \\ alone are escapes; any other backslash is text (Windows paths)
  kDoubled,    ///< "" is " (RFC 4180)
  kText,       ///< as logfmt and JSON: \n \r \t \b \f \v \a \" \\ \/ \xHH \uHHHH \UHHHHHHHH and octal \NNN
};

/// `text` without its escapes, in `scratch`; `text` itself when there are none or no memory is left, which is noted.
/// `quote` is what kDoubled doubles. kFieldRewritten is set in `flags` when the answer differs. Escapes that spell bytes
/// which are not UTF-8 become U+FFFD, noted; an escape that is none stays as written, noted (kText).
std::string_view unescape(std::string_view text, Escapes escapes, char quote, Arena& scratch, Extracted& out,
                          uint8_t& flags);

}  // namespace penstock::packs
