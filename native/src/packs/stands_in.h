// Texts that are parts of others.
#pragma once

#include <cstdint>
#include <string_view>

namespace penstock::packs {

/// Whether `part` stands in `whole`, not only an equal text.
inline bool stands_in(std::string_view part, std::string_view whole) {
  const auto at = reinterpret_cast<uintptr_t>(part.data()), from = reinterpret_cast<uintptr_t>(whole.data());
  return at >= from && at + part.size() <= from + whole.size();
}

}  // namespace penstock::packs
