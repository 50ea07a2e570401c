// What travels through a ring: chunks of whole frames from one connection (or datagrams of one socket).
//
//   | ChunkHeader (128) | payload (size bytes) | pad to 64 |
#pragma once

#include "kernels/framing.h"

namespace penstock {

inline constexpr size_t kChunkAlign = 64;

enum ChunkFlags : uint8_t {
  kChunkSkip = 1,       ///< no chunk: go to the ring's start
  kChunkTruncated = 2,  ///< the payload is exactly one frame (no delimiter), the start of an over-long one
};

/// How the frames of a chunk are parsed, where the sender said so (HTTP's Content-Type).
enum class ChunkFormat : uint8_t {
  kListener,  ///< as the listener is configured
  kSyslog,
  kJson,
  kText,
};

struct alignas(64) ChunkHeader {
  uint32_t size;         ///< payload bytes; for kChunkSkip: bytes to skip, header included
  uint16_t listener;     ///< index into the configured listeners
  Framing framing;
  uint8_t flags;
  uint64_t number;       ///< 0, 1, 2 … per ring and boot
  int64_t received_ns;   ///< CLOCK_REALTIME of the read that completed it
  uint64_t connection;   ///< unique in this boot
  uint8_t peer_size;     ///< 0 for datagrams (each carries its own)
  char peer[47];         ///< address as text, without port
  ChunkFormat format;    ///< kListener unless the source says otherwise; set for every chunk (claimed memory is reused)
  uint8_t reserved[47];
};
static_assert(sizeof(ChunkHeader) == 128);

/// Before each datagram of a kDatagram payload; datagrams follow each other unaligned (read with memcpy).
struct DatagramHeader {
  uint32_t size;         ///< payload bytes that follow
  uint8_t family;        ///< 4 or 6
  uint8_t flags;         ///< kChunkTruncated
  uint16_t port;
  uint8_t address[16];   ///< network order; IPv4 in the first four
};
static_assert(sizeof(DatagramHeader) == 24);

}  // namespace penstock
