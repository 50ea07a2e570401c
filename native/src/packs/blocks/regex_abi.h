// The functions of the Rust addon that compile and match regular expressions, as a table whose address is handed over
// once per process. native/crates/patterns/src/ffi.rs is the other side; a change of either changes kRegexAbiVersion.
#pragma once

#include <cstddef>
#include <cstdint>

namespace penstock::packs {

inline constexpr uint32_t kRegexAbiVersion = 2;
/// RegexSpan::start and end of a group that took no part in the match.
inline constexpr uint32_t kNoSpan = UINT32_MAX;

/// Bytes [start, end) of the text.
struct RegexSpan {
  uint32_t start, end;
};

struct RustMatcher;
struct RustList;

struct RegexAbi {
  uint32_t version;
  /// nullptr: refused; `error` holds why, terminated.
  RustMatcher* (*compile)(const uint8_t* pattern, size_t size, size_t program_bytes, size_t cache_bytes, char* error,
                          size_t error_capacity);
  void (*free)(RustMatcher*);
  /// Groups, that of the whole match (0) included.
  size_t (*groups)(const RustMatcher*);
  bool (*find)(RustMatcher*, const uint8_t* text, size_t size, bool anchored, RegexSpan* spans, size_t count);
  /// Patterns with a NUL between.
  RustList* (*compile_list)(const uint8_t* patterns, size_t size, size_t program_bytes, size_t cache_bytes, char* error,
                            size_t error_capacity);
  void (*free_list)(RustList*);
  /// The place of the first pattern in their order that matches, -1: none. Allocates: for what is remembered, not for each event.
  int32_t (*find_first)(RustList*, const uint8_t* text, size_t size, RegexSpan* spans, size_t count);
};

/// Before the first pattern is compiled; again with the same table does no harm. False: another version was built.
bool set_regex_abi(const RegexAbi* abi);
/// nullptr until it is set.
const RegexAbi* regex_abi();

}  // namespace penstock::packs
