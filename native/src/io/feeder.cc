#include "io/feeder.h"

#include <algorithm>
#include <cstring>
#include <poll.h>
#include <pthread.h>

#include "io/event_fd.h"

namespace penstock {
namespace {

constexpr size_t kPieceBytes = 64 * 1024;

uint8_t copy_peer(std::string_view peer, char* out) {
  const size_t size = std::min<size_t>(peer.size(), sizeof ChunkHeader::peer);
  std::memcpy(out, peer.data(), size);
  return static_cast<uint8_t>(size);
}

}  // namespace

Feeder::Feeder(const Options& options, std::function<void()> on_wake)
    : load_(options.rings.size()), message_max_(options.message_max), thread_(options.thread),
      listeners_(options.listeners), stats_(options.stats), on_wake_(std::move(on_wake)) {
  for (size_t i = 0; i < options.rings.size(); i++) writers_.emplace_back(options.rings[i], options.doorbells[i]);
}

bool Feeder::start() {
  wake_fd_ = take_event_fd();
  if (wake_fd_ < 0) return false;
  for (RingWriter& writer : writers_) writer.set_eventfd(wake_fd_);
  waiter_ = std::thread([this] {
    for (;;) {
      pollfd wait{wake_fd_, POLLIN, 0};
      poll(&wait, 1, -1);
      uint64_t count;
      const bool woken = read(wake_fd_, &count, sizeof count) > 0;
      if (stopping_.load(std::memory_order_acquire)) return;
      if (woken) on_wake_();
    }
  });
  pthread_setname_np(waiter_.native_handle(), "feeder");
  return true;
}

void Feeder::stop() {
  if (wake_fd_ < 0) return;
  stopping_.store(true, std::memory_order_release);
  const uint64_t one = 1;
  if (::write(wake_fd_, &one, sizeof one) < 0) {
    // The counter is full: the thread is awake already.
  }
  waiter_.join();
  for (const auto& entry : entries_)
    if (entry) entry->stream.drop(stats(entry->stream.origin.listener));
  give_back_event_fd(wake_fd_);
  wake_fd_ = -1;
}

int32_t Feeder::open(uint16_t listener, Framing framing, std::string_view peer) {
  int32_t id = static_cast<int32_t>(entries_.size());
  if (free_.empty()) {
    entries_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  auto entry = std::make_unique<Entry>();
  entry->worker = static_cast<uint16_t>(std::min_element(load_.begin(), load_.end()) - load_.begin());
  load_[entry->worker]++;
  StreamOrigin& origin = entry->stream.origin;
  origin.connection = (uint64_t{thread_} << 48) | next_connection_++;
  origin.listener = listener;
  origin.framing = framing;
  origin.peer_size = copy_peer(peer, origin.peer);
  entries_[static_cast<size_t>(id)] = std::move(entry);
  return id;
}

bool Feeder::write(int32_t id, const uint8_t* data, size_t size) {
  Entry& entry = *entries_[static_cast<size_t>(id)];
  RingWriter& ring = writers_[entry.worker];
  Stream& stream = entry.stream;
  IoStats counts = stats(stream.origin.listener);
  counts.add(IoStat::received_bytes_total, size);
  counts.add(IoStat::reads_total, 1);
  while (size != 0) {
    const size_t piece = std::min({size, kPieceBytes, ring.payload_max() - stream.carried_bytes()});
    uint8_t* into;
    ChunkHeader* header = stream.needs_flush() ? nullptr : stream.begin_read(ring, piece, &into);
    if (!header) {
      counts.add(IoStat::ring_full_total, 1);
      if (!stream.keep(data, size, counts)) counts.add(IoStat::lost_bytes_total, size);
      return false;
    }
    std::memcpy(into, data, piece);
    stream.end_read(ring, header, piece, message_max_, counts);
    data += piece;
    size -= piece;
  }
  return !stream.needs_flush();
}

bool Feeder::flush(int32_t id) {
  Entry& entry = *entries_[static_cast<size_t>(id)];
  return flush_of(entry, false);
}

bool Feeder::flush_of(Entry& entry, bool at_end) {
  return entry.stream.flush(writers_[entry.worker], message_max_, at_end, stats(entry.stream.origin.listener));
}

bool Feeder::close(int32_t id) {
  Entry& entry = *entries_[static_cast<size_t>(id)];
  if (!flush_of(entry, true)) return false;
  drop(id);
  return true;
}

void Feeder::drop(int32_t id) {
  std::unique_ptr<Entry>& entry = entries_[static_cast<size_t>(id)];
  entry->stream.drop(stats(entry->stream.origin.listener));
  load_[entry->worker]--;
  entry.reset();
  free_.push_back(id);
}

Feeder::Delivered Feeder::deliver(int32_t id, Framing framing, ChunkFormat format, const uint8_t* data, size_t size) {
  const Entry& entry = *entries_[static_cast<size_t>(id)];
  const StreamOrigin& origin = entry.stream.origin;
  RingWriter& ring = writers_[entry.worker];
  IoStats counts = stats(origin.listener);
  ChunkHeader* header = ring.claim(size);
  if (!header) {
    counts.add(IoStat::ring_full_total, 1);
    return {};
  }
  *header = ChunkHeader{};
  header->listener = origin.listener;
  header->framing = framing;
  header->received_ns = realtime_ns();
  header->connection = origin.connection;
  header->peer_size = origin.peer_size;
  std::memcpy(header->peer, origin.peer, sizeof header->peer);
  header->format = format;
  std::memcpy(header + 1, data, size);
  counts.add(IoStat::received_bytes_total, size);
  counts.add(IoStat::reads_total, 1);
  counts.add(IoStat::chunks_total, 1);
  return {entry.worker, ring.commit(header, size)};
}

Feeder::Delivered Feeder::next(int32_t id, size_t size) {
  const Entry& entry = *entries_[static_cast<size_t>(id)];
  RingWriter& ring = writers_[entry.worker];
  if (!ring.claim(size)) {  // a claim that is not committed is simply claimed again
    stats(entry.stream.origin.listener).add(IoStat::ring_full_total, 1);
    return {};
  }
  return {entry.worker, ring.next_number()};
}

uint64_t Feeder::committed(size_t ring) {
  writers_[ring].want_wake();
  return writers_[ring].committed_chunks();
}

}  // namespace penstock
