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

#include "io/connection.h"
#include "io/event_fd.h"
#include "io/sockets.h"

namespace penstock {
namespace {

constexpr int kEventsMax = 256;
constexpr int kAcceptsMax = 64;      // a wake-up
constexpr int kUdpBatchesMax = 16;   // a turn
constexpr int64_t kTickMs = 250;
constexpr unsigned kClosingTurnsMax = 64;

enum Tag : uint64_t { kCommand, kRing, kListener, kUdpSocket, kConnection };
uint64_t tagged(Tag tag, uint64_t value) { return (static_cast<uint64_t>(tag) << 56) | value; }
uint64_t tagged(Tag tag, const void* pointer) { return tagged(tag, reinterpret_cast<uintptr_t>(pointer)); }
uint64_t untagged(uint64_t data) { return data & ((uint64_t{1} << 56) - 1); }

/// Pause between reads of a steady flow of datagrams, and how steady it must be. A wake-up and a read for every handful cost
/// more than the datagrams; the socket's buffer holds what comes meanwhile.
constexpr long kUdpGatherNs = 500'000;
constexpr int64_t kUdpSteadyNs = 2'000'000;

int64_t monotonic_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

int64_t monotonic_ms() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
  return int64_t{t.tv_sec} * 1000 + t.tv_nsec / 1'000'000;
}

void drain_eventfd(int fd) {
  uint64_t count;
  if (read(fd, &count, sizeof count) < 0) return;  // nothing there: a wake-up for nothing
}

void watch(int epoll, int fd, uint32_t events, uint64_t data) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = data;
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

}  // namespace

Receiver::Receiver(ReceiverShared& shared, unsigned thread, std::vector<RingWriter> rings)
    : shared_(shared), thread_index_(thread), rings_(std::move(rings)), lanes_(rings_.size()), idle_(shared.listeners),
      listening_(shared.listeners, -1), closing_(shared.listeners), open_(shared.listeners) {}

Receiver::~Receiver() {
  for (IdleList& list : idle_)
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
    bool runnable = false;
    for (const Lane& lane : lanes_) runnable |= lane.first && !lane.full;
    for (const bool ready : udp_ready_) runnable |= ready;
    now_ms_ = monotonic_ms();
    const int64_t until_tick = std::clamp<int64_t>(next_tick_ms_ - now_ms_, 0, kTickMs);
    if (udp_gather_ && !runnable) {
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
    for (size_t lane = 0; lane < lanes_.size(); lane++) run_lane(lane);
    run_udp();
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
        udp_.push_back(std::make_unique<UdpReceiver>(command.fd, command.listener, shared_.message_max, id,
                                                     stats(command.listener)));
        udp_ready_.push_back(true);
        watch(epoll_, command.fd, EPOLLIN | EPOLLET, tagged(kUdpSocket, udp_.back().get()));
        break;
      }
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
        stats(listener).add(IoStat::connections_refused_total, 1);
        continue;
      }
      return;
    }
    if (shared.connections.load(std::memory_order_relaxed) >= shared.tcp.connections_max) {
      close(command.fd);
      stats(listener).add(IoStat::connections_refused_total, 1);
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
  const int on = 1;
  setsockopt(command.fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  open_[command.listener]++;
  stats(command.listener).add(IoStat::connections_accepted_total, 1);
  stats(command.listener).add(IoStat::connections_open, 1);
  touch(connection);
  watch(epoll_, command.fd, EPOLLIN | EPOLLRDHUP | EPOLLET, tagged(kConnection, connection));
  if (connection->closing) enqueue(connection);
}

void Receiver::begin_close(uint16_t listener) {
  closing_[listener] = true;
  if (listening_[listener] >= 0) {
    close(listening_[listener]);
    listening_[listener] = -1;
  }
  for (Connection* connection = idle_[listener].oldest; connection; connection = connection->newer) {
    connection->closing = true;
    enqueue(connection);
  }
  for (size_t u = 0; u < udp_.size(); u++)
    if (udp_[u]->listener() == listener) {
      udp_[u]->closing = true;
      udp_ready_[u] = true;
    }
}

void Receiver::enqueue(Connection* connection) {
  if (connection->queued) return;
  connection->queued = true;
  connection->next = nullptr;
  Lane& lane = lanes_[connection->lane];
  if (lane.last) lane.last->next = connection;
  else lane.first = connection;
  lane.last = connection;
  lane.queued++;
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
    lane.first = connection->next;
    if (!lane.first) lane.last = nullptr;
    lane.queued--;
    connection->queued = false;
    if (connection->fd < 0) delete connection;
    else if (again) enqueue(connection);
  }
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
  const size_t room = std::min(kReadBytes, ring.payload_max() - stream.carried_bytes());
  uint8_t* into;
  ChunkHeader* header = stream.begin_read(ring, room, &into);
  if (!header) return false;
  const ssize_t count = read(connection->fd, into, room);
  if (count > 0) {
    const size_t before = stream.carried_bytes();
    stream.end_read(ring, header, static_cast<size_t>(count), shared_.message_max, counts);
    carried_bytes_ += stream.carried_bytes() - before;
    counts.add(IoStat::received_bytes_total, static_cast<uint64_t>(count));
    counts.add(IoStat::reads_total, 1);
    touch(connection);
    // A short read means that the socket is drained (epoll(7)) unless its end is already there.
    again = static_cast<size_t>(count) == room || connection->hangup || connection->closing || stream.needs_flush();
    if (carried_bytes_ > shared_.carry_bytes_max) close_largest();
    return true;
  }
  if (count == 0) return finish(connection, IoStat::connections_closed_by_peer_total);
  if (errno == EINTR) return again = true;
  if (errno != EAGAIN) return finish(connection, IoStat::connections_closed_error_total);
  if (connection->closing) return finish(connection, IoStat::connections_closed_shutdown_total);
  return true;
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
  close(connection->fd);
  connection->fd = -1;
  unlink(connection);
  open_[listener]--;
  shared_.listener[listener].connections.fetch_sub(1, std::memory_order_relaxed);
  shared_.load[thread_index_ * shared_.workers + connection->lane].fetch_sub(1, std::memory_order_relaxed);
  stats(listener).subtract(IoStat::connections_open, 1);
  stats(listener).add(reason, 1);
  if (!connection->queued) delete connection;
}

void Receiver::touch(Connection* connection) {
  IdleList& list = idle_[connection->stream.origin.listener];
  connection->active_ms = now_ms_;
  if (list.newest == connection) return;
  if (connection->newer || connection->older || list.oldest == connection) unlink(connection);
  connection->older = list.newest;
  connection->newer = nullptr;
  if (list.newest) list.newest->newer = connection;
  else list.oldest = connection;
  list.newest = connection;
}

void Receiver::unlink(Connection* connection) {
  IdleList& list = idle_[connection->stream.origin.listener];
  if (connection->older) connection->older->newer = connection->newer;
  else list.oldest = connection->newer;
  if (connection->newer) connection->newer->older = connection->older;
  else list.newest = connection->older;
  connection->older = connection->newer = nullptr;
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
      udp_gather_ |= udp_[u]->last_read() < UdpReceiver::kBatch / 2 && now - udp_read_ns_ < kUdpSteadyNs;
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
  for (uint16_t listener = 0; listener < shared_.listeners; listener++) close_idle(listener);
  for (const auto& socket : udp_) socket->count_drops();
  report_closed();
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
