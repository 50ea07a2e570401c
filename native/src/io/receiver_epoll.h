// What a receiver's epoll hands back: a tag and a number or a pointer in one word.
#pragma once

#include <cstdint>
#include <sys/epoll.h>

namespace penstock {

enum Tag : uint64_t { kCommand, kRing, kListener, kUdpSocket, kConnection };
inline uint64_t tagged(Tag tag, uint64_t value) { return (static_cast<uint64_t>(tag) << 56) | value; }
inline uint64_t tagged(Tag tag, const void* pointer) { return tagged(tag, reinterpret_cast<uintptr_t>(pointer)); }
inline uint64_t untagged(uint64_t data) { return data & ((uint64_t{1} << 56) - 1); }

inline void control(int epoll, int operation, int fd, uint32_t events, uint64_t data) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = data;
  epoll_ctl(epoll, operation, fd, &event);
}
inline void watch(int epoll, int fd, uint32_t events, uint64_t data) { control(epoll, EPOLL_CTL_ADD, fd, events, data); }
/// Of one that is watched.
inline void watch_for(int epoll, int fd, uint32_t events, uint64_t data) { control(epoll, EPOLL_CTL_MOD, fd, events, data); }

}  // namespace penstock
