#include "kernels/structured_data_memory.h"

namespace penstock {

void StructuredDataShape::learn(std::string_view text, std::string_view json) {
  values = 0;
  size_t at = 0, out = 0, count = 0;
  for (;; ++count) {
    if (count == kValuesMax + 1) return;
    // From the quote that ended a value to the one that begins the next, both with the piece.
    const size_t opening = text.find('"', count == 0 ? at : at + 1);
    const bool last = opening == text.npos;
    const size_t to = last ? text.size() : opening + 1;
    const std::string_view piece = text.substr(at, to - at);
    // [id name="  {"id":{"name":"     " name="  ","name":"     "][id name="  "},"id":{"name":"
    const size_t longer = count != 0 && piece[1] == ' ' ? 2 : 5;
    const size_t json_to = last ? json.size() : out + piece.size() + longer;
    if (piece.size() > kTextMax || json_to - out > kJsonMax) return;
    // "[id]": its JSON has no opening of its own.
    for (size_t bracket = piece.find(']'); bracket != piece.npos; bracket = piece.find(']', bracket + 1))
      if (bracket != 1 || count == 0) return;
    Piece& kept = pieces[count];
    kept.text_size = static_cast<uint8_t>(piece.size());
    kept.json_size = static_cast<uint8_t>(json_to - out);
    std::memcpy(kept.text, piece.data(), piece.size());
    std::memcpy(kept.json, json.data() + out, json_to - out);
    if (last) break;
    at = text.find('"', to);
    out = json_to + (at - to);
  }
  values = count;
}

}  // namespace penstock
