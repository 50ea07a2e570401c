// For programs without Node: takes the regular expressions from the Rust crate's own library (`cargo build --release`).
#pragma once

#include <dlfcn.h>

#include "packs/blocks/regex_abi.h"

namespace block_test {

/// False: the library is not built or of another version.
inline bool load_regex_abi() {
  void* const library = dlopen("target/release/libpenstock_patterns.so", RTLD_NOW | RTLD_LOCAL);
  if (!library) return false;
  using Get = const penstock::packs::RegexAbi* (*)();
  const auto get = reinterpret_cast<Get>(dlsym(library, "penstock_regex_abi"));
  return get && penstock::packs::set_regex_abi(get());
}

}  // namespace block_test
