// The socket below a TLS session, as OpenSSL wants it. Included by the files that know OpenSSL.
#pragma once

#include <openssl/bio.h>

#include "io/tls_session.h"

namespace penstock {

/// OpenSSL's own socket BIO does not tell an emptied socket from other reasons to stop, has no end to what it reads in one
/// call, and writes with SIGPIPE.
struct TlsTransport {
  /// nullptr: no memory.
  static BIO* make(TlsSession* session);

 private:
  static BIO_METHOD* method();
  static bool sealed(const TlsSession& session);
  static int read(BIO* bio, char* into, int size);
  static int write(BIO* bio, const char* data, int size);
  static long control(BIO* bio, int command, long, void*);
};

}  // namespace penstock
