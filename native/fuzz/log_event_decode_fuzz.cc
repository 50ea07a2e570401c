// Any bytes as a LogEvent: never a crash, and what is understood survives: decode → encode → decode is the same event.
#include "kernels/encode.h"
#include "kernels/records_to_json.h"

#include <cstdlib>
#include <memory>

using namespace penstock;

static std::vector<uint8_t> encode(const Event& event) {
  const size_t size = log_event_size(event);
  std::vector<uint8_t> bytes(size + kPadding);
  if (log_event_size_max(event) < size) abort();
  if (encode_log_event(event, bytes.data()) != bytes.data() + size) abort();
  return bytes;
}
static std::string_view value(const std::vector<uint8_t>& bytes) { return view(bytes.data(), bytes.size() - kPadding); }

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Event event, again;
  // Without padding: decoding itself reads nothing outside the value.
  const std::unique_ptr<uint8_t[]> exact(new uint8_t[size]);
  std::memcpy(exact.get(), data, size);
  const bool good = decode_log_event(view(exact.get(), size), event);

  std::vector<uint8_t> padded(data, data + size);
  padded.resize(size + kPadding);
  if (decode_log_event(value(padded), event) != good) abort();
  if (good) {
    const std::vector<uint8_t> first = encode(event);
    if (!decode_log_event(value(first), again)) abort();
    if (encode(again) != first) abort();
    if (again.field_count() != event.field_count() || again.attr_count() != event.attr_count()) abort();
  }

  std::vector<uint8_t> lines;
  const RecordsToJson read = records_to_json(value(padded), 1 << 20, event, lines);
  if (read.consumed > size) abort();
  uint64_t breaks = 0;
  for (const uint8_t byte : lines) breaks += byte == '\n';
  if (breaks != read.events) abort();
  return 0;
}
