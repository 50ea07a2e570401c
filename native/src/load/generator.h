// The load generator of `penstock send`: pre-rendered messages, stamped with time and sequence number on their way out.
// Runs in a process of its own; costs a fraction of what receiving costs.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace penstock {

enum class LoadTransport : uint8_t { kUdp, kTcp, kHttp };

inline constexpr uint32_t kNoPlace = 0xffffffff;
inline constexpr size_t kTimestampBytes = 27;  ///< "2026-01-02T03:04:05.678901Z"
inline constexpr size_t kSequenceBytes = 12;   ///< zero-padded

/// Rendered messages, each framed as it goes over the wire.
struct LoadTemplate {
  std::string bytes;
  std::vector<uint32_t> starts;      ///< of each message; one more: the end
  std::vector<uint32_t> timestamps;  ///< where the timestamp stands in `bytes`, or kNoPlace
  std::vector<uint32_t> sequences;   ///< where the sequence number stands, or kNoPlace
};

struct LoadOptions {
  LoadTransport transport = LoadTransport::kTcp;
  std::string host;
  uint16_t port = 0;
  std::string path = "/ingest";       ///< HTTP
  std::string headers;  ///< of HTTP requests, host among them, whole lines: "content-type: application/x-ndjson\r\n"
  uint32_t connections = 1;
  double rate = 0;                    ///< events a second over all connections; 0: as fast as possible
  uint64_t count = 0;                 ///< events; 0: until `seconds`
  double seconds = 0;                 ///< 0: until `count`
  uint32_t chunk_bytes = 64 << 10;    ///< bytes a write (HTTP: a body), at most
};

struct LoadResult {
  uint64_t sent = 0;
  uint64_t bytes = 0;
  double seconds = 0;
  uint64_t retries = 0;   ///< HTTP: answers 429 and 503
  std::string error;      ///< empty: all went well
};

/// Sends; blocks until done, failed, or `*stop` is set.
LoadResult run_load(const LoadOptions& options, const LoadTemplate& messages, const std::atomic<bool>& stop);

}  // namespace penstock
