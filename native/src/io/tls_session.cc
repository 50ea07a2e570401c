#include "io/tls_session.h"

#if __has_include(<openssl/ssl.h>)
#include <cerrno>
#include <cstring>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include "io/clock.h"
#include "io/tls_context.h"
#include "io/tls_transport.h"

namespace penstock {
namespace {

/// Of the socket, in one turn: a read's worth of records, small ones included.
constexpr uint32_t kTurnBytes = 256 * 1024;
/// Of the protocol itself (new keys, alerts) a second and session, as OpenSSL counts its steps: each costs microseconds for a few bytes
/// that are no event. Senders renew their keys once in gigabytes.
constexpr uint32_t kMessagesMax = 100;
constexpr size_t kHeadBytes = 9;  // of a record (5) and of the message in it (4)

SSL* ssl_of(void* ssl) { return static_cast<SSL*>(ssl); }

/// Whether these first bytes may begin a handshake (RFC 8446, 4 and 5.1).
bool may_be_handshake(const uint8_t* head, size_t size) {
  if (size >= 1 && head[0] != 22) return false;
  if (size >= 2 && head[1] != 3) return false;
  if (size < kHeadBytes) return true;
  const uint32_t record = uint32_t{head[3]} << 8 | head[4];
  const uint32_t message = uint32_t{head[6]} << 16 | uint32_t{head[7]} << 8 | head[8];
  return record < 4 || (head[5] == 1 && message <= TlsMessageGuard::kMessageMax);
}

/// From the oldest error that OpenSSL has put down: what came after it followed from it.
TlsSession::Failure failure_of(unsigned long error) {
  using enum TlsSession::Failure;
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return error == 0 ? kClosed : kMalformed;
  const int reason = ERR_GET_REASON(error);
  if (reason >= SSL_AD_REASON_OFFSET) return kAlert;
  switch (reason) {
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return kClosed;
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_BAD_RECORD_TYPE:
    case SSL_R_UNEXPECTED_MESSAGE:
      return kNotTls;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_UNKNOWN_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_GROUPS:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_INAPPROPRIATE_FALLBACK:
      return kUnsupported;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return kCertificate;
    default:
      return kMalformed;
  }
}

}  // namespace

TlsSession::TlsSession(std::shared_ptr<TlsContext> context, int fd) : context_(std::move(context)), fd_(fd) {}

TlsSession::~TlsSession() { SSL_free(ssl_of(ssl_)); }

TlsSession::Step TlsSession::fail(Failure failure) {
  failure_ = failure;
  return Step::kFailed;
}

TlsSession::Step TlsSession::begin() {
  if (hangup_) return fail(Failure::kClosed);  // a client's second flight answers our first: who has gone cannot finish, and costs nothing
  uint8_t head[kHeadBytes];
  ssize_t count;
  do count = recv(fd_, head, sizeof head, MSG_PEEK);
  while (count < 0 && errno == EINTR);
  if (count == 0 || (count < 0 && errno != EAGAIN)) return fail(Failure::kClosed);
  if (count > 0 && !may_be_handshake(head, static_cast<size_t>(count))) return fail(Failure::kNotTls);
  if (count < static_cast<ssize_t>(kHeadBytes)) {
    waiting_ = true;
    return Step::kWaiting;
  }
  SSL* ssl = SSL_new(context_->ctx);
  BIO* bio = ssl ? TlsTransport::make(this) : nullptr;
  if (!bio) {
    SSL_free(ssl);
    ERR_clear_error();
    return fail(Failure::kMalformed);
  }
  SSL_set_bio(ssl, bio, bio);
  SSL_set_accept_state(ssl);
  SSL_set_app_data(ssl, this);
  SSL_set_info_callback(ssl, [](const SSL* of, int where, int) {
    if (where == SSL_CB_ACCEPT_LOOP || where == SSL_CB_WRITE_ALERT || where == SSL_CB_READ_ALERT)
      static_cast<TlsSession*>(SSL_get_app_data(of))->count_message();
  });
  ssl_ = ssl;
  context_.reset();
  return Step::kDone;
}

void TlsSession::count_message() {
  if (!established_) return;
  const int64_t now = monotonic_ms();
  if (now - second_ms_ >= 1000) {
    second_ms_ = now;
    messages_ = 0;
  }
  messages_++;
}

bool TlsSession::floods() const { return messages_ > kMessagesMax; }

void TlsSession::begin_turn() {
  left_ = kTurnBytes;
  short_read_ = waiting_ = false;
  ERR_clear_error();  // what another session of this thread left must not be taken for ours
}

/// Whether the session can go on later; else it is over.
bool TlsSession::stopped(int result) {
  const int code = SSL_get_error(ssl_of(ssl_), result);
  if (code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE) return true;
  failure_ = failure_of(ERR_peek_error());
  end_ = code == SSL_ERROR_ZERO_RETURN ? End::kClosed : End::kBroken;
  ERR_clear_error();
  return false;
}

TlsSession::Step TlsSession::handshake(bool hangup) {
  hangup_ = hangup;
  begin_turn();
  if (!ssl_)
    if (const Step step = begin(); step != Step::kDone) return step;
  const int result = SSL_accept(ssl_of(ssl_));
  if (result == 1) {
    established_ = true;
    return Step::kDone;
  }
  return stopped(result) ? Step::kWaiting : Step::kFailed;
}

ssize_t TlsSession::read(uint8_t* into, size_t room, bool hangup) {
  size_t size = 0;
  hangup_ = hangup;
  if (end_ == End::kNone) begin_turn();
  while (end_ == End::kNone && size < room) {
    size_t count = 0;
    const int result = SSL_read_ex(ssl_of(ssl_), into + size, room - size, &count);
    if (result == 1) size += count;
    else if (stopped(result)) break;
  }
  if (size != 0) return static_cast<ssize_t>(size);
  if (end_ == End::kClosed) return 0;
  errno = end_ == End::kBroken ? EPROTO : EAGAIN;
  return -1;
}

bool TlsSession::peer_subject(uint64_t key[2]) const {
  X509* certificate = SSL_get_peer_certificate(ssl_of(ssl_));
  if (!certificate) return false;
  uint8_t digest[EVP_MAX_MD_SIZE] = {};
  unsigned size = 0;
  const bool known = X509_NAME_digest(X509_get_subject_name(certificate), EVP_sha256(), digest, &size) == 1;
  X509_free(certificate);
  if (known) std::memcpy(key, digest, 2 * sizeof key[0]);
  return known;
}

void TlsSession::close_notify() {
  if (!established_ || end_ == End::kBroken) return;
  ERR_clear_error();
  SSL_shutdown(ssl_of(ssl_));
  ERR_clear_error();
}

}  // namespace penstock
#endif
