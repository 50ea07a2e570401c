// simdjson by itself, the limit that the JSON kernel is measured against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace penstock {

class SimdjsonAlone {
 public:
  SimdjsonAlone();
  ~SimdjsonAlone();
  /// Parses one document into simdjson's DOM; kPadding bytes after it are readable. 1 when it is well-formed.
  size_t parse(const uint8_t* data, size_t size);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
