// One receiver thread: its connections and UDP sockets, an epoll, and one ring to each worker.
//
// epoll is edge-triggered: a connection that may have more to read waits in the queue of its ring, and while that ring is
// full nobody of the queue is read (the peer's TCP window closes) and no system call is made for it.
#pragma once

#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "io/receiver_shared.h"
#include "io/stream.h"
#include "io/udp_receiver.h"

namespace penstock {

struct Connection;

/// Doubly linked through Connection::older/newer, the longest idle first.
struct IdleList {
  Connection* oldest = nullptr;
  Connection* newest = nullptr;
};

class Receiver {
 public:
  Receiver(ReceiverShared& shared, unsigned thread, std::vector<RingWriter> rings);
  ~Receiver();
  Receiver(const Receiver&) = delete;

  bool start(int pin_cpu);
  /// Any thread. Connections and sockets are handed over with their descriptors.
  void post(const ReceiverCommand& command);
  void join();

 private:
  struct Lane {  ///< one ring and the connections that wait to be read into it
    Connection* first = nullptr;
    Connection* last = nullptr;
    size_t queued = 0;
    bool full = false;
  };

  void run();
  bool take_commands();
  void on_acceptable(uint16_t listener);
  IoStat admit(ReceiverCommand& command);
  void adopt(const ReceiverCommand& command);
  void look_again(uint16_t listener);
  /// For the rate of a connection that was accepted when there was none.
  void find_payer(Connection* connection);
  void begin_close(uint16_t listener);
  void enqueue(Connection* connection);
  Connection* dequeue(Lane& lane);
  void run_handshakes();
  void shake_hands(Connection* connection);
  void begin_reading(Connection* connection);
  void close_late_handshakes(uint16_t listener);
  void run_lane(size_t index);
  /// One read. False: the ring is full.
  bool serve(Connection* connection, bool& again);
  bool finish(Connection* connection, IoStat reason);
  void release(Connection* connection, IoStat reason);
  void touch(Connection* connection);
  void link_newest(Connection* connection);
  void unlink(Connection* connection);
  IdleList& list_of(const Connection* connection);
  void run_udp();
  void gather_udp();
  void tick();
  void resume();
  void close_idle(uint16_t listener);
  void close_slow(uint16_t listener);
  void close_largest();
  void report_closed();
  IoStats stats(uint16_t listener) { return shared_.stats(thread_index_, listener); }

  ReceiverShared& shared_;
  const unsigned thread_index_;
  std::vector<RingWriter> rings_;
  std::vector<Lane> lanes_;
  Lane handshakes_;                 ///< those that can go on; none needs a ring
  Connection* paused_ = nullptr;    ///< beyond their senders' rates
  std::vector<IdleList> idle_;      ///< by listener
  std::vector<IdleList> shaking_;   ///< by listener: not through their handshake, the first accepted first
  std::vector<int> listening_;      ///< by listener; −1: not accepting here
  std::vector<bool> closing_;       ///< by listener: asked to close, not yet reported
  std::vector<size_t> open_;        ///< by listener: connections of this thread
  std::vector<std::unique_ptr<UdpReceiver>> udp_;
  std::vector<bool> udp_ready_;
  int64_t udp_read_ns_ = 0;         ///< when datagrams were read last
  bool udp_gather_ = false;         ///< datagrams come often: wait a little, read many
  int epoll_ = -1;
  int command_fd_ = -1;
  int ring_fd_ = -1;
  int spare_fd_ = -1;               ///< given up for a moment when descriptors run out, to refuse politely
  int64_t now_ms_ = 0;
  int64_t next_tick_ms_ = 0;
  uint64_t next_connection_ = 1;
  size_t carried_bytes_ = 0;
  std::mutex mutex_;
  std::vector<ReceiverCommand> commands_;
  std::thread thread_;
};

}  // namespace penstock
