// One connection (or UDP socket) of the load generator.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "load/generator.h"

namespace penstock {

/// Datagrams a sendmmsg call.
inline constexpr size_t kDatagramsPerCall = 64;

class LoadConnection {
 public:
  explicit LoadConnection(const LoadOptions& options) : options_(options) {}
  LoadConnection(const LoadConnection&) = delete;
  ~LoadConnection();
  /// False, with the reason, when it cannot connect.
  bool open(std::string& error);
  /// Sends the messages of `chunk`, whose sizes follow each other in `sizes`; HTTP: waits for the answer, and sends again
  /// after 429 or 503. False, with the reason, when the connection is gone.
  bool send(const std::string& chunk, const std::vector<uint32_t>& sizes, const std::atomic<bool>& stop,
            uint64_t& retries, std::string& error);
  /// Sends what is on its way and closes.
  void finish();

 private:
  bool send_all(const char* data, size_t size, std::string& error);
  bool send_datagrams(const std::string& chunk, const std::vector<uint32_t>& sizes, std::string& error);
  bool post(const std::string& body, const std::atomic<bool>& stop, uint64_t& retries, std::string& error);
  /// Reads one answer; its status, or 0 with the reason. `retry_after_s`: as the server says.
  int read_answer(unsigned& retry_after_s, std::string& error);

  const LoadOptions& options_;
  int fd_ = -1;
  std::string request_;
  std::string answer_;
};

}  // namespace penstock
