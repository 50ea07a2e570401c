// Sockets: opening, addresses as text. Every function answers a descriptor or 0, or −errno.
#pragma once

#include <cstddef>
#include <cstdint>
#include <sys/socket.h>

namespace penstock {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// A numeric address or a host name ('' and '*' are all addresses, IPv4 and IPv6).
int resolve_address(const char* host, uint16_t port, SocketAddress& out);
/// Bound, listening, non-blocking.
int open_tcp_listener(const SocketAddress& address);
/// Bound with SO_REUSEPORT, non-blocking, counting drops. `receive_buffer_bytes`: asked for; what was granted comes back.
int open_udp_socket(const SocketAddress& address, bool gro, size_t& receive_buffer_bytes);
/// Connected, non-blocking afterwards.
int open_connection(const SocketAddress& address, int type);
/// The local port of a socket.
int local_port(int fd);
void set_port(SocketAddress& address, uint16_t port);
/// The address as text without port; IPv4-mapped IPv6 as IPv4. `out` has 47 bytes. Returns its length.
uint8_t address_text(const sockaddr_storage& address, char* out);
/// Drops of a UDP socket since it was opened (SO_MEMINFO), or `fallback` when the kernel does not tell.
uint32_t socket_drops(int fd, uint32_t fallback);

}  // namespace penstock
