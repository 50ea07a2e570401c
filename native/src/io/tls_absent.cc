// Builds without OpenSSL's headers: listeners over TLS say so, all else works.
#if !__has_include(<openssl/ssl.h>)
#include <cerrno>

#include "io/tls_session.h"

namespace penstock {

struct TlsContext {};

std::shared_ptr<TlsContext> make_tls_context(const TlsMaterial&, std::string& error) {
  error = "this build has no TLS: the headers of OpenSSL were not there (apt-get install libssl-dev, then npm run build)";
  return nullptr;
}

TlsSession::TlsSession(std::shared_ptr<TlsContext> context, int fd) : context_(std::move(context)), fd_(fd) {}
TlsSession::~TlsSession() = default;
TlsSession::Step TlsSession::handshake(bool) { return Step::kFailed; }
ssize_t TlsSession::read(uint8_t*, size_t, bool) {
  errno = EPROTO;
  return -1;
}
bool TlsSession::peer_subject(uint64_t*) const { return false; }
void TlsSession::close_notify() {}

}  // namespace penstock
#endif
