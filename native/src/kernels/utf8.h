// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include "kernels/common.h"

namespace penstock {

/// Bytes at the start of a text, and whether they are a well-formed character or a maximal ill-formed part.
struct Utf8Step {
  unsigned size;
  bool valid;
};

/// What `size` >= 1 bytes begin with.
Utf8Step utf8_step(const uint8_t* p, size_t size);

/// Length of the longest prefix of `size` bytes that is well-formed: `size` when all of it is.
size_t utf8_valid_prefix(const char* p, size_t size);

/// Copies `text` into the arena; each maximal ill-formed part becomes one U+FFFD (Unicode 3.9, as TextDecoder does).
/// data() == nullptr when the arena is full.
std::string_view utf8_replace_invalid(std::string_view text, Arena& arena);

}  // namespace penstock
