// What literal_scan's variants share: the comparison at a place where an anchor may stand.
#pragma once

#include <bit>
#include <cstring>

#include "kernels/literal_scan.h"

namespace penstock {
namespace {

/// `buckets`: of which an anchor may stand at `at`.
inline bool confirm_literals(const LiteralTables& tables, std::string_view text, size_t at, uint32_t buckets, uint64_t* found) {
  uint32_t bytes;
  std::memcpy(&bytes, text.data() + at, sizeof bytes);
  bool any = false;
  for (; buckets != 0; buckets &= buckets - 1) {
    const unsigned bucket = static_cast<unsigned>(std::countr_zero(buckets));
    for (uint32_t i = tables.bucket_first[bucket]; i < tables.bucket_first[bucket + 1]; ++i) {
      const LiteralTables::Entry& entry = tables.entries[i];
      if ((bytes & entry.mask) != entry.bytes || at < entry.offset) continue;
      const std::string_view literal = tables.literals[entry.literal];
      const size_t from = at - entry.offset;
      if (literal.size() > text.size() - from || std::memcmp(text.data() + from, literal.data(), literal.size()) != 0) continue;
      found[entry.literal / 64] |= uint64_t{1} << (entry.literal % 64);
      any = true;
    }
  }
  return any;
}

}  // namespace
}  // namespace penstock
