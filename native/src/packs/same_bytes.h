// Whether two short texts are alike.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace penstock::packs {

/// Whether two texts of `size` bytes have the same first and last ones, as many as a Word has.
template <class Word>
inline bool ends_alike(const char* a, const char* b, size_t size) {
  const auto word = [](const char* p) {
    Word out;
    std::memcpy(&out, p, sizeof out);
    return out;
  };
  const size_t last = size - sizeof(Word);
  return ((word(a) ^ word(b)) | (word(a + last) ^ word(b + last))) == 0;
}

/// Whether two texts of `size` bytes are alike. Names are short: the first and the last bytes are mostly all of them. Nothing is read
/// beyond them.
inline bool same_bytes(const char* a, const char* b, size_t size) {
  if (size < 2) return size == 0 || *a == *b;
  if (size < 4) return ends_alike<uint16_t>(a, b, size);
  if (size < 8) return ends_alike<uint32_t>(a, b, size);
  if (size <= 16) [[likely]] return ends_alike<uint64_t>(a, b, size);
  if (size <= 32) return ends_alike<unsigned __int128>(a, b, size);
  return ends_alike<uint64_t>(a, b, size) && std::memcmp(a + 8, b + 8, size - 16) == 0;
}

inline bool same_text(std::string_view a, std::string_view b) { return a.size() == b.size() && same_bytes(a.data(), b.data(), a.size()); }

}  // namespace penstock::packs
