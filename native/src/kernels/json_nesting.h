// How dotted names become nested objects where they clash: the same in JSON and in MessagePack (schema/README.md).
#pragma once

#include <algorithm>

#include "kernels/event.h"

namespace penstock {

inline constexpr std::string_view kAttrs = "attrs.";
inline constexpr size_t kNestingMax = 32;  ///< objects within each other; what is deeper keeps its dots

inline bool starts_with_object(std::string_view name, std::string_view prefix) {
  return name.size() > prefix.size() && name[prefix.size()] == '.' && name.starts_with(prefix);
}

/// "attrs." in front of a name, how often.
inline size_t attrs_prefixes(std::string_view name) {
  size_t count = 0;
  for (; name.starts_with(kAttrs); name.remove_prefix(kAttrs.size())) ++count;
  return count;
}

/// How many stand before the name of an attribute whose own is taken: one more than any name begins with.
inline size_t attrs_prefixes_max(const Event& event) {
  size_t most = 0;
  for (size_t i = 0; i < event.attr_count(); ++i) most = std::max(most, attrs_prefixes(event.attrs()[i].name));
  return most + 1;
}

}  // namespace penstock
