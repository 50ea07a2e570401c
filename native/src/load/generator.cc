#include "load/generator.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <memory>
#include <thread>

#include "load/load_connection.h"

namespace penstock {
namespace {

void put_digits(char* out, uint64_t value, size_t width) {
  for (size_t i = width; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

/// RFC 3339 with microseconds, UTC, in exactly kTimestampBytes.
void put_timestamp(char* out) {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  tm t;
  gmtime_r(&now.tv_sec, &t);
  std::memcpy(out, "0000-00-00T00:00:00.000000Z", kTimestampBytes);
  put_digits(out, static_cast<uint64_t>(t.tm_year) + 1900, 4);
  put_digits(out + 5, static_cast<uint64_t>(t.tm_mon) + 1, 2);
  put_digits(out + 8, static_cast<uint64_t>(t.tm_mday), 2);
  put_digits(out + 11, static_cast<uint64_t>(t.tm_hour), 2);
  put_digits(out + 14, static_cast<uint64_t>(t.tm_min), 2);
  put_digits(out + 17, static_cast<uint64_t>(t.tm_sec), 2);
  put_digits(out + 20, static_cast<uint64_t>(now.tv_nsec) / 1000, 6);
}

/// What the threads share.
struct Shared {
  const LoadOptions& options;
  const LoadTemplate& messages;
  LoadEnd end;
  std::atomic<uint64_t> next_sequence{0};
  std::atomic<uint64_t> bytes{0};
  std::atomic<uint64_t> sent{0};
  std::atomic<uint64_t> retries{0};
};

/// One thread: some connections, served in turn.
class Sender {
 public:
  Sender(Shared& shared, uint32_t thread, uint32_t threads) : shared_(shared), at_(thread * 997 % message_count()) {
    const LoadOptions& options = shared.options;
    for (uint32_t i = thread; i < options.connections; i += threads)
      connections_.push_back(std::make_unique<LoadConnection>(options, shared.end));
    share_ = options.rate * static_cast<double>(connections_.size()) / options.connections;
    const double mean = static_cast<double>(shared.messages.bytes.size()) / static_cast<double>(message_count());
    most_ = std::max<uint64_t>(1, static_cast<uint64_t>(options.chunk_bytes / mean));
    if (options.transport == LoadTransport::kUdp) most_ = std::min<uint64_t>(most_, kDatagramsPerCall);
  }

  void run() {
    for (auto& connection : connections_)
      if (!connection->open(error)) return;
    uint64_t mine = 0;
    for (size_t turn = 0; !shared_.end.over(); ++turn) {
      if (share_ > 0 && !wait_for(static_cast<double>(mine) / share_)) break;
      const uint64_t count = take(share_ > 0 ? due(mine) : most_);
      if (count == 0) break;
      render(count);
      LoadConnection& connection = *connections_[turn % connections_.size()];
      if (!connection.send(chunk_, sizes_, retries_, error)) {
        if (shared_.options.transport == LoadTransport::kTcp) count_part(connection.taken());
        break;
      }
      mine += count;
      shared_.sent.fetch_add(count, std::memory_order_relaxed);
      shared_.bytes.fetch_add(chunk_.size(), std::memory_order_relaxed);
    }
    for (auto& connection : connections_)
      if (!connection->finish(error)) break;
    shared_.retries.fetch_add(retries_, std::memory_order_relaxed);
  }

  std::string error;

 private:
  uint64_t message_count() const { return shared_.messages.starts.size() - 1; }

  /// Counts the messages that are whole in the first `taken` bytes of the chunk: the listener has them.
  void count_part(size_t taken) {
    size_t whole = 0;
    for (const uint32_t size : sizes_) {
      if (whole + size > taken) break;
      whole += size;
      shared_.sent.fetch_add(1, std::memory_order_relaxed);
    }
    shared_.bytes.fetch_add(whole, std::memory_order_relaxed);
  }

  /// Until `due` seconds from the start; false when told to stop.
  bool wait_for(double due) const {
    while (!shared_.end.over()) {
      const double left = due - shared_.end.elapsed();
      if (left <= 0) return true;
      std::this_thread::sleep_for(std::chrono::duration<double>(std::min(left, 0.05)));
    }
    return false;
  }

  /// Messages of the next chunk to keep to the rate: about a millisecond of it, so that time stamps are fresh and the flow is even, or
  /// what is late, where each chunk takes longer (HTTP waits for answers).
  uint64_t due(uint64_t mine) const {
    const double late = shared_.end.elapsed() * share_ - static_cast<double>(mine);
    return std::clamp<uint64_t>(static_cast<uint64_t>(std::max(late, share_ / 1000)), 1, most_);
  }

  /// Sequence numbers for a chunk of so many; answers how many, 0: all were given out.
  uint64_t take(uint64_t wanted) {
    first_ = shared_.next_sequence.fetch_add(wanted, std::memory_order_relaxed);
    if (shared_.options.count == 0) return wanted;
    return first_ >= shared_.options.count ? 0 : std::min(wanted, shared_.options.count - first_);
  }

  void render(uint64_t count) {
    const LoadTemplate& m = shared_.messages;
    char now[kTimestampBytes];
    put_timestamp(now);
    chunk_.clear();
    sizes_.clear();
    for (uint64_t i = 0; i < count; ++i) {
      const size_t n = at_;
      at_ = at_ + 1 == message_count() ? 0 : at_ + 1;
      const uint32_t start = m.starts[n];
      const size_t to = chunk_.size();
      chunk_.append(m.bytes, start, m.starts[n + 1] - start);
      if (m.timestamps[n] != kNoPlace) std::memcpy(&chunk_[to + m.timestamps[n] - start], now, kTimestampBytes);
      if (m.sequences[n] != kNoPlace) put_digits(&chunk_[to + m.sequences[n] - start], first_ + i, kSequenceBytes);
      sizes_.push_back(m.starts[n + 1] - start);
    }
  }

  Shared& shared_;
  std::vector<std::unique_ptr<LoadConnection>> connections_;
  double share_ = 0;
  uint64_t most_ = 1;  ///< messages of a chunk
  size_t at_;
  uint64_t first_ = 0;
  uint64_t retries_ = 0;
  std::string chunk_;
  std::vector<uint32_t> sizes_;
};

constexpr uint32_t kThreadsMax = 4;

}  // namespace

LoadResult run_load(const LoadOptions& options, const LoadTemplate& messages, const std::atomic<bool>& stop) {
  Shared shared{options, messages, LoadEnd(stop, options.seconds)};
  // UDP and TCP: two threads drive any number of connections; HTTP waits for answers, so it takes a few more.
  const uint32_t wanted = options.transport == LoadTransport::kHttp ? kThreadsMax : 2;
  const uint32_t threads = std::clamp<uint32_t>(options.connections, 1, wanted);
  std::vector<std::unique_ptr<Sender>> senders;
  std::vector<std::thread> running;
  for (uint32_t i = 0; i < threads; ++i) senders.push_back(std::make_unique<Sender>(shared, i, threads));
  for (auto& sender : senders) running.emplace_back([&sender] { sender->run(); });
  for (std::thread& thread : running) thread.join();

  LoadResult result;
  result.seconds = shared.end.elapsed();
  result.sent = shared.sent;
  result.bytes = shared.bytes;
  result.retries = shared.retries;
  for (const auto& sender : senders)
    if (!sender->error.empty()) result.error = sender->error;
  return result;
}

}  // namespace penstock
