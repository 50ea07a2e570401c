#include "io/udp_receiver.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "io/clock.h"
#include "io/sockets.h"

#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#ifndef SOL_UDP
#define SOL_UDP 17
#endif

namespace penstock {
namespace {

// Not a power of two: the beginnings of the slots must not fall into the same cache sets.
constexpr size_t kSlotBytes = 65536 + 9 * 64;
constexpr size_t kControlBytes = 64;
constexpr size_t kRingsMax = 256;
constexpr size_t kChunkBytes = 256 * 1024;

DatagramHeader sender_of(const sockaddr_storage& address) {
  DatagramHeader header{};
  if (address.ss_family == AF_INET) {
    const auto& four = reinterpret_cast<const sockaddr_in&>(address);
    header.family = 4;
    header.port = ntohs(four.sin_port);
    std::memcpy(header.address, &four.sin_addr, 4);
    return header;
  }
  const auto& six = reinterpret_cast<const sockaddr_in6&>(address);
  const bool mapped = IN6_IS_ADDR_V4MAPPED(&six.sin6_addr);
  header.family = mapped ? 4 : 6;
  header.port = ntohs(six.sin6_port);
  std::memcpy(header.address, six.sin6_addr.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 16);
  return header;
}

uint64_t hash_of(const DatagramHeader& sender) {
  uint64_t halves[2];
  std::memcpy(halves, sender.address, sizeof halves);
  return mix64(halves[0] ^ mix64(halves[1] + sender.family));
}

}  // namespace

struct UdpReceiver::Batch {
  uint8_t* slots;
  mmsghdr messages[kBatch];
  iovec vectors[kBatch];
  sockaddr_storage senders[kBatch];
  alignas(8) uint8_t control[kBatch][kControlBytes];
  unsigned count = 0;   ///< messages received and not yet packed: [at, count)
  unsigned at = 0;
  size_t offset = 0;    ///< within message `at`: datagrams of a coalesced read already packed
  bool charged = false;  ///< message `at` is counted against its sender's rate
};

UdpReceiver::UdpReceiver(int fd, uint16_t listener, uint64_t connection, IoStats stats, const ReceiverShared& shared)
    : fd_(fd), listener_(listener), connection_(connection), stats_(stats), shared_(shared), batch_(new Batch) {
  void* memory = mmap(nullptr, kBatch * kSlotBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                      -1, 0);
  batch_->slots = memory == MAP_FAILED ? nullptr : static_cast<uint8_t*>(memory);
}

UdpReceiver::~UdpReceiver() {
  count_drops();
  if (batch_->count > batch_->at) stats_.add(IoStat::lost_datagrams_total, batch_->count - batch_->at);
  if (batch_->slots) munmap(batch_->slots, kBatch * kSlotBytes);
  close(fd_);
}

UdpReceiver::Turn UdpReceiver::receive(std::span<RingWriter> rings) {
  Batch& batch = *batch_;
  if (!batch.slots) return Turn::kDrained;
  if (batch.at < batch.count) return pack(rings) ? Turn::kMore : Turn::kRingFull;
  for (unsigned i = 0; i < kBatch; i++) {
    batch.vectors[i] = {batch.slots + i * kSlotBytes, 65536};
    batch.messages[i].msg_hdr = {&batch.senders[i], sizeof batch.senders[i], &batch.vectors[i], 1,
                                 batch.control[i], kControlBytes, 0};
  }
  const int count = recvmmsg(fd_, batch.messages, kBatch, MSG_DONTWAIT, nullptr);
  last_read_ = count > 0 ? static_cast<unsigned>(count) : 0;
  if (count <= 0) return count < 0 && errno == EINTR ? Turn::kMore : Turn::kDrained;
  batch.count = static_cast<unsigned>(count);
  batch.at = 0;
  batch.offset = 0;
  size_t bytes = 0;
  for (unsigned i = 0; i < batch.count; i++) bytes += batch.messages[i].msg_len;
  stats_.add(IoStat::received_bytes_total, bytes);
  stats_.add(IoStat::reads_total, 1);
  if (!pack(rings)) return Turn::kRingFull;
  return batch.count == kBatch ? Turn::kMore : Turn::kDrained;
}

bool UdpReceiver::pack(std::span<RingWriter> rings) {
  struct Open {
    ChunkHeader* header = nullptr;
    size_t used = 0, room = 0;
  };
  Open open[kRingsMax];
  Batch& batch = *batch_;
  const int64_t now = realtime_ns();
  const ReceiverShared::Listener& listener = shared_.listener[listener_];
  const Rates rates{listener.datagrams.get(), listener.volume.get()};
  const bool limited = rates.datagrams.per_second != 0 || rates.volume.per_second != 0;
  auto commit = [&](size_t ring) {
    Open& chunk = open[ring];
    if (!chunk.header) return;
    *chunk.header = ChunkHeader{};
    chunk.header->listener = listener_;
    chunk.header->framing = Framing::kDatagram;
    chunk.header->received_ns = now;
    chunk.header->connection = connection_;
    rings[ring].commit(chunk.header, chunk.used);
    stats_.add(IoStat::chunks_total, 1);
    chunk = {};
  };
  uint64_t datagrams = 0, empty = 0, truncated = 0, dropped = 0;
  bool room = true;
  for (; room && batch.at < batch.count; batch.at++) {
    const msghdr& message = batch.messages[batch.at].msg_hdr;
    const size_t size = batch.messages[batch.at].msg_len;
    size_t segment = size;
    for (cmsghdr* control = CMSG_FIRSTHDR(&message); control; control = CMSG_NXTHDR(const_cast<msghdr*>(&message), control)) {
      if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_RXQ_OVFL) {
        uint32_t total;
        std::memcpy(&total, CMSG_DATA(control), sizeof total);
        note_drops(total);
      } else if (control->cmsg_level == SOL_UDP && control->cmsg_type == UDP_GRO) {
        int gso_size;
        std::memcpy(&gso_size, CMSG_DATA(control), sizeof gso_size);
        if (gso_size > 0) segment = static_cast<size_t>(gso_size);
      }
    }
    if (size == 0) {
      datagrams++;
      empty++;
      continue;
    }
    if (limited && !batch.charged) {
      const size_t count = (size + segment - 1) / segment;
      if (!within_rate(rates, batch.senders[batch.at], count, size)) {
        datagrams += count;
        dropped += count;
        continue;
      }
      batch.charged = true;
    }
    DatagramHeader sender = sender_of(batch.senders[batch.at]);
    const size_t ring = rings.size() == 1 ? 0 : hash_of(sender) % rings.size();
    Open& chunk = open[ring];
    while (batch.offset < size) {
      const size_t length = std::min(segment, size - batch.offset);
      const size_t kept = std::min<size_t>(length, shared_.message_max);
      if (chunk.header && chunk.used + sizeof sender + kept > chunk.room) commit(ring);
      if (!chunk.header) {
        const size_t wanted = std::max(sizeof sender + kept, std::min(kChunkBytes, rings[ring].payload_max()));
        ChunkHeader* header = rings[ring].claim(wanted);
        chunk.room = wanted;
        if (!header) {
          header = rings[ring].claim(sizeof sender + kept);
          chunk.room = sizeof sender + kept;
        }
        if (!header) {
          blocked_by_ = ring;
          stats_.add(IoStat::ring_full_total, 1);
          room = false;
          break;
        }
        chunk.header = header;
        chunk.used = 0;
      }
      sender.size = static_cast<uint32_t>(kept);
      sender.flags = kept < length ? kChunkTruncated : 0;
      auto* out = reinterpret_cast<uint8_t*>(chunk.header + 1) + chunk.used;
      std::memcpy(out, &sender, sizeof sender);
      std::memcpy(out + sizeof sender, batch.slots + batch.at * kSlotBytes + batch.offset, kept);
      chunk.used += sizeof sender + kept;
      datagrams++;
      if (kept < length) {
        truncated++;
        stats_.add(IoStat::discarded_bytes_total, length - kept);
      }
      batch.offset += length;
    }
    if (!room) break;
    batch.offset = 0;
    batch.charged = false;
  }
  for (size_t ring = 0; ring < rings.size(); ring++) commit(ring);
  stats_.add(IoStat::datagrams_total, datagrams);
  if (dropped) stats_.add(IoStat::dropped_datagrams_total_rate, dropped);
  if (empty) stats_.add(IoStat::empty_datagrams_total, empty);
  if (truncated) stats_.add(IoStat::truncated_frames_total, truncated);
  return room;
}

bool UdpReceiver::within_rate(const Rates& rates, const sockaddr_storage& sender, size_t datagrams, size_t bytes) {
  const auto taken =
      shared_.sources->take_datagrams(listener_, sender, static_cast<int64_t>(datagrams), static_cast<int64_t>(bytes),
                                      rates.datagrams, rates.volume, monotonic_ns());
  if (taken.forgot) stats_.add(IoStat::sources_forgotten_total, 1);
  return taken.allowed;
}

void UdpReceiver::count_drops() { note_drops(socket_drops(fd_, drops_seen_)); }

void UdpReceiver::note_drops(uint32_t total) {
  const auto more = static_cast<int32_t>(total - drops_seen_);  // the kernel's 32 bits wrap; older readings are ignored
  if (more <= 0) return;
  stats_.add(IoStat::kernel_drops_total, static_cast<uint64_t>(more));
  drops_seen_ = total;
}

}  // namespace penstock
