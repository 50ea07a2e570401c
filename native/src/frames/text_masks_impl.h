// The loop over blocks of 64 bytes, for one way of looking at a block.
#pragma once

#include "frames/text_masks.h"

namespace penstock::frames {
namespace {

// A byte's classes are the bits that both of its nibbles have in common.
constexpr uint8_t kTab = 1, kPunct2 = 2, kPunct3 = 4, kPunct5 = 8, kPunct7 = 16, kDigit = 32, kSlash = 64, kFine = 128;
constexpr uint8_t kDelimiter = kTab | kPunct2 | kPunct3 | kPunct5 | kPunct7;
constexpr uint8_t kLow[16] = {
    kPunct2 | kDigit,                                          // space, 0
    kDigit,                                                    // 1
    kPunct2 | kDigit,                                          // ", 2
    kDigit, kDigit, kDigit, kDigit,                            // 3 to 6
    kPunct2 | kDigit,                                          // ', 7
    kPunct2 | kDigit,                                          // (, 8
    kTab | kPunct2 | kDigit,                                   // tab, ), 9
    kPunct3,                                                   // :
    kPunct3 | kPunct5 | kPunct7,                               // ; [ {
    kPunct2 | kPunct3 | kPunct7,                               // , < |
    kPunct3 | kPunct5 | kPunct7 | kFine,                       // = ] } -
    kPunct3 | kFine,                                           // > . ^
    kSlash | kFine,                                            // / _
};
constexpr uint8_t kHigh[16] = {kTab, 0, kPunct2 | kSlash | kFine, kPunct3 | kDigit, 0, kPunct5 | kFine, 0, kPunct7};

struct Block {
  uint64_t delimiters, fine, digits, slashes, quotes, equals, colons, spaces, dots;
};

template <Block (*block_of)(const uint8_t*)>
void masks_by(const uint8_t* bytes, size_t size, Cutting cutting, const TextMasks& out) {
  uint64_t was_equals = 0, was_assign = 0, was_opening = 0, was_before = 0;  // of the byte before the block
  for (size_t w = 0; w * 64 < size; ++w) {
    const Block b = block_of(bytes + w * 64);
    if (cutting == Cutting::kParts) {
      const uint64_t delimiters = b.delimiters | b.fine;
      out.delimiters[w] = delimiters;
      out.marks[w] = b.digits;
      continue;
    }
    const uint64_t assign = b.equals | b.colons, before = b.equals | b.spaces;
    const uint64_t opening = b.quotes & (assign << 1 | was_assign);
    const uint64_t follows = b.equals << 1 | was_equals | opening << 1 | was_opening;
    out.delimiters[w] = b.delimiters;
    out.dots[w] = b.dots;
    out.marks[w] = ((b.digits | b.slashes | follows) & ~b.delimiters) | (b.quotes & (before << 1 | was_before));
    was_equals = b.equals >> 63;
    was_assign = assign >> 63;
    was_opening = opening >> 63;
    was_before = before >> 63;
  }
}

}  // namespace
}  // namespace penstock::frames
