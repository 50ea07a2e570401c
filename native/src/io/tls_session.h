// TLS of one accepted connection, behind what a receiver needs of it: a handshake in steps, then reads as read(2) has them.
// Nothing blocks. The rest of the native code knows of no TLS library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "io/tls_message_guard.h"

namespace penstock {

/// What the connections of a listener are secured with, as PEM texts.
struct TlsMaterial {
  std::string_view certificate;  ///< with its chain
  std::string_view key;
  std::string_view client_ca;    ///< not empty: a client must show a certificate of one of these authorities
  std::string ciphers;           ///< of TLS 1.2, as OpenSSL lists them; empty: its default
  std::string suites;            ///< of TLS 1.3, likewise
};

/// Made of the material once, shared by the sessions that began with it.
struct TlsContext;

/// Any thread. nullptr: `error` says why; it never holds any of the material.
std::shared_ptr<TlsContext> make_tls_context(const TlsMaterial& material, std::string& error);

/// A listener's context: new connections take the one that is in force.
class TlsSlot {
 public:
  void set(std::shared_ptr<TlsContext> context) {
    std::lock_guard lock(mutex_);
    context_.swap(context);  // the old one goes when the lock is gone
  }
  std::shared_ptr<TlsContext> get() {
    std::lock_guard lock(mutex_);
    return context_;
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<TlsContext> context_;
};

/// Used by one thread. The descriptor stays the caller's.
class TlsSession {
 public:
  TlsSession(std::shared_ptr<TlsContext> context, int fd);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;

  enum class Step : uint8_t { kDone, kWaiting, kFailed };
  /// Why a handshake failed, as the counters name it.
  enum class Failure : uint8_t { kClosed, kNotTls, kUnsupported, kCertificate, kAlert, kMalformed };
  /// Goes on with the handshake. kWaiting: at once again when `more`, else when the descriptor can be read or written.
  /// `hangup`: the peer will send nothing more.
  Step handshake(bool hangup);
  bool established() const { return established_; }
  /// Of a handshake that failed.
  Failure failure() const { return failure_; }
  /// Decrypted bytes, as many as are there and have room; 0: the peer has closed; −1: errno is EAGAIN, or it broke.
  ssize_t read(uint8_t* into, size_t room, bool hangup);
  /// Whether the last step or read stopped with something left to do, for which no event of the descriptor will come.
  bool more() const { return !waiting_ || end_ != End::kNone; }
  /// A key of the subject that the peer's certificate names, in `key[0..1]`. False: it showed none.
  bool peer_subject(uint64_t key[2]) const;
  /// Tells the peer that nothing more comes, as far as its window lets us.
  void close_notify();

 private:
  friend struct TlsTransport;
  enum class End : uint8_t { kNone, kClosed, kBroken };
  Step begin();
  Step fail(Failure failure);
  void begin_turn();
  bool stopped(int result);
  void count_message();
  /// More messages of the protocol itself than a sender has: nothing more is read.
  bool floods() const;

  std::shared_ptr<TlsContext> context_;  ///< until the session has one of its own
  void* ssl_ = nullptr;                  ///< made when the start of a handshake is there: who sends nothing costs nothing
  const int fd_;
  uint32_t left_ = 0;       ///< bytes that this turn may still read from the socket
  TlsMessageGuard guard_;   ///< until it is established
  int64_t second_ms_ = 0;   ///< when the second began in which `messages_` came
  uint32_t messages_ = 0;   ///< of the protocol itself, since it is established
  bool hangup_ = false;
  bool short_read_ = false; ///< the socket was emptied in this turn
  bool waiting_ = false;
  bool eof_ = false;
  bool established_ = false;
  Failure failure_ = Failure::kClosed;
  End end_ = End::kNone;
};

}  // namespace penstock
