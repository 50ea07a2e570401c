#if __has_include(<openssl/ssl.h>)
#include "io/tls_transport.h"

#include <algorithm>
#include <cerrno>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

namespace penstock {

BIO* TlsTransport::make(TlsSession* session) {
  BIO* bio = method() ? BIO_new(method()) : nullptr;
  if (!bio) return nullptr;
  BIO_set_data(bio, session);
  BIO_set_init(bio, 1);
  return bio;
}

BIO_METHOD* TlsTransport::method() {
  // Lives as long as the process: sessions of any thread use it.
  static BIO_METHOD* const made = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "receiver");
    if (!method) return method;
    BIO_meth_set_read(method, read);
    BIO_meth_set_write(method, write);
    BIO_meth_set_ctrl(method, control);
    return method;
  }();
  return made;
}

/// Whether this version encrypts handshake messages in records of their own type. Until it is agreed upon none is encrypted.
bool TlsTransport::sealed(const TlsSession& session) {
  return SSL_version(static_cast<const SSL*>(session.ssl_)) == TLS1_2_VERSION;
}

int TlsTransport::read(BIO* bio, char* into, int size) {
  auto& session = *static_cast<TlsSession*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (session.left_ == 0 || session.short_read_) {
    session.waiting_ = session.left_ != 0;
    BIO_set_retry_read(bio);
    return -1;
  }
  if (session.floods()) return -1;
  size_t wanted = std::min<size_t>(static_cast<size_t>(size), session.left_);
  if (!session.established_) wanted = std::min<size_t>(wanted, session.guard_.wants());
  ssize_t count;
  do count = recv(session.fd_, into, wanted, 0);
  while (count < 0 && errno == EINTR);
  if (count > 0) {
    session.left_ -= static_cast<uint32_t>(count);
    // A short read means that the socket is drained (epoll(7)) unless its end is already there, which its event tells.
    session.short_read_ = !session.hangup_ && static_cast<size_t>(count) < wanted;
    if (!session.established_ && !session.guard_.take(reinterpret_cast<uint8_t*>(into), static_cast<size_t>(count), sealed(session))) {
      ERR_raise(ERR_LIB_SSL, SSL_R_EXCESSIVE_MESSAGE_SIZE);
      return -1;
    }
    return static_cast<int>(count);
  }
  if (count == 0) {
    session.eof_ = true;
    return 0;
  }
  if (errno == EAGAIN) {
    session.waiting_ = true;
    BIO_set_retry_read(bio);
  }
  return -1;
}

int TlsTransport::write(BIO* bio, const char* data, int size) {
  auto& session = *static_cast<TlsSession*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  ssize_t count;
  do count = send(session.fd_, data, static_cast<size_t>(size), MSG_NOSIGNAL);
  while (count < 0 && errno == EINTR);
  if (count < 0 && errno == EAGAIN) {
    session.waiting_ = true;
    BIO_set_retry_write(bio);
  }
  return static_cast<int>(count);
}

long TlsTransport::control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return static_cast<TlsSession*>(BIO_get_data(bio))->eof_;
  return 0;
}

}  // namespace penstock
#endif
