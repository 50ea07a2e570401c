#include "io/sockets.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <unistd.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace penstock {
namespace {

int fail(int fd) {
  const int code = -errno;
  close(fd);
  return code;
}

int open_bound(const SocketAddress& address, int type) {
  const int fd = socket(address.storage.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  const int on = 1, off = 0;
  if (type == SOCK_STREAM) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  else setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  // Only [::] takes IPv4 as well.
  const auto* six = reinterpret_cast<const sockaddr_in6*>(&address.storage);
  if (address.storage.ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr))
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) return fail(fd);
  return fd;
}

}  // namespace

int resolve_address(const char* host, uint16_t port, SocketAddress& out) {
  if (*host == 0 || std::strcmp(host, "*") == 0) host = "::";
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  char service[8];
  std::snprintf(service, sizeof service, "%u", port);
  addrinfo* found = nullptr;
  if (getaddrinfo(host, service, &hints, &found) != 0 || !found) return -EADDRNOTAVAIL;
  std::memcpy(&out.storage, found->ai_addr, found->ai_addrlen);
  out.size = found->ai_addrlen;
  freeaddrinfo(found);
  return 0;
}

int open_tcp_listener(const SocketAddress& address) {
  const int fd = open_bound(address, SOCK_STREAM);
  if (fd >= 0 && listen(fd, 4096) != 0) return fail(fd);
  return fd;
}

int open_udp_socket(const SocketAddress& address, bool gro, size_t& receive_buffer_bytes) {
  const int fd = open_bound(address, SOCK_DGRAM);
  if (fd < 0) return fd;
  const int on = 1, wanted = static_cast<int>(receive_buffer_bytes);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
  int granted = 0;
  socklen_t size = sizeof granted;
  getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &granted, &size);
  receive_buffer_bytes = static_cast<size_t>(granted) / 2;  // the kernel doubles what was asked, for its own overhead
  // Before Linux 4.12 only the datagrams themselves can tell; otherwise each that follows a drop would pay for saying so again.
  if (socket_drops(fd, UINT32_MAX) == UINT32_MAX) setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  if (gro) setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on);  // an older kernel has none: datagrams come singly
  return fd;
}

int open_connection(const SocketAddress& address, int type) {
  const int fd = socket(address.storage.ss_family, type | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) return fail(fd);
  const int on = 1;
  if (type == SOCK_STREAM) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

int local_port(int fd) {
  SocketAddress address;
  address.size = sizeof address.storage;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0) return -errno;
  if (address.storage.ss_family == AF_INET)
    return ntohs(reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
  return ntohs(reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port);
}

void set_port(SocketAddress& address, uint16_t port) {
  if (address.storage.ss_family == AF_INET) reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port = htons(port);
  else reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_port = htons(port);
}

uint8_t address_text(const sockaddr_storage& address, char* out) {
  out[0] = 0;
  if (address.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr, out, 47);
  } else if (address.ss_family == AF_INET6) {
    const in6_addr& six = reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&six)) inet_ntop(AF_INET, six.s6_addr + 12, out, 47);
    else inet_ntop(AF_INET6, &six, out, 47);
  }
  return static_cast<uint8_t>(std::strlen(out));
}

uint32_t socket_drops(int fd, uint32_t fallback) {
#ifdef SO_MEMINFO
  uint32_t figures[SK_MEMINFO_VARS] = {};
  socklen_t size = sizeof figures;
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, figures, &size) == 0 && size > SK_MEMINFO_DROPS * sizeof(uint32_t))
    return figures[SK_MEMINFO_DROPS];
#endif
  return fallback;
}

}  // namespace penstock
