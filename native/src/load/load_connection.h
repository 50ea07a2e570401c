// One connection (or UDP socket) of the load generator.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "load/generator.h"

namespace penstock {

/// Datagrams a sendmmsg call.
inline constexpr size_t kDatagramsPerCall = 64;

/// When sending ends: by the set time or because it was told to stop.
class LoadEnd {
 public:
  LoadEnd(const std::atomic<bool>& stop, double seconds) : stop_(stop), seconds_(seconds) {}
  double elapsed() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }
  bool over() const { return stop_.load(std::memory_order_relaxed) || (seconds_ > 0 && elapsed() >= seconds_); }
  /// Whether to give up a peer that has taken or answered nothing for `seconds`: only when sending is over.
  bool gives_up(unsigned seconds) const { return stop_.load(std::memory_order_relaxed) || (over() && seconds >= kPatienceSeconds); }

 private:
  static constexpr unsigned kPatienceSeconds = 5;
  const std::atomic<bool>& stop_;
  const double seconds_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class LoadConnection {
 public:
  LoadConnection(const LoadOptions& options, const LoadEnd& end) : options_(options), end_(end) {}
  LoadConnection(const LoadConnection&) = delete;
  ~LoadConnection();
  /// False, with the reason, when it cannot connect.
  bool open(std::string& error);
  /// Sends the messages of `chunk`, whose sizes follow each other in `sizes`; HTTP: waits for the answer, and sends again
  /// after 429 or 503. False, with the reason, when the connection is gone.
  bool send(const std::string& chunk, const std::vector<uint32_t>& sizes, uint64_t& retries, std::string& error);
  /// Bytes of the last chunk that TCP took although sending it failed.
  size_t taken() const { return taken_; }
  /// Sends what is on its way and closes. False, with the reason, when the peer does not take it.
  bool finish(std::string& error);

 private:
  bool send_all(const char* data, size_t size, std::string& error);
  bool send_datagrams(const std::string& chunk, const std::vector<uint32_t>& sizes, std::string& error);
  bool post(const std::string& body, uint64_t& retries, std::string& error);
  /// Reads one answer; its status, or 0 with the reason. `retry_after_s`: as the server says.
  int read_answer(unsigned& retry_after_s, std::string& error);

  const LoadOptions& options_;
  const LoadEnd& end_;
  int fd_ = -1;
  size_t taken_ = 0;
  std::string request_;
  std::string answer_;
};

}  // namespace penstock
