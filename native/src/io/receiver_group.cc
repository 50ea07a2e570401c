#include "io/receiver_group.h"

#include <algorithm>
#include <cerrno>

#include <sys/resource.h>

#include "io/sockets.h"

namespace penstock {
namespace {

/// Descriptors that connections leave to the journal, the sinks and the rest of the process.
constexpr rlim_t kReservedDescriptors = 64;

}  // namespace

int connection_descriptors_max() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT32_MAX) return INT32_MAX;
  return static_cast<int>(limit.rlim_cur - std::min(kReservedDescriptors, limit.rlim_cur / 4));
}

ReceiverGroup::ReceiverGroup(const Options& options) {
  shared_.threads = static_cast<unsigned>(options.rings.size());
  shared_.workers = static_cast<unsigned>(options.doorbells.size());
  shared_.listeners = options.listeners;
  shared_.message_max = options.message_max;
  shared_.carry_bytes_max = options.carry_bytes_max / std::max(1u, shared_.threads);
  shared_.stats_words = options.stats;
  shared_.producers = std::max(options.producers, shared_.threads);
  shared_.connections_max = options.connections_max;
  shared_.descriptors_max = connection_descriptors_max();
  shared_.listener = std::make_unique<ReceiverShared::Listener[]>(options.listeners);
  shared_.load = std::make_unique<std::atomic<uint32_t>[]>(size_t{shared_.threads} * shared_.workers);
  for (unsigned thread = 0; thread < shared_.threads; thread++) {
    std::vector<RingWriter> rings;
    for (unsigned worker = 0; worker < shared_.workers; worker++)
      rings.emplace_back(options.rings[thread][worker], options.doorbells[worker]);
    receivers_.push_back(std::make_unique<Receiver>(shared_, thread, std::move(rings)));
    pointers_.push_back(receivers_.back().get());
  }
  shared_.receivers = pointers_.data();
}

bool ReceiverGroup::start(const std::vector<int>& pin) {
  for (size_t i = 0; i < receivers_.size(); i++)
    if (!receivers_[i]->start(i < pin.size() ? pin[i] : -1)) return false;
  return true;
}

int ReceiverGroup::listen_tcp(uint16_t listener, const char* host, uint16_t port, const TcpListenerSettings& settings,
                              std::shared_ptr<TlsContext> tls) {
  if (receivers_.empty()) return -ESHUTDOWN;  // stopped: there is no thread to hand a socket to
  SocketAddress address;
  if (const int code = resolve_address(host, port, address); code < 0) return code;
  const int fd = open_tcp_listener(address);
  if (fd < 0) return fd;
  const int bound = local_port(fd);
  shared_.listener[listener].tcp = settings;
  shared_.listener[listener].tls.set(std::move(tls));
  limit(listener, settings.volume, {}, settings.limits_senders());
  receivers_[0]->post({.kind = ReceiverCommand::Kind::kListen, .listener = listener, .fd = fd});
  return bound;
}

int ReceiverGroup::listen_udp(uint16_t listener, const char* host, uint16_t port, UdpListenerSettings& settings) {
  if (receivers_.empty()) return -ESHUTDOWN;  // stopped: there is no thread to hand a socket to
  SocketAddress address;
  if (const int code = resolve_address(host, port, address); code < 0) return code;
  std::vector<int> fds;
  const size_t wanted = settings.receive_buffer_bytes;
  for (size_t i = 0; i < receivers_.size(); i++) {
    settings.receive_buffer_bytes = wanted;
    const int fd = open_udp_socket(address, settings.gro, settings.receive_buffer_bytes);
    if (fd < 0) {
      for (const int opened : fds) ::close(opened);
      return fd;
    }
    fds.push_back(fd);
    if (i == 0) set_port(address, static_cast<uint16_t>(local_port(fd)));
  }
  const int bound = local_port(fds[0]);
  shared_.listener[listener].udp = settings;
  limit(listener, settings.volume, settings.datagrams, settings.limits_senders());
  for (size_t i = 0; i < fds.size(); i++)
    receivers_[i]->post({.kind = ReceiverCommand::Kind::kUdp, .listener = listener, .fd = fds[i]});
  return bound;
}

void ReceiverGroup::set_rates(uint16_t listener, const RateLimit& volume, const RateLimit& datagrams) {
  limit(listener, volume, datagrams, volume.per_second != 0 || datagrams.per_second != 0);
  // Who waits for the room that the old rate gives looks again.
  for (const auto& receiver : receivers_) receiver->post({.kind = ReceiverCommand::Kind::kRates, .listener = listener});
}

void ReceiverGroup::limit(uint16_t listener, const RateLimit& volume, const RateLimit& datagrams, bool senders) {
  if (senders && !shared_.sources) shared_.sources = std::make_unique<SourceTable>(kSourcesMax);
  shared_.listener[listener].volume.set(volume);
  shared_.listener[listener].datagrams.set(datagrams);
}

void ReceiverGroup::close(uint16_t listener) {
  shared_.listener[listener].threads_not_closed.store(shared_.threads, std::memory_order_release);
  for (const auto& receiver : receivers_) receiver->post({.kind = ReceiverCommand::Kind::kClose, .listener = listener});
}

bool ReceiverGroup::is_closed(uint16_t listener) const {
  const ReceiverShared::Listener& shared = shared_.listener[listener];
  return shared.threads_not_closed.load(std::memory_order_acquire) == 0 && shared.connections.load() == 0;
}

void ReceiverGroup::stop() {
  for (const auto& receiver : receivers_) receiver->post({.kind = ReceiverCommand::Kind::kStop});
  for (const auto& receiver : receivers_) receiver->join();
  receivers_.clear();
}

}  // namespace penstock
