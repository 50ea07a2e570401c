// What is known of each sender's address: how many connections it has and how much of its rate is left. Shared by the
// receiver threads.
//
// The table has a fixed size, so that a flood of addresses costs no memory: it is a cache of eight-way sets. A new address
// takes the place of the one in its set that was heard of longest ago and has no connection; where every one of the set
// has connections, the new one goes without an entry, that is, it is refused. IPv6 addresses count by their /64: a host has
// as many addresses there as it likes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <sys/socket.h>

namespace penstock {

/// A token bucket's terms: `per_second` units, of which `burst` may come at once.
struct RateLimit {
  int64_t per_second = 0;  ///< 0: no limit
  int64_t burst = 0;
};

/// One sender of one listener. Its place in the table is its own while it has connections.
struct SourceEntry;

class SourceTable {
 public:
  /// `sources`: how many are remembered; rounded up to whole sets and a power of two.
  explicit SourceTable(size_t sources);
  ~SourceTable();
  SourceTable(const SourceTable&) = delete;

  enum class Answer : uint8_t { kTaken, kTooMany, kFull };
  struct Connected {
    Answer answer;
    SourceEntry* source = nullptr;
    bool forgot = false;  ///< another address had to go
  };
  /// A connection of `peer`; kTooMany when it has `most` already (0: no limit), kFull when there is no place for its address.
  Connected connect(uint16_t listener, const sockaddr_storage& peer, uint32_t most, int64_t now_ns);
  /// Likewise of a sender known by 128 bits that nobody can choose, such as a digest.
  Connected connect(uint16_t listener, const uint64_t key[2], uint32_t most, int64_t now_ns);
  void disconnect(SourceEntry* source);

  /// 0 while the sender may go on, else the ns until it may.
  int64_t wait(SourceEntry* source, const RateLimit& limit, int64_t now_ns);
  /// Counts what came. It may exceed what was left: the next wait is longer by it.
  void charge(SourceEntry* source, int64_t amount);

  struct Datagrams {
    bool allowed;
    bool forgot = false;
  };
  /// Both for a sender without a connection, in datagrams and bytes: all of them may pass, or none.
  Datagrams take_datagrams(uint16_t listener, const sockaddr_storage& peer, int64_t count, int64_t bytes,
                           const RateLimit& datagrams, const RateLimit& volume, int64_t now_ns);

 private:
  struct Set;
  struct Found {
    SourceEntry* source;
    bool forgot;
  };
  Connected connect(uint64_t high, uint64_t low, uint32_t most, int64_t now_ns);
  Found find(Set& set, uint64_t high, uint64_t low, int64_t now_ns);
  Set& set_of(uint64_t high, uint64_t low);

  const size_t mask_;
  const uint64_t seed_;  ///< so that nobody outside can choose addresses of one set
  std::unique_ptr<Set[]> sets_;
};

}  // namespace penstock
