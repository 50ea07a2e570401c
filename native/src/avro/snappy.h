// Snappy's block format, decompressed: github.com/google/snappy/blob/main/format_description.txt
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock::avro {

/// Bytes the block says it becomes; −1: it does not say. Nobody has checked that yet.
int64_t snappy_size(std::string_view block);
/// True: `out` is filled, all of it. Reads nothing outside `block`, writes nothing outside `out`.
bool snappy_decompress(std::string_view block, uint8_t* out, size_t size);

}  // namespace penstock::avro
