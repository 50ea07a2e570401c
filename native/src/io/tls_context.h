// What TlsContext is to the files that know OpenSSL.
#pragma once

#include <openssl/ssl.h>

#include "io/tls_session.h"

namespace penstock {

struct TlsContext {
  SSL_CTX* ctx = nullptr;

  TlsContext() = default;
  TlsContext(const TlsContext&) = delete;
  ~TlsContext() { SSL_CTX_free(ctx); }
};

}  // namespace penstock
