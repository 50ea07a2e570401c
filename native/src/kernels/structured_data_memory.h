// What stood around the values of structured data read before, and the JSON it became: senders write the same elements and parameters again and
// again. Every byte is compared, so what is remembered can make a message miss, never be read wrongly.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace penstock {

/// Plain structured data (structured_data_plain.h) cut at its values: the first piece is `[id name="`, one between two values `" name="` or
/// `"][id name="`, the last `"]`.
struct StructuredDataShape {
  static constexpr size_t kValuesMax = 8, kTextMax = 64, kJsonMax = 64;
  struct Piece {
    uint8_t text_size, json_size;
    char text[kTextMax], json[kJsonMax];
  };
  size_t values = 0;  ///< 0: nothing is remembered
  Piece pieces[kValuesMax + 1];

  /// `text` became `json`. One that has too much, or an element without parameters, is not remembered.
  void learn(std::string_view text, std::string_view json);
};

class StructuredDataMemory {
 public:
  /// The one that data which begins so may have; 16 bytes at `p` are readable.
  StructuredDataShape& shape_of(const char* p) {
    uint64_t word;
    std::memcpy(&word, p + 4, sizeof word);
    return shapes_[word * 0x9e3779b97f4a7c15 >> 61];
  }

 private:
  std::array<StructuredDataShape, 8> shapes_;
};

}  // namespace penstock
