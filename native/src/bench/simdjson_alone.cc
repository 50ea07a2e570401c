#include "bench/simdjson_alone.h"

#include "kernels/simdjson_config.h"

namespace penstock {

struct SimdjsonAlone::Impl {
  simdjson::dom::parser parser;
};

SimdjsonAlone::SimdjsonAlone() : impl_(std::make_unique<Impl>()) {}
SimdjsonAlone::~SimdjsonAlone() = default;

size_t SimdjsonAlone::parse(const uint8_t* data, size_t size) {
  return impl_->parser.parse(data, size, /*realloc_if_needed=*/false).error() == simdjson::SUCCESS ? 1 : 0;
}

}  // namespace penstock
