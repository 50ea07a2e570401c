#include "io/receiver.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "io/clock.h"
#include "io/connection.h"
#include "io/event_fd.h"
#include "io/receiver_epoll.h"

namespace penstock {
namespace {

constexpr int kEventsMax = 256;
constexpr int kUdpBatchesMax = 16;   // a turn
constexpr int64_t kTickMs = 250;
constexpr int64_t kPausedLookMs = 10;  // while senders are beyond their rate
constexpr unsigned kClosingTurnsMax = 64;

/// Pause between reads of a steady flow of datagrams, and how steady it must be. A wake-up and a read for every handful cost
/// more than the datagrams; the socket's buffer holds what comes meanwhile.
constexpr long kUdpGatherNs = 1'000'000;
constexpr int64_t kUdpSteadyNs = 3'000'000;

void drain_eventfd(int fd) {
  uint64_t count;
  if (read(fd, &count, sizeof count) < 0) return;  // nothing there: a wake-up for nothing
}

}  // namespace

Receiver::Receiver(ReceiverShared& shared, unsigned thread, std::vector<RingWriter> rings)
    : shared_(shared), thread_index_(thread), rings_(std::move(rings)), lanes_(rings_.size()), idle_(shared.listeners),
      shaking_(shared.listeners), listening_(shared.listeners, -1), closing_(shared.listeners), open_(shared.listeners) {}

Receiver::~Receiver() {
  for (auto* lists : {&idle_, &shaking_})
    for (IdleList& list : *lists)
      while (list.oldest) {
        list.oldest->queued = false;
        list.oldest->stream.drop(stats(list.oldest->stream.origin.listener));
        release(list.oldest, IoStat::connections_closed_shutdown_total);
      }
  udp_.clear();
  for (const int fd : listening_)
    if (fd >= 0) close(fd);
  for (const ReceiverCommand& command : commands_)
    if (command.fd >= 0) close(command.fd);
  for (const int fd : {epoll_, spare_fd_})
    if (fd >= 0) close(fd);
  for (const int fd : {command_fd_, ring_fd_})
    if (fd >= 0) give_back_event_fd(fd);
}

bool Receiver::start(int pin_cpu) {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  command_fd_ = take_event_fd();
  ring_fd_ = take_event_fd();
  spare_fd_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (epoll_ < 0 || command_fd_ < 0 || ring_fd_ < 0) return false;
  watch(epoll_, command_fd_, EPOLLIN, tagged(kCommand, uint64_t{0}));
  watch(epoll_, ring_fd_, EPOLLIN, tagged(kRing, uint64_t{0}));
  for (RingWriter& ring : rings_) ring.set_eventfd(ring_fd_);
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "receiver");
  if (pin_cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(pin_cpu), &set);
    pthread_setaffinity_np(thread_.native_handle(), sizeof set, &set);
  }
  return true;
}

void Receiver::post(const ReceiverCommand& command) {
  {
    std::lock_guard lock(mutex_);
    commands_.push_back(command);
  }
  const uint64_t one = 1;
  if (write(command_fd_, &one, sizeof one) < 0) return;  // the counter is full: it is awake already
}

void Receiver::join() {
  if (thread_.joinable()) thread_.join();
}

void Receiver::run() {
  epoll_event events[kEventsMax];
  for (;;) {
    bool runnable = handshakes_.first != nullptr;
    const bool hold = shared_.hold.load(std::memory_order_relaxed);
    if (!hold) {
      for (const Lane& lane : lanes_) runnable |= lane.first && !lane.full;
      for (const bool ready : udp_ready_) runnable |= ready;
    }
    now_ms_ = monotonic_ms();
    const int64_t until_tick = std::clamp<int64_t>(next_tick_ms_ - now_ms_, 0, paused_ ? kPausedLookMs : kTickMs);
    if (udp_gather_ && !runnable && !hold) {
      gather_udp();
      runnable = true;
    }
    const int count = epoll_wait(epoll_, events, kEventsMax, runnable ? 0 : static_cast<int>(until_tick));
    now_ms_ = monotonic_ms();
    bool commands = false;
    for (int i = 0; i < count; i++) {
      const uint64_t value = untagged(events[i].data.u64);
      switch (static_cast<Tag>(events[i].data.u64 >> 56)) {
        case kCommand:
          drain_eventfd(command_fd_);
          commands = true;
          break;
        case kRing:
          drain_eventfd(ring_fd_);
          for (Lane& lane : lanes_) lane.full = false;
          udp_ready_.assign(udp_ready_.size(), true);
          break;
        case kListener:
          on_acceptable(static_cast<uint16_t>(value));
          break;
        case kUdpSocket:
          for (size_t u = 0; u < udp_.size(); u++)
            if (udp_[u].get() == reinterpret_cast<UdpReceiver*>(value)) udp_ready_[u] = true;
          break;
        case kConnection: {
          auto* connection = reinterpret_cast<Connection*>(value);
          if (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) connection->hangup = true;
          enqueue(connection);
          break;
        }
      }
    }
    if (commands && !take_commands()) return;
    if (handshakes_.first) run_handshakes();
    if (!shared_.hold.load(std::memory_order_relaxed)) {
      if (paused_) resume();
      for (size_t lane = 0; lane < lanes_.size(); lane++) run_lane(lane);
      run_udp();
    }
    if (now_ms_ >= next_tick_ms_) tick();
  }
}

