// The table of senders under a flood of addresses, and its buckets.
#include "io/source_table.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <thread>
#include <vector>

#include "check.h"

using namespace penstock;

namespace {

constexpr int64_t kSecond = 1'000'000'000;

sockaddr_storage four(uint32_t address) {
  sockaddr_storage storage{};
  auto& in = reinterpret_cast<sockaddr_in&>(storage);
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(address);
  return storage;
}

sockaddr_storage six(const char* text) {
  sockaddr_storage storage{};
  auto& in = reinterpret_cast<sockaddr_in6&>(storage);
  in.sin6_family = AF_INET6;
  CHECK(inet_pton(AF_INET6, text, &in.sin6_addr) == 1);
  return storage;
}

void connections() {
  SourceTable table(1024);
  const auto one = table.connect(0, four(1), 2, 0);
  const auto two = table.connect(0, four(1), 2, 0);
  CHECK(one.source && one.source == two.source);
  CHECK(table.connect(0, four(1), 2, 0).answer == SourceTable::Answer::kTooMany);
  CHECK(table.connect(1, four(1), 2, 0).source != one.source);  // each listener counts its own
  CHECK(table.connect(0, six("::ffff:0.0.0.1"), 2, 0).answer == SourceTable::Answer::kTooMany);
  table.disconnect(one.source);
  CHECK(table.connect(0, four(1), 2, 0).answer == SourceTable::Answer::kTaken);
  const auto net = table.connect(0, six("2001:db8:1:2::1"), 1, 0);
  CHECK(net.source);
  CHECK(table.connect(0, six("2001:db8:1:2:ffff::9"), 1, 0).answer == SourceTable::Answer::kTooMany);
  CHECK(table.connect(0, six("2001:db8:1:3::1"), 1, 0).answer == SourceTable::Answer::kTaken);
}

void rate_of_a_stream() {
  SourceTable table(64);
  const RateLimit limit{1000, 500};
  SourceEntry* source = table.connect(0, four(7), 0, 0).source;
  CHECK(table.wait(source, limit, kSecond) == 0);
  table.charge(source, 1500);  // 1000 more than it had
  const int64_t wait = table.wait(source, limit, kSecond);
  CHECK(wait > kSecond && wait < kSecond + kSecond / 100);
  CHECK(table.wait(source, limit, kSecond + wait + 1) == 0);
  // Over a long time it is the rate, whatever the sizes of the reads.
  int64_t now = 10 * kSecond, taken = 0;
  for (const int64_t end = now + 100 * kSecond; now < end;) {
    const int64_t pause = table.wait(source, limit, now);
    if (pause > 0) {
      now += pause;
      continue;
    }
    table.charge(source, 333);
    taken += 333;
  }
  CHECK(taken >= 100'000 && taken <= 101'000);
}

void flood_of_addresses() {
  SourceTable table(4096);
  const RateLimit limit{10, 5};
  SourceEntry* held = table.connect(0, four(0x7f000001), 0, 0).source;
  table.wait(held, limit, 0);
  table.charge(held, 100);
  uint64_t forgotten = 0;
  for (uint32_t address = 0; address < 1'000'000; address++) {
    const auto answer = table.take_datagrams(0, four(0x0a000000 + address), 1, 100, limit, {}, kSecond + address);
    CHECK(answer.allowed);
    forgotten += answer.forgot;
  }
  CHECK(forgotten > 990'000 && forgotten < 1'000'000);
  // Who has a connection keeps its place and its debt.
  CHECK(table.wait(held, limit, 2 * kSecond) > 0);
  CHECK(table.connect(0, four(0x7f000001), 0, 0).source == held);
  // Where all of a set have connections, a new address is refused, not forgotten by another.
  SourceTable small(8);
  for (uint32_t address = 1; address <= 8; address++)
    CHECK(small.connect(0, four(address), 0, 0).answer == SourceTable::Answer::kTaken);
  CHECK(small.connect(0, four(9), 0, 0).answer == SourceTable::Answer::kFull);
}

void many_threads() {
  SourceTable table(64);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++)
    threads.emplace_back([&table, t] {
      for (int64_t i = 0; i < 20'000; i++) {
        const auto connected = table.connect(0, four(static_cast<uint32_t>(i % 50)), 0, i);
        if (!connected.source) continue;
        table.wait(connected.source, {1'000'000, 1000}, i * 1000 + t);
        table.charge(connected.source, 10);
        table.disconnect(connected.source);
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (uint32_t address = 0; address < 50; address++) {
    const auto last = table.connect(0, four(address), 1, 0);
    CHECK(last.answer == SourceTable::Answer::kTaken);  // every count went back to 0
    table.disconnect(last.source);
  }
}

}  // namespace

int main() {
  connections();
  rate_of_a_stream();
  flood_of_addresses();
  many_threads();
  return check::done();
}
