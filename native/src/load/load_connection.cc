#include "load/load_connection.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <thread>

namespace penstock {
namespace {

std::string reason(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

/// The value of a header, without leading spaces; empty when there is none. Names are matched in lower case.
std::string_view header_value(std::string_view head, std::string_view name) {
  for (size_t at = 0; at < head.size();) {
    const size_t end = std::min(head.find("\r\n", at), head.size());
    const std::string_view line = head.substr(at, end - at);
    const bool same = line.size() > name.size() && line[name.size()] == ':' &&
                      std::equal(name.begin(), name.end(), line.begin(),
                                 [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
    if (same) return line.substr(std::min(line.find_first_not_of(' ', name.size() + 1), line.size()));
    at = end + 2;
  }
  return {};
}

unsigned number(std::string_view text) {
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

constexpr size_t kAnswerBytesMax = 64 << 10;

bool timed_out() { return errno == EAGAIN || errno == EWOULDBLOCK; }

/// What was tried with whom, and why it failed.
std::string refusal(const char* what, const LoadOptions& options) {
  const bool is_ipv6 = options.host.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? "[" + options.host + "]" : options.host;
  std::string text = std::string(what) + " " + host + ":" + std::to_string(options.port) + ": " + std::strerror(errno);
  return errno == ECONNREFUSED ? text + " (does anything listen there?)" : text;
}

const char* const kHeldBack = "gave up: the listener takes nothing (is it held back by a full journal?)";

}  // namespace

LoadConnection::~LoadConnection() {
  if (fd_ >= 0) close(fd_);
}

bool LoadConnection::open(std::string& error) {
  addrinfo hints{};
  hints.ai_socktype = options_.transport == LoadTransport::kUdp ? SOCK_DGRAM : SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(options_.port);
  if (const int code = getaddrinfo(options_.host.c_str(), port.c_str(), &hints, &found)) {
    error = options_.host + ": " + gai_strerror(code);
    return false;
  }
  error = "no address";
  for (const addrinfo* a = found; a && fd_ < 0; a = a->ai_next) {
    const int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
    if (fd < 0) continue;
    if (connect(fd, a->ai_addr, a->ai_addrlen) == 0) {
      fd_ = fd;
    } else {
      error = refusal("cannot connect to", options_);
      close(fd);
    }
  }
  freeaddrinfo(found);
  if (fd_ < 0) return false;
  error.clear();
  const int on = 1;
  if (options_.transport == LoadTransport::kUdp) return true;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // A peer that takes nothing must not hold up the end.
  const timeval second{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
  return true;
}

bool LoadConnection::send(const std::string& chunk, const std::vector<uint32_t>& sizes, uint64_t& retries,
                          std::string& error) {
  switch (options_.transport) {
    case LoadTransport::kUdp:
      return send_datagrams(chunk, sizes, error);
    case LoadTransport::kHttp:
      return post(chunk, retries, error);
    case LoadTransport::kTcp:
      break;
  }
  return send_all(chunk.data(), chunk.size(), error);
}

bool LoadConnection::finish(std::string& error) {
  if (fd_ < 0 || options_.transport == LoadTransport::kUdp) return true;
  shutdown(fd_, SHUT_WR);
  char rest[256];
  for (unsigned seconds = 0;;) {
    const ssize_t n = recv(fd_, rest, sizeof rest, 0);
    if (n > 0 && options_.transport == LoadTransport::kTcp && std::string_view(rest, static_cast<size_t>(n)).starts_with("HTTP/")) {
      error = "it answered as HTTP does: is the port right?";
      return false;
    }
    if (n > 0 || (n < 0 && errno == EINTR)) continue;
    if (n == 0) return true;
    if (timed_out() && !end_.gives_up(++seconds)) continue;
    error = timed_out() ? kHeldBack : refusal("not all was taken by", options_);
    return false;
  }
}

bool LoadConnection::send_all(const char* data, size_t size, std::string& error) {
  taken_ = 0;
  unsigned seconds = 0;
  while (taken_ < size) {
    const ssize_t n = ::send(fd_, data + taken_, size - taken_, MSG_NOSIGNAL);
    if (n < 0 && (errno == EINTR || (timed_out() && !end_.gives_up(++seconds)))) continue;
    if (n < 0) {
      error = timed_out() ? kHeldBack : refusal("cannot send to", options_);
      return false;
    }
    seconds = 0;
    taken_ += static_cast<size_t>(n);
  }
  return true;
}

bool LoadConnection::send_datagrams(const std::string& chunk, const std::vector<uint32_t>& sizes, std::string& error) {
  mmsghdr messages[kDatagramsPerCall] = {};
  iovec parts[kDatagramsPerCall];
  char* at = const_cast<char*>(chunk.data());
  for (size_t i = 0; i < sizes.size(); ++i) {
    parts[i] = {at, sizes[i]};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    at += sizes[i];
  }
  for (size_t done = 0; done < sizes.size();) {
    const int n = sendmmsg(fd_, messages + done, static_cast<unsigned>(sizes.size() - done), 0);
    if (n < 0 && (errno == EINTR || errno == ENOBUFS || errno == EAGAIN)) continue;
    if (n < 0) {  // ECONNREFUSED: nobody listens (ICMP)
      error = refusal("cannot send to", options_);
      return false;
    }
    done += static_cast<size_t>(n);
  }
  return true;
}

bool LoadConnection::post(const std::string& body, uint64_t& retries, std::string& error) {
  request_ = "POST " + options_.path + " HTTP/1.1\r\n" + options_.headers +
             "content-length: " + std::to_string(body.size()) + "\r\n\r\n";
  request_ += body;
  do {
    if (!send_all(request_.data(), request_.size(), error)) return false;
    unsigned retry_after_s = 1;
    const int status = read_answer(retry_after_s, error);
    if (status >= 200 && status < 300) return true;
    if (status != 429 && status != 503) {
      if (status != 0) error = "it answered " + std::to_string(status);
      return false;
    }
    ++retries;
    std::this_thread::sleep_for(std::chrono::milliseconds(std::clamp(retry_after_s * 1000, 50u, 5000u)));
  } while (!end_.over());
  return false;
}

int LoadConnection::read_answer(unsigned& retry_after_s, std::string& error) {
  answer_.clear();
  char buffer[4096];
  size_t needed = 0;  // known once the head is complete
  unsigned seconds = 0;
  while (needed == 0 || answer_.size() < needed) {
    const ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
    if (n < 0 && (errno == EINTR || (timed_out() && !end_.gives_up(++seconds)))) continue;
    if (n <= 0 || answer_.size() > kAnswerBytesMax) {
      error = n < 0 ? (timed_out() ? "gave up: no answer" : reason("cannot receive")) : "it closed the connection without an answer";
      return 0;
    }
    answer_.append(buffer, static_cast<size_t>(n));
    const size_t head = answer_.find("\r\n\r\n");
    if (needed == 0 && head != answer_.npos)
      needed = head + 4 + number(header_value(std::string_view(answer_).substr(0, head), "content-length"));
  }
  const std::string_view retry = header_value(std::string_view(answer_).substr(0, needed), "retry-after");
  if (!retry.empty()) retry_after_s = number(retry);
  return answer_.size() > 12 ? static_cast<int>(number(std::string_view(answer_).substr(9, 3))) : 0;
}

}  // namespace penstock