bool Receiver::take_commands() {
  std::vector<ReceiverCommand> commands;
  {
    std::lock_guard lock(mutex_);
    commands.swap(commands_);
  }
  bool go_on = true;
  for (const ReceiverCommand& command : commands) {
    switch (command.kind) {
      case ReceiverCommand::Kind::kListen:
        listening_[command.listener] = command.fd;
        watch(epoll_, command.fd, EPOLLIN, tagged(kListener, uint64_t{command.listener}));
        break;
      case ReceiverCommand::Kind::kConnection:
        adopt(command);
        break;
      case ReceiverCommand::Kind::kUdp: {
        const uint64_t id = (uint64_t{thread_index_} << 48) | next_connection_++;
        udp_.push_back(std::make_unique<UdpReceiver>(command.fd, command.listener, id, stats(command.listener), shared_));
        udp_ready_.push_back(true);
        watch(epoll_, command.fd, EPOLLIN | EPOLLET, tagged(kUdpSocket, udp_.back().get()));
        break;
      }
      case ReceiverCommand::Kind::kRates:
        look_again(command.listener);
        break;
      case ReceiverCommand::Kind::kClose:
        begin_close(command.listener);
        break;
      case ReceiverCommand::Kind::kStop:
        go_on = false;
        break;
    }
  }
  report_closed();
  return go_on;
}

void Receiver::enqueue(Connection* connection) {
  if (connection->queued) return;
  connection->queued = true;
  connection->next = nullptr;
  Lane& lane = connection->handshaking ? handshakes_ : lanes_[connection->lane];
  if (lane.last) lane.last->next = connection;
  else lane.first = connection;
  lane.last = connection;
  lane.queued++;
}

Connection* Receiver::dequeue(Lane& lane) {
  Connection* connection = lane.first;
  lane.first = connection->next;
  if (!lane.first) lane.last = nullptr;
  lane.queued--;
  return connection;
}

void Receiver::run_lane(size_t index) {
  Lane& lane = lanes_[index];
  for (size_t turns = lane.queued; turns > 0 && !lane.full; turns--) {
    Connection* connection = lane.first;
    bool again = false;
    if (!serve(connection, again)) {
      lane.full = true;  // it stays first
      stats(connection->stream.origin.listener).add(IoStat::ring_full_total, 1);
      return;
    }
    dequeue(lane);
    if (connection->paused) {  // still queued, so that nobody else queues it
      connection->next = paused_;
      paused_ = connection;
      continue;
    }
    connection->queued = false;
    if (connection->fd < 0) delete connection;
    else if (again) enqueue(connection);
  }
}

/// Whose rate has room again, and whoever is to be closed, goes back to its lane.
void Receiver::resume() {
  Connection* waiting = nullptr;
  Connection* next;
  for (Connection* connection = paused_; connection; connection = next) {
    next = connection->next;
    if (connection->resume_ms > now_ms_ && !connection->closing && !connection->ending) {
      connection->next = waiting;
      waiting = connection;
      continue;
    }
    connection->paused = connection->queued = false;
    enqueue(connection);
  }
  paused_ = waiting;
}

