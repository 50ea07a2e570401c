// TLS handshakes of a receiver thread. One takes up to milliseconds of the processor, so that a crowd of them has its own queue
// and a share of each turn: connections that are through are read in between.
#include "io/clock.h"
#include "io/connection.h"
#include "io/receiver.h"

namespace penstock {
namespace {

constexpr int64_t kTurnNs = 2'000'000;

IoStat reason_of(TlsSession::Failure failure) {
  switch (failure) {
    case TlsSession::Failure::kClosed:
      return IoStat::handshake_failures_total_closed;
    case TlsSession::Failure::kNotTls:
      return IoStat::handshake_failures_total_not_tls;
    case TlsSession::Failure::kUnsupported:
      return IoStat::handshake_failures_total_unsupported;
    case TlsSession::Failure::kCertificate:
      return IoStat::handshake_failures_total_certificate;
    case TlsSession::Failure::kAlert:
      return IoStat::handshake_failures_total_alert;
    case TlsSession::Failure::kMalformed:
      return IoStat::handshake_failures_total_malformed;
  }
  return IoStat::handshake_failures_total_malformed;
}

}  // namespace

void Receiver::run_handshakes() {
  const int64_t until_ns = monotonic_ns() + kTurnNs;
  for (size_t turns = handshakes_.queued; turns > 0; turns--) {
    Connection* connection = dequeue(handshakes_);
    connection->queued = false;
    shake_hands(connection);
    if (monotonic_ns() >= until_ns) return;
  }
}

void Receiver::shake_hands(Connection* connection) {
  if (connection->ending) return release(connection, connection->reason);
  switch (connection->tls->handshake(connection->hangup)) {
    case TlsSession::Step::kFailed:
      return release(connection, reason_of(connection->tls->failure()));
    case TlsSession::Step::kWaiting:
      if (connection->closing) return release(connection, IoStat::connections_closed_shutdown_total);
      if (connection->tls->more()) enqueue(connection);
      return;
    case TlsSession::Step::kDone:
      return begin_reading(connection);
  }
}

void Receiver::begin_reading(Connection* connection) {
  unlink(connection);
  connection->handshaking = false;
  touch(connection);
  const ReceiverShared::Listener& listener = shared_.listener[connection->stream.origin.listener];
  if (listener.tcp.rate_by_certificate && listener.volume.get().per_second != 0) {
    find_payer(connection);
    if (!connection->payer) return release(connection, IoStat::connections_refused_total_address);
  }
  enqueue(connection);  // what came behind the handshake has no event of its own
}

/// Slow on purpose or not: a place among the connections is not kept for long before there is a sender.
void Receiver::close_late_handshakes(uint16_t listener) {
  if (!shaking_[listener].oldest) return;
  const int64_t limit = shared_.listener[listener].tcp.handshake_timeout_ms;
  Connection* newer;
  for (Connection* connection = shaking_[listener].oldest; connection; connection = newer) {
    if (now_ms_ - connection->active_ms <= limit) return;
    newer = connection->newer;
    connection->ending = true;
    connection->reason = IoStat::handshake_failures_total_timeout;
    if (!connection->queued) release(connection, connection->reason);  // else the queue has it
  }
}

}  // namespace penstock
