// Receiver threads with real sockets: many connections while rings are full, a close in the middle, a stop with work left.
#include <string>
#include <thread>

#include "io/sockets.h"
#include "receiver_world.h"

using namespace receiver_world;

namespace {

void send_lines(uint16_t port, unsigned lines) {
  SocketAddress address;
  resolve_address("127.0.0.1", port, address);
  const int fd = open_connection(address, SOCK_STREAM);
  std::string text;
  for (unsigned i = 0; i < lines; i++) text += "<13>line " + std::to_string(i) + std::string(i % 300, 'x') + "\n";
  for (size_t at = 0; at < text.size();) {
    const ssize_t sent = send(fd, text.data() + at, std::min<size_t>(text.size() - at, 1 + mix64(at) % 9000), MSG_NOSIGNAL);
    if (sent <= 0) break;
    at += static_cast<size_t>(sent);
  }
  ::close(fd);
}

void everything_arrives() {
  World world;
  const int port = world.group->listen_tcp(0, "127.0.0.1", 0, {.framing = Framing::kSyslog, .connections_max = 100});
  CHECK(port > 0);
  constexpr unsigned kSenders = 6, kLines = 3000;
  std::vector<std::thread> senders;
  for (unsigned i = 0; i < kSenders; i++) senders.emplace_back([port] { send_lines(static_cast<uint16_t>(port), kLines); });
  size_t frames = 0;
  for (int turn = 0; turn < kTurnsMax && frames < kSenders * kLines; turn++, sleep_ms(1)) frames += world.take();
  CHECK_EQ(frames, kSenders * kLines);
  for (std::thread& sender : senders) sender.join();
  world.group->close(0);
  for (int turn = 0; turn < kTurnsMax && !world.group->is_closed(0); turn++) sleep_ms(1);
  CHECK(world.group->is_closed(0));
  CHECK_EQ(world.count(IoStat::connections_closed_by_peer_total), kSenders);
  CHECK_EQ(world.count(IoStat::connections_open), 0u);
}

void stop_with_full_rings() {
  World world;
  const int port = world.group->listen_tcp(0, "127.0.0.1", 0, {.framing = Framing::kLine, .connections_max = 100});
  std::vector<std::thread> senders;
  for (unsigned i = 0; i < 6; i++) senders.emplace_back([port] { send_lines(static_cast<uint16_t>(port), 20'000); });
  for (int turn = 0; turn < kTurnsMax && world.count(IoStat::ring_full_total) == 0; turn++) sleep_ms(1);
  CHECK(world.count(IoStat::ring_full_total) > 0);
  world.group->close(0);
  sleep_ms(20);
  CHECK(!world.group->is_closed(0));
  world.group->stop();
  for (std::thread& sender : senders) sender.join();
  CHECK(world.take() > 0);
  CHECK_EQ(world.count(IoStat::connections_open), 0u);
  CHECK_EQ(world.count(IoStat::partial_frame_bytes), 0u);
}

void nothing_opens_after_the_end() {
  World world;
  world.group->stop();
  CHECK_EQ(world.group->listen_tcp(0, "127.0.0.1", 0, {.framing = Framing::kLine, .connections_max = 100}), -ESHUTDOWN);
  UdpListenerSettings datagrams;
  CHECK_EQ(world.group->listen_udp(0, "127.0.0.1", 0, datagrams), -ESHUTDOWN);
}

}  // namespace

int main() {
  everything_arrives();
  stop_with_full_rings();
  nothing_opens_after_the_end();
  return check::done();
}
