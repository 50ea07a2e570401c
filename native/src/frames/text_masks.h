// Where texts have delimiters, and where something begins that differs from event to event: bit i of word w stands for byte
// 64 · w + i.
#pragma once

#include <cstddef>
#include <cstdint>

namespace penstock::frames {

struct TextMasks {
  uint64_t* delimiters;
  uint64_t* dots;   ///< full stops, of whole texts only
  uint64_t* marks;  ///< a digit, a slash, what follows '=', `="` or `:"`, a quote after a space or '='; within a token, or the quote
};

/// How finely texts are cut: whole texts at spaces, brackets and the like, their variables at dots, dashes and slashes too.
enum class Cutting : uint8_t { kTokens, kParts };

/// The masks of `size` bytes (readable up to the next multiple of 64), ⌈size / 64⌉ words each.
void text_masks(const uint8_t* bytes, size_t size, Cutting cutting, const TextMasks& out);
/// The same, on processors that have AVX2.
void text_masks_avx2(const uint8_t* bytes, size_t size, Cutting cutting, const TextMasks& out);
/// The same, on those that have AVX-512.
void text_masks_avx512(const uint8_t* bytes, size_t size, Cutting cutting, const TextMasks& out);

}  // namespace penstock::frames
