// TLS in the receiver threads, with OpenSSL on the other side as well: what is sent arrives, whatever the size of the records and
// however full the rings; what is no handshake ends; contexts change under way. Without OpenSSL's headers there is nothing to test.
#if __has_include(<openssl/ssl.h>)
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <openssl/ssl.h>
#include <sstream>
#include <thread>

#include "io/sockets.h"
#include "receiver_world.h"

using namespace receiver_world;

namespace {

std::string text_of(const std::string& name) {
  std::ifstream file("test/data/tls/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::shared_ptr<TlsContext> context_of(const std::string& name) {
  const std::string certificate = text_of(name + "certificate.pem"), key = text_of(name + "key.pem");
  std::string error;
  auto context = make_tls_context({.certificate = certificate, .key = key, .client_ca = {}, .ciphers = {}, .suites = {}}, error);
  CHECK(context != nullptr);
  return context;
}

int dial(int port) {
  SocketAddress address;
  resolve_address("127.0.0.1", static_cast<uint16_t>(port), address);
  return open_connection(address, SOCK_STREAM);
}

/// A client of one version that sends records of so many bytes at most.
struct Client {
  Client(int port, int version) : fd(dial(port)), ctx(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_min_proto_version(ctx, version);
    SSL_CTX_set_max_proto_version(ctx, version);
    ssl = SSL_new(ctx);
    SSL_set_fd(ssl, fd);
    open = SSL_connect(ssl) == 1;
  }
  ~Client() {
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    ::close(fd);
  }
  bool send_lines(unsigned lines, size_t record) {
    std::string text;
    for (unsigned i = 0; i < lines; i++) text += "<13>line " + std::to_string(i) + std::string(i % 300, 'x') + "\n";
    for (size_t at = 0; at < text.size();) {
      const int sent = SSL_write(ssl, text.data() + at, static_cast<int>(std::min(record, text.size() - at)));
      if (sent <= 0) return false;
      at += static_cast<size_t>(sent);
    }
    return true;
  }
  const int fd;
  SSL_CTX* const ctx;
  SSL* ssl = nullptr;
  bool open = false;
};

int listen(World& world, int64_t handshake_timeout_ms = 600'000) {
  const int port = world.group->listen_tcp(
      0, "127.0.0.1", 0,
      {.framing = Framing::kSyslog, .connections_max = 1000, .handshake_timeout_ms = handshake_timeout_ms},
      context_of(""));
  CHECK(port > 0);
  return port;
}

void close_all(World& world) {
  world.group->close(0);
  for (int turn = 0; turn < kTurnsMax && !world.group->is_closed(0); turn++) sleep_ms(1);
  CHECK(world.group->is_closed(0));
  CHECK_EQ(world.count(IoStat::connections_open), 0u);
}

void everything_arrives() {
  World world;
  const int port = listen(world);
  constexpr unsigned kSenders = 6, kLines = 2500;
  std::atomic<unsigned> sent{0};
  std::vector<std::thread> senders;
  for (unsigned i = 0; i < kSenders; i++)
    senders.emplace_back([port, i, &sent] {
      constexpr size_t kRecords[] = {1 << 20, 37, 5000};
      Client client(port, i % 2 ? TLS1_2_VERSION : TLS1_3_VERSION);
      sent += client.open && client.send_lines(kLines, kRecords[i % 3]);
      if (i >= 3) return;
      SSL_shutdown(client.ssl);
      send(client.fd, "behind the end", 14, MSG_NOSIGNAL);
    });
  for (int turn = 0; turn < kTurnsMax && world.count(IoStat::ring_full_total) == 0; turn++) sleep_ms(1);
  size_t frames = 0;
  for (int turn = 0; turn < kTurnsMax && frames < kSenders * kLines; turn++, sleep_ms(1)) {
    frames += world.take();
    if (turn == 5) world.group->renew_tls(0, context_of("other-"));
  }
  CHECK_EQ(frames, kSenders * kLines);
  for (std::thread& sender : senders) sender.join();
  CHECK_EQ(sent.load(), kSenders);
  for (int turn = 0; turn < kTurnsMax && world.count(IoStat::connections_open) != 0; turn++) sleep_ms(1);
  CHECK_EQ(world.count(IoStat::connections_closed_by_peer_total), kSenders);
  close_all(world);
}

/// The rest of a record never comes: its start and the end of the connection may be one event.
void ends_within_a_record() {
  World world;
  const int port = listen(world);
  const Client client(port, TLS1_3_VERSION);
  CHECK(client.open);
  sleep_ms(20);  // so that it waits to be read when they come
  CHECK(send(client.fd, "\x17\x03\x03\x40\x00start", 10, MSG_NOSIGNAL | MSG_MORE) == 10);
  shutdown(client.fd, SHUT_WR);
  for (int turn = 0; turn < kTurnsMax && world.count(IoStat::connections_closed_by_peer_total) == 0; turn++) sleep_ms(1);
  CHECK_EQ(world.count(IoStat::connections_closed_by_peer_total), 1u);
  close_all(world);
}

void no_handshakes() {
  World world;
  const int port = listen(world, 300);
  const std::string head("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), greedy("\x16\x03\x01\x40\x00\x01\x01\xff\xff", 9);
  const std::string starts[] = {"", "\x16", "\x16\x03\x01", head, greedy, "GET / HTTP/1.1\r\n\r\n", std::string(70'000, '\x16')};
  std::vector<int> fds;
  for (const std::string& start : starts) {
    fds.push_back(dial(port));
    if (!start.empty()) CHECK(send(fds.back(), start.data(), start.size(), MSG_NOSIGNAL) > 0);
  }
  shutdown(fds[1], SHUT_WR);
  using enum IoStat;
  for (int turn = 0; turn < kTurnsMax && world.count(handshake_failures_total_timeout) < 3; turn++) sleep_ms(1);
  CHECK_EQ(world.count(handshake_failures_total_timeout), 3u);
  CHECK_EQ(world.count(handshake_failures_total_closed), 1u);
  CHECK_EQ(world.count(handshake_failures_total_not_tls), 3u);
  CHECK_EQ(world.count(IoStat::connections_open), 0u);
  for (const int fd : fds) ::close(fd);
  close_all(world);
}

/// A ClientHello in records of one byte each is one; what claims 128 KiB is none, however it is cut.
void hello_in_pieces() {
  World world;
  const int port = listen(world);
  SSL_CTX* ctx = SSL_CTX_new(TLS_client_method());
  SSL* ssl = SSL_new(ctx);
  const int fd = dial(port);
  BIO* hello = BIO_new(BIO_s_mem());
  SSL_set0_rbio(ssl, BIO_new_socket(fd, BIO_NOCLOSE));
  SSL_set0_wbio(ssl, hello);
  const int flags = fcntl(fd, F_GETFL);
  fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  CHECK(SSL_connect(ssl) != 1);
  char* bytes;
  const long size = BIO_get_mem_data(hello, &bytes);
  std::string pieces;
  for (long i = 5; i < size; i++) pieces += std::string("\x16\x03\x01\x00\x01", 5) + bytes[i];
  fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
  CHECK(send(fd, pieces.data(), pieces.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(pieces.size()));
  SSL_set0_wbio(ssl, BIO_new_socket(fd, BIO_NOCLOSE));
  CHECK(SSL_connect(ssl) == 1);
  CHECK(SSL_write(ssl, "<13>line\n", 9) == 9);
  size_t frames = 0;
  for (int turn = 0; turn < kTurnsMax && frames == 0; turn++, sleep_ms(1)) frames += world.take();
  CHECK_EQ(frames, 1u);
  SSL_free(ssl);
  SSL_CTX_free(ctx);
  ::close(fd);

  std::string greedy;
  for (const char byte : std::string("\x01\x01\xff\xff", 4)) greedy += std::string("\x16\x03\x01\x00\x01", 5) + byte;
  const int claims = dial(port);
  CHECK(send(claims, greedy.data(), greedy.size(), MSG_NOSIGNAL) > 0);
  for (int turn = 0; turn < kTurnsMax && world.count(IoStat::handshake_failures_total_malformed) == 0; turn++) sleep_ms(1);
  CHECK_EQ(world.count(IoStat::handshake_failures_total_malformed), 1u);
  ::close(claims);
  close_all(world);
}

std::string client_hello() {
  SSL_CTX* ctx = SSL_CTX_new(TLS_client_method());
  SSL* ssl = SSL_new(ctx);
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
  CHECK(SSL_connect(ssl) != 1);
  char* bytes;
  const long size = BIO_get_mem_data(out, &bytes);
  const std::string hello(bytes, static_cast<size_t>(size));
  SSL_free(ssl);
  SSL_CTX_free(ctx);
  return hello;
}

/// Who has gone when its turn comes is not answered: a crowd that only begins would keep everybody else waiting.
void gone_before_the_handshake() {
  World world;
  const int port = listen(world);
  const std::string hello = client_hello();
  // A kernel sends what is held back for more after 200 ms: on a busy machine the end may come too late, and is tried again.
  bool together = false;
  for (uint64_t tries = 1; !together && tries <= 20; ++tries) {
    const int fd = dial(port);
    const auto begin = std::chrono::steady_clock::now();
    CHECK(send(fd, hello.data(), hello.size(), MSG_NOSIGNAL | MSG_MORE) == static_cast<ssize_t>(hello.size()));
    shutdown(fd, SHUT_WR);
    together = std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(100);
    char answer[16];
    const ssize_t answered = recv(fd, answer, sizeof answer, 0);
    if (together) CHECK(answered <= 0);
    ::close(fd);
    for (int turn = 0; turn < kTurnsMax && world.count(IoStat::handshake_failures_total_closed) < tries; turn++) sleep_ms(1);
    CHECK_EQ(world.count(IoStat::handshake_failures_total_closed), tries);
  }
  CHECK(together);
  close_all(world);
}

/// New keys now and then are a sender's affair; without end they are an attack.
void new_keys() {
  World world;
  const int port = listen(world);
  Client sender(port, TLS1_3_VERSION), flood(port, TLS1_3_VERSION);
  const auto renew = [](const Client& client) {
    return SSL_key_update(client.ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1 && SSL_do_handshake(client.ssl) == 1;
  };
  for (int i = 0; i < 10; i++) CHECK(renew(sender) && SSL_write(sender.ssl, "<13>line\n", 9) == 9);
  for (int i = 0; i < 20'000 && renew(flood); i++) continue;
  for (int turn = 0; turn < kTurnsMax && world.count(IoStat::connections_closed_error_total) == 0; turn++) sleep_ms(1);
  CHECK_EQ(world.count(IoStat::connections_closed_error_total), 1u);
  CHECK(SSL_write(sender.ssl, "<13>line\n", 9) == 9);
  size_t frames = 0;
  for (int turn = 0; turn < kTurnsMax && frames < 11; turn++, sleep_ms(1)) frames += world.take();
  CHECK_EQ(frames, 11u);
  CHECK_EQ(world.count(IoStat::connections_open), 1u);
  close_all(world);
}

struct GuardCase {
  const char* what;
  std::string bytes;
  bool sealed;
  bool taken;
};

void guard() {
  const std::string small("\x16\x03\x01\x00\x06\x01\x00\x00\x02" "ab", 11), huge("\x16\x03\x03\x00\x04\x01\x01\x00\x00", 9);
  const std::string change("\x14\x03\x03\x00\x01\x01", 6), empty("\x16\x03\x01\x00\x00", 5);
  const std::string most("\x16\x03\x01\x00\x04\x01\x00\x40\x00", 9), above("\x16\x03\x01\x00\x04\x01\x00\x40\x01", 9);
  const std::string two("\x16\x03\x01\x00\x0a\x01\x00\x00\x02" "ab\x0b\xff\xff\xff", 15);
  const std::string split("\x16\x03\x01\x00\x02\x01\x00\x16\x03\x01\x00\x02\xff\xff", 14);
  const std::string other("\x17\x03\x03\x00\x04\x01\xff\xff\xff", 9);
  const GuardCase cases[] = {
      {"small", small, false, true},
      {"the most", most, false, true},
      {"more", above, false, false},
      {"the second of a record", two, false, false},
      {"its head in two records, an empty one between", split.substr(0, 7) + empty + split.substr(7), false, false},
      {"behind a retry", small + change + huge, false, false},
      {"an encrypted one of TLS 1.2", small + change + huge, true, true},
      {"before the change in TLS 1.2", small + huge, true, false},
      {"encrypted in TLS 1.3", small + other, false, true},
  };
  for (const auto& [what, bytes, sealed, taken] : cases)
    for (const size_t step : {size_t{1}, size_t{3}, size_t{1} << 16}) {
      TlsMessageGuard guard;
      bool all = true;
      for (size_t at = 0; at < bytes.size() && all;) {
        const size_t size = std::min({step, bytes.size() - at, size_t{guard.wants()}});
        all = guard.take(reinterpret_cast<const uint8_t*>(bytes.data()) + at, size, sealed);
        at += size;
      }
      if (all != taken) std::fprintf(stderr, "%s\n", what);
      CHECK(all == taken);
    }
}

void stop_under_way() {
  World world;
  const int port = listen(world);
  std::vector<std::thread> senders;
  for (unsigned i = 0; i < 4; i++)
    senders.emplace_back([port] {
      Client client(port, TLS1_3_VERSION);
      if (client.open) client.send_lines(20'000, 1 << 20);
    });
  const int silent = dial(port), begun = dial(port);
  CHECK(send(begun, "\x16\x03\x01", 3, MSG_NOSIGNAL) == 3);
  for (int turn = 0; turn < kTurnsMax && world.count(IoStat::ring_full_total) == 0; turn++) sleep_ms(1);
  CHECK(world.count(IoStat::ring_full_total) > 0);
  world.group->close(0);
  sleep_ms(20);
  world.group->stop();
  for (std::thread& sender : senders) sender.join();
  for (const int fd : {silent, begun}) ::close(fd);
  CHECK(world.take() > 0);
  CHECK_EQ(world.count(IoStat::connections_open), 0u);
  CHECK_EQ(world.count(IoStat::partial_frame_bytes), 0u);
}

void wrong_material() {
  const std::string certificate = text_of("certificate.pem"), key = text_of("key.pem"), other = text_of("other-key.pem");
  const std::string cut = certificate + certificate.substr(0, certificate.size() / 2) + "\n-----END CERTIFICATE-----\n";
  const TlsMaterial wrong[] = {
      {.certificate = "none", .key = key, .client_ca = {}, .ciphers = {}, .suites = {}},
      {.certificate = cut, .key = key, .client_ca = {}, .ciphers = {}, .suites = {}},
      {.certificate = certificate, .key = other, .client_ca = {}, .ciphers = {}, .suites = {}},
      {.certificate = certificate, .key = key, .client_ca = "none", .ciphers = {}, .suites = {}},
      {.certificate = certificate, .key = key, .client_ca = {}, .ciphers = "no-such", .suites = {}},
  };
  for (const TlsMaterial& material : wrong) {
    std::string error;
    CHECK(!make_tls_context(material, error));
    CHECK(error.size() > 10);
  }
}

}  // namespace

int main() {
  std::signal(SIGPIPE, SIG_IGN);  // of the clients
  wrong_material();
  everything_arrives();
  ends_within_a_record();
  no_handshakes();
  guard();
  hello_in_pieces();
  gone_before_the_handshake();
  new_keys();
  stop_under_way();
  return check::done();
}
#else
int main() { return 0; }
#endif
