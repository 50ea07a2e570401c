// Connections of a receiver thread: from accept to close.
#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/epoll.h>

#include "io/connection.h"
#include "io/receiver.h"
#include "io/receiver_epoll.h"
#include "io/sockets.h"

namespace penstock {
namespace {

constexpr int kAcceptsMax = 64;  // a wake-up

}  // namespace

void Receiver::on_acceptable(uint16_t listener) {
  ReceiverShared::Listener& shared = shared_.listener[listener];
  for (int i = 0; i < kAcceptsMax && listening_[listener] >= 0; i++) {
    ReceiverCommand command{.kind = ReceiverCommand::Kind::kConnection, .listener = listener};
    socklen_t size = sizeof command.peer;
    command.fd = accept4(listening_[listener], reinterpret_cast<sockaddr*>(&command.peer), &size,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (command.fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if ((errno == EMFILE || errno == ENFILE) && spare_fd_ >= 0) {
        close(spare_fd_);
        const int refused = accept4(listening_[listener], nullptr, nullptr, SOCK_CLOEXEC);
        if (refused >= 0) close(refused);
        spare_fd_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
        stats(listener).add(IoStat::connections_refused_total_descriptors, 1);
        continue;
      }
      // What waits can be neither taken nor refused (no descriptor, no memory): the next tick looks again, not each turn.
      if (errno != EAGAIN) watch_for(epoll_, listening_[listener], 0, tagged(kListener, uint64_t{listener}));
      return;
    }
    const IoStat refusal = admit(command);
    if (refusal != IoStat::kCount) {
      close(command.fd);
      stats(listener).add(refusal, 1);
      continue;
    }
    shared.connections.fetch_add(1, std::memory_order_relaxed);
    // The ring with the fewest connections, over all threads.
    unsigned best = 0;
    for (unsigned i = 1; i < shared_.threads * shared_.workers; i++)
      if (shared_.load[i].load(std::memory_order_relaxed) < shared_.load[best].load(std::memory_order_relaxed)) best = i;
    shared_.load[best].fetch_add(1, std::memory_order_relaxed);
    command.worker = static_cast<uint16_t>(best % shared_.workers);
    const unsigned thread = best / shared_.workers;
    if (thread == thread_index_) adopt(command);
    else shared_.receivers[thread]->post(command);
  }
}

/// kCount: it may stay, and its sender knows of it. Else why not.
IoStat Receiver::admit(ReceiverCommand& command) {
  const ReceiverShared::Listener& listener = shared_.listener[command.listener];
  if (command.fd >= shared_.descriptors_max) return IoStat::connections_refused_total_descriptors;
  if (shared_.hold.load(std::memory_order_relaxed)) return IoStat::connections_refused_total_memory;
  if (listener.connections.load(std::memory_order_relaxed) >= listener.tcp.connections_max)
    return IoStat::connections_refused_total_limit;
  if (shared_.connections_max != 0 && shared_.connections_open() >= shared_.connections_max)
    return IoStat::connections_refused_total_total;
  const bool rated = !listener.tcp.rate_by_certificate && listener.volume.get().per_second != 0;
  if (listener.tcp.address_connections_max == 0 && !rated) return IoStat::kCount;
  const auto connected = shared_.sources->connect(command.listener, command.peer, listener.tcp.address_connections_max,
                                                  now_ms_ * 1'000'000);
  if (connected.answer != SourceTable::Answer::kTaken) return IoStat::connections_refused_total_address;
  if (connected.forgot) stats(command.listener).add(IoStat::sources_forgotten_total, 1);
  command.source = connected.source;
  return IoStat::kCount;
}

void Receiver::adopt(const ReceiverCommand& command) {
  auto* connection = new Connection;
  StreamOrigin& origin = connection->stream.origin;
  origin.connection = (uint64_t{thread_index_} << 48) | next_connection_++;
  origin.listener = command.listener;
  origin.framing = shared_.listener[command.listener].tcp.framing;
  origin.peer_size = address_text(command.peer, origin.peer);
  connection->fd = command.fd;
  connection->lane = command.worker;
  connection->closing = closing_[command.listener];
  connection->source = command.source;
  if (!shared_.listener[command.listener].tcp.rate_by_certificate) connection->payer = command.source;
  const int on = 1;
  setsockopt(command.fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  open_[command.listener]++;
  stats(command.listener).add(IoStat::connections_accepted_total, 1);
  stats(command.listener).add(IoStat::connections_open, 1);
  uint32_t events = EPOLLIN | EPOLLRDHUP | EPOLLET;
  if (auto context = shared_.listener[command.listener].tls.get()) {
    connection->tls = std::make_unique<TlsSession>(std::move(context), command.fd);
    connection->handshaking = true;
    connection->active_ms = now_ms_;
    link_newest(connection);
    events |= EPOLLOUT;  // for answers that the peer's window had no room for
  } else {
    touch(connection);
  }
  watch(epoll_, command.fd, events, tagged(kConnection, connection));
  if (connection->closing) enqueue(connection);
}

/// Rates have changed: who waits for what the old one gives is asked again, before its next read.
void Receiver::look_again(uint16_t listener) {
  for (Connection* connection = paused_; connection; connection = connection->next)
    if (connection->stream.origin.listener == listener) connection->resume_ms = 0;
}

void Receiver::find_payer(Connection* connection) {
  const uint16_t listener = connection->stream.origin.listener;
  SourceTable::Connected connected{};
  uint64_t subject[2];
  if (shared_.listener[listener].tcp.rate_by_certificate && connection->tls && connection->tls->peer_subject(subject)) {
    connected = shared_.sources->connect(listener, subject, 0, now_ms_ * 1'000'000);
  } else {
    if (connection->source) {
      connection->payer = connection->source;
      return;
    }
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (getpeername(connection->fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return;  // it is gone
    connected = shared_.sources->connect(listener, peer, 0, now_ms_ * 1'000'000);
  }
  if (connected.forgot) stats(listener).add(IoStat::sources_forgotten_total, 1);
  connection->payer = connected.source;
}

void Receiver::begin_close(uint16_t listener) {
  closing_[listener] = true;
  if (listening_[listener] >= 0) {
    close(listening_[listener]);
    listening_[listener] = -1;
  }
  for (const IdleList& list : {idle_[listener], shaking_[listener]})
    for (Connection* connection = list.oldest; connection; connection = connection->newer) {
      connection->closing = true;
      enqueue(connection);
    }
  for (size_t u = 0; u < udp_.size(); u++)
    if (udp_[u]->listener() == listener) {
      udp_[u]->closing = true;
      udp_ready_[u] = true;
    }
}

bool Receiver::finish(Connection* connection, IoStat reason) {
  connection->ending = true;
  connection->reason = reason;
  Stream& stream = connection->stream;
  const size_t carried = stream.carried_bytes();
  const bool done = stream.flush(rings_[connection->lane], shared_.message_max, true, stats(stream.origin.listener));
  carried_bytes_ -= carried - stream.carried_bytes();
  if (done) release(connection, reason);
  return done;
}

/// Closes it and forgets it; its memory is freed by whoever holds it in a queue (`fd` is then −1), or here.
void Receiver::release(Connection* connection, IoStat reason) {
  const uint16_t listener = connection->stream.origin.listener;
  carried_bytes_ -= connection->stream.carried_bytes();
  connection->stream.drop(stats(listener));
  if (connection->tls) connection->tls->close_notify();
  connection->tls.reset();
  close(connection->fd);
  connection->fd = -1;
  unlink(connection);
  open_[listener]--;
  shared_.listener[listener].connections.fetch_sub(1, std::memory_order_relaxed);
  shared_.load[thread_index_ * shared_.workers + connection->lane].fetch_sub(1, std::memory_order_relaxed);
  stats(listener).subtract(IoStat::connections_open, 1);
  stats(listener).add(reason, 1);
  if (connection->source) shared_.sources->disconnect(connection->source);
  if (connection->payer && connection->payer != connection->source) shared_.sources->disconnect(connection->payer);
  if (!connection->queued) delete connection;
}

void Receiver::touch(Connection* connection) {
  IdleList& list = list_of(connection);
  connection->active_ms = now_ms_;
  if (list.newest == connection) return;
  if (connection->newer || connection->older || list.oldest == connection) unlink(connection);
  link_newest(connection);
}

IdleList& Receiver::list_of(const Connection* connection) {
  return (connection->handshaking ? shaking_ : idle_)[connection->stream.origin.listener];
}

void Receiver::link_newest(Connection* connection) {
  IdleList& list = list_of(connection);
  connection->older = list.newest;
  connection->newer = nullptr;
  if (list.newest) list.newest->newer = connection;
  else list.oldest = connection;
  list.newest = connection;
}

void Receiver::unlink(Connection* connection) {
  IdleList& list = list_of(connection);
  if (connection->older) connection->older->newer = connection->newer;
  else list.oldest = connection->newer;
  if (connection->newer) connection->newer->older = connection->older;
  else list.newest = connection->older;
  connection->older = connection->newer = nullptr;
}

void Receiver::close_idle(uint16_t listener) {
  if (!idle_[listener].oldest) return;  // its settings are ours to read once a connection has been handed over
  const int64_t limit = shared_.listener[listener].tcp.idle_timeout_ms;
  if (limit <= 0) return;
  Connection* connection = idle_[listener].oldest;
  while (connection && now_ms_ - connection->active_ms > limit) {
    Connection* newer = connection->newer;
    if (!connection->queued) {  // else it waits for us, not we for it
      connection->ending = true;
      connection->reason = IoStat::connections_closed_idle_total;
      enqueue(connection);
    }
    connection = newer;
  }
}

/// A frame that was begun has to end: who sends it byte by byte gives up the connection, and what came is kept.
void Receiver::close_slow(uint16_t listener) {
  if (!idle_[listener].oldest) return;
  const int64_t limit = shared_.listener[listener].tcp.frame_timeout_ms;
  if (limit <= 0) return;
  Connection* newer;
  for (Connection* connection = idle_[listener].oldest; connection; connection = newer) {
    newer = connection->newer;
    if (connection->partial_ms == 0 || now_ms_ - connection->partial_ms <= limit || connection->queued) continue;
    connection->ending = true;
    connection->reason = IoStat::connections_closed_slow_total;
    enqueue(connection);
  }
}

/// Partial frames hold more than allowed: the one that holds most has to go. What it sent is kept.
void Receiver::close_largest() {
  Connection* largest = nullptr;
  for (const IdleList& list : idle_)
    for (Connection* connection = list.oldest; connection; connection = connection->newer) {
      if (connection->ending) continue;
      if (!largest || connection->stream.carried_bytes() > largest->stream.carried_bytes()) largest = connection;
    }
  if (!largest) return;
  largest->ending = true;
  largest->reason = IoStat::connections_closed_memory_total;
  enqueue(largest);
}

}  // namespace penstock
