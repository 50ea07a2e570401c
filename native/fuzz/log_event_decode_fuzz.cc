// Any bytes as a LogEvent: never a crash, and what is understood survives: decode → encode → decode is the same event.
#include "kernels/encode.h"
#include "kernels/encode_compact.h"
#include "kernels/records_to_json.h"

#include <cstdlib>
#include <memory>

using namespace penstock;

static std::vector<uint8_t> encode(const Event& event) {
  const size_t size = log_event_size(event);
  std::vector<uint8_t> bytes(size + kPadding);
  if (log_event_size_max(event) < size) abort();
  if (encode_log_event(event, bytes.data()) != bytes.data() + size) abort();
  std::memset(bytes.data() + size, 0, kPadding);  // the encoder may overwrite it, with what is not compared
  return bytes;
}
static std::vector<uint8_t> encode_compact(const Event& event) {
  static CompactEncoder encoder;
  std::vector<uint8_t> bytes(compact_event_size_max(event) + kPadding);
  const auto size = static_cast<size_t>(encoder.encode(event, bytes.data()) - bytes.data());
  if (size + kPadding > bytes.size()) abort();
  bytes.resize(size + kPadding);
  return bytes;
}
static std::vector<uint8_t> json(const Event& event) {
  std::vector<uint8_t> text(json_event_size_max(event));
  text.resize(static_cast<size_t>(encode_json_event(event, text.data()) - text.data()));
  return text;
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
    // A decode ends what the one before on this thread implied: encode first.
    const std::vector<uint8_t> first = encode(event), compact = encode_compact(event), text = json(event);
    if (!decode_log_event(value(first), again)) abort();
    if (encode(again) != first) abort();
    if (again.field_count() != event.field_count() || again.attr_count() != event.attr_count()) abort();
    if (!decode_log_event(value(compact), again) || json(again) != text) abort();
  }

  std::vector<uint8_t> lines;
  const RecordsToJson read = records_to_json(value(padded), 1 << 20, event, lines);
  if (read.consumed > size) abort();
  uint64_t breaks = 0;
  for (const uint8_t byte : lines) breaks += byte == '\n';
  if (breaks != read.events) abort();
  return 0;
}
