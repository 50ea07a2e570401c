// Whether a JSON value fits the type of an ECS field, and as what.
#pragma once

#include "kernels/event.h"

namespace penstock {

/// A scalar or raw JSON value as it was read.
struct JsonScalar {
  Value value;
  std::string_view raw;  ///< its token(s) in the document
};

/// True when `in` fits; `out` is then the value of the field's type, the same information in it.
bool json_fits(EcsType type, const JsonScalar& in, Value& out);

/// "192.0.2.1" or "2001:db8::1"; no zone, no port, no prefix length.
bool is_ip_address(std::string_view text);

}  // namespace penstock
