// How dotted names become nested objects where they clash: the same in JSON and in MessagePack (schema/README.md).
#pragma once

#include <algorithm>

#include "kernels/json_items.h"

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

/// Hands an event's items, in order, to `writer`: those of one name together, as `member(first, end)`, and after all of them each attribute whose
/// name a field has taken, as `displaced(item, prefixes)`.
template <class Writer>
void write_members(const Event& event, const JsonItem** begin, const JsonItem** end, Writer& writer) {
  size_t displaced = 0;
  for (const JsonItem** first = begin; first < end;) {
    const JsonItem** last = first + 1;
    while (last < end && same_name(**last, **first)) ++last;
    // Fields come before attributes of their name.
    const JsonItem** attrs = last;
    if (!(*first)->attr()) {
      while (attrs[-1]->attr()) --attrs;
    }
    writer.member(first, attrs);
    if (attrs < last) begin[displaced++] = last[-1];
    first = last;
  }
  if (displaced == 0) return;
  const size_t prefixes = attrs_prefixes_max(event);
  for (size_t i = 0; i < displaced; ++i) writer.displaced(*begin[i], prefixes);
}

}  // namespace penstock