bool Receiver::serve(Connection* connection, bool& again) {
  RingWriter& ring = rings_[connection->lane];
  Stream& stream = connection->stream;
  IoStats counts = stats(stream.origin.listener);
  const size_t carried = stream.carried_bytes();
  if (!stream.flush(ring, shared_.message_max, false, counts)) return false;
  carried_bytes_ += stream.carried_bytes() - carried;
  if (connection->ending) return finish(connection, connection->reason);
  // What had arrived is read before a close, but a sender that goes on cannot put it off.
  if (connection->closing && connection->closing_turns++ >= kClosingTurnsMax)
    return finish(connection, IoStat::connections_closed_shutdown_total);
  const RateLimit volume = shared_.listener[stream.origin.listener].volume.get();
  if (volume.per_second != 0 && !connection->payer) find_payer(connection);
  const bool limited = connection->payer && volume.per_second != 0;
  if (limited && !connection->closing) {
    const int64_t wait_ns = shared_.sources->wait(connection->payer, volume, monotonic_ns());
    if (wait_ns > 0) {
      connection->paused = true;
      connection->resume_ms = now_ms_ + wait_ns / 1'000'000 + 1;
      counts.add(IoStat::rate_pauses_total, 1);
      return true;
    }
  }
  const size_t room = std::min(kReadBytes, ring.payload_max() - stream.carried_bytes());
  uint8_t* into;
  ChunkHeader* header = stream.begin_read(ring, room, &into);
  if (!header) return false;
  TlsSession* tls = connection->tls.get();
  const ssize_t count = tls ? tls->read(into, room, connection->hangup) : read(connection->fd, into, room);
  const bool unread = tls && tls->more();  // no event of the socket tells of it
  if (count > 0) {
    const size_t before = stream.carried_bytes();
    stream.end_read(ring, header, static_cast<size_t>(count), shared_.message_max, counts);
    carried_bytes_ += stream.carried_bytes() - before;
    if (stream.carried_bytes() == 0) connection->partial_ms = 0;
    else if (before == 0 || stream.carried_bytes() < before + static_cast<size_t>(count)) connection->partial_ms = now_ms_;
    if (limited) shared_.sources->charge(connection->payer, count);
    counts.add(IoStat::received_bytes_total, static_cast<uint64_t>(count));
    counts.add(IoStat::reads_total, 1);
    touch(connection);
    // A short read means that the socket is drained (epoll(7)) unless its end is already there.
    again = static_cast<size_t>(count) == room || unread || connection->hangup || connection->closing ||
            stream.needs_flush();
    if (carried_bytes_ > shared_.carry_bytes_max) close_largest();
    return true;
  }
  if (count == 0) return finish(connection, IoStat::connections_closed_by_peer_total);
  if (errno == EINTR) return again = true;
  if (errno != EAGAIN) return finish(connection, IoStat::connections_closed_error_total);
  if (unread) return again = true;
  if (connection->closing) return finish(connection, IoStat::connections_closed_shutdown_total);
  return true;
}

void Receiver::run_udp() {
  for (size_t u = 0; u < udp_.size(); u++) {
    if (!udp_ready_[u]) continue;
    auto turn = UdpReceiver::Turn::kMore;
    for (int i = 0; i < kUdpBatchesMax && turn == UdpReceiver::Turn::kMore; i++) turn = udp_[u]->receive(rings_);
    // A socket that is being closed is read for a while only: its senders need not stop.
    if (udp_[u]->closing && turn == UdpReceiver::Turn::kMore && ++udp_[u]->closing_turns >= kClosingTurnsMax)
      turn = UdpReceiver::Turn::kDrained;
    if (turn == UdpReceiver::Turn::kMore) continue;
    udp_ready_[u] = false;  // until the socket or the ring says so
    if (turn == UdpReceiver::Turn::kDrained && udp_[u]->last_read() != 0) {
      const int64_t now = monotonic_ns();
      udp_gather_ |= now - udp_read_ns_ < kUdpSteadyNs;
      udp_read_ns_ = now;
    }
    if (turn == UdpReceiver::Turn::kDrained && udp_[u]->closing) {
      udp_.erase(udp_.begin() + static_cast<ptrdiff_t>(u));
      udp_ready_.erase(udp_ready_.begin() + static_cast<ptrdiff_t>(u));
      u--;
    }
  }
}

void Receiver::gather_udp() {
  udp_gather_ = false;
  const timespec pause{0, kUdpGatherNs};
  nanosleep(&pause, nullptr);
  udp_ready_.assign(udp_ready_.size(), true);
}

void Receiver::tick() {
  next_tick_ms_ = now_ms_ + kTickMs;
  if (spare_fd_ < 0) spare_fd_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
  for (uint16_t listener = 0; listener < shared_.listeners; listener++) {
    if (listening_[listener] >= 0) watch_for(epoll_, listening_[listener], EPOLLIN, tagged(kListener, uint64_t{listener}));
    close_idle(listener);
    close_slow(listener);
    close_late_handshakes(listener);
  }
  for (const auto& socket : udp_) socket->count_drops();
  report_closed();
}

void Receiver::report_closed() {
  for (uint16_t listener = 0; listener < shared_.listeners; listener++) {
    if (!closing_[listener] || open_[listener] != 0) continue;
    const bool has_socket = std::any_of(udp_.begin(), udp_.end(), [&](const auto& s) { return s->listener() == listener; });
    if (has_socket) continue;
    closing_[listener] = false;
    shared_.listener[listener].threads_not_closed.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace penstock
