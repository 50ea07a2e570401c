// Record batches byte by byte, and murmur2 against the vectors of Kafka's own unit test (UtilsTest.testMurmur2).
#include <string>
#include <vector>

#include "check.h"
#include "kernels/crc32c.h"
#include "pipeline/batch_builder.h"
#include "pipeline/murmur2.h"
#include "pipeline/varint.h"

using namespace penstock;

namespace {

uint64_t be(const uint8_t* p, size_t bytes) {
  uint64_t v = 0;
  while (bytes--) v = v << 8 | *p++;
  return v;
}

int64_t read_varint(const uint8_t*& p) {
  uint64_t v = 0;
  for (int shift = 0;; shift += 7) {
    v |= uint64_t{*p & 127u} << shift;
    if (*p++ < 128) break;
  }
  return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
}

void test_murmur2() {
  const struct {
    std::string_view key;
    int32_t hash;
  } vectors[] = {{"21", -973932308},
                 {"foobar", -790332482},
                 {"a-little-bit-long-string", -985981536},
                 {"a-little-bit-longer-string", -1486304829},
                 {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
                 {"abc", 479470107}};
  for (const auto& v : vectors) CHECK_EQ(static_cast<int32_t>(murmur2(v.key)), v.hash);
}

void test_varint() {
  for (int64_t v : {int64_t{0}, int64_t{-1}, int64_t{63}, int64_t{64}, int64_t{-65}, INT64_MAX, INT64_MIN}) {
    uint8_t out[10];
    const size_t size = static_cast<size_t>(put_varint(out, zigzag(v)) - out);
    CHECK_EQ(size, varint_size(zigzag(v)));
    const uint8_t* p = out;
    CHECK_EQ(read_varint(p), v);
  }
}

void test_batch() {
  std::vector<uint8_t> memory(4096 + kPadding);
  BatchBuilder batch;
  batch.open(memory.data(), 4096, {3, 7});
  const std::string headers("\x02\x02" "a" "\x02" "b", 5);
  const std::string_view values[] = {"hello", "", "a value that is longer than sixty-four bytes so that its length takes two bytes"};
  int64_t ms = 1'700'000'000'000;
  for (std::string_view value : values) {
    const std::string_view key = value.empty() ? std::string_view() : "key";
    uint8_t* out = batch.begin_record(ms, key, value.size() + 30, headers);
    CHECK(out != nullptr);
    std::memcpy(out, value.data(), value.size());
    std::memset(out + value.size(), 0xee, kPadding);  // what an encoder may do
    batch.end_record(out + value.size(), key, headers);
    batch.observe(ms * 1'000'000, ms * 1'000'000 - 5);
    ms -= 10;  // time may go backwards
  }
  batch.write_header(memory.data(), batch.size() - kBatchHeaderBytes, BatchCodec::kNone);

  const uint8_t* p = memory.data();
  CHECK_EQ(be(p, 8), 0u);
  CHECK_EQ(be(p + 8, 4), batch.size() - 12);
  CHECK_EQ(p[16], 2);
  CHECK_EQ(be(p + 17, 4), crc32c(0, p + 21, batch.size() - 21));
  CHECK_EQ(be(p + 21, 2), 0u);
  CHECK_EQ(be(p + 23, 4), 2u);
  CHECK_EQ(be(p + 27, 8), 1'700'000'000'000u);
  CHECK_EQ(be(p + 35, 8), 1'700'000'000'000u);
  CHECK_EQ(be(p + 43, 8), ~uint64_t{0});
  CHECK_EQ(be(p + 57, 4), 3u);

  p += kBatchHeaderBytes;
  for (int i = 0; i < 3; ++i) {
    const int64_t length = read_varint(p);
    const uint8_t* const end = p + length;
    CHECK_EQ(*p++, 0);
    CHECK_EQ(read_varint(p), -10 * i);
    CHECK_EQ(read_varint(p), i);
    const int64_t key = read_varint(p);
    CHECK_EQ(key, values[i].empty() ? -1 : 3);
    if (key > 0) p += key;
    const int64_t size = read_varint(p);
    CHECK_EQ(view(p, static_cast<size_t>(size)), values[i]);
    p += size;
    CHECK_EQ(view(p, headers.size()), std::string_view(headers));
    CHECK(p + headers.size() == end);
    p = end;
  }
  CHECK(p == memory.data() + batch.size());
}

/// Lengths of one, two, three bytes, each in front of what is in place already.
void test_lengths() {
  for (const size_t size : {0, 1, 50, 55, 63, 64, 65, 8180, 8191, 8192, 70'000, 1 << 20}) {
    std::vector<uint8_t> memory(kBatchHeaderBytes + size + 256 + kPadding);
    BatchBuilder batch;
    batch.open(memory.data(), memory.size() - kPadding, {});
    const std::string headers("\x02\x02" "a" "\x02" "b", 5);
    uint8_t* out = batch.begin_record(5, "k", size + 90, headers);
    CHECK(out != nullptr);
    for (size_t i = 0; i < size; ++i) out[i] = static_cast<uint8_t>(i * 31 + 7);
    batch.end_record(out + size, "k", headers);
    const uint8_t* p = memory.data() + kBatchHeaderBytes;
    const int64_t length = read_varint(p);
    CHECK(p + length == memory.data() + batch.size());
    CHECK_EQ(*p++, 0);
    CHECK_EQ(read_varint(p), 0);
    CHECK_EQ(read_varint(p), 0);
    CHECK_EQ(read_varint(p), 1);
    CHECK_EQ(*p++, 'k');
    CHECK_EQ(read_varint(p), static_cast<int64_t>(size));
    size_t same = 0;
    while (same < size && p[same] == static_cast<uint8_t>(same * 31 + 7)) ++same;
    CHECK_EQ(same, size);
    CHECK_EQ(view(p + size, headers.size()), std::string_view(headers));
  }
}

void test_full() {
  std::vector<uint8_t> memory(256 + kPadding);
  BatchBuilder batch;
  batch.open(memory.data(), 256, {});
  CHECK(batch.begin_record(0, {}, 4096, "\0") == nullptr);
  CHECK(batch.empty());
  size_t count = 0;
  while (const uint8_t* value = batch.begin_record(0, {}, 20, std::string_view("\0", 1))) {
    batch.end_record(value + 20, {}, std::string_view("\0", 1));
    ++count;
  }
  CHECK(count > 0);
  CHECK_EQ(count, batch.count());
  CHECK(batch.size() <= 256);
}

void test_samples() {
  std::vector<uint8_t> memory(1 << 20);
  BatchBuilder batch;
  batch.open(memory.data(), memory.size() - kPadding, {});
  for (int i = 0; i < 1000; ++i) {
    batch.end_record(batch.begin_record(0, {}, 0, std::string_view("\0", 1)), {}, std::string_view("\0", 1));
    batch.observe(i, i);
  }
  CHECK(batch.sample_count() >= kLatencySamples / 2);
  const int64_t step = batch.samples()[1] - batch.samples()[0];
  for (int i = 1; i < batch.sample_count(); ++i) CHECK_EQ(batch.samples()[i] - batch.samples()[i - 1], step);
  CHECK_EQ(batch.first_received_ns(), 0);
  CHECK_EQ(batch.last_received_ns(), 999);
}

}  // namespace

int main() {
  test_murmur2();
  test_varint();
  test_batch();
  test_lengths();
  test_full();
  test_samples();
  return check::done();
}
