// For tests of frames: events with what they are views of, records as their oracle, frames from and to them.
#pragma once

#include <string>
#include <vector>

#include "frames/frame_builder.h"
#include "frames/frame_reader.h"
#include "kernels/encode.h"
#include "kernels/json.h"
#include "kernels/syslog.h"

namespace frame_test {

using namespace penstock;
using namespace penstock::frames;

inline constexpr int64_t kReceivedNs = 1'772'000'000'123'456'789;

/// What `records` gives for the event.
inline std::string record_of(const Event& event) {
  std::string out(log_event_size(event) + kPadding, '\0');
  auto* begin = reinterpret_cast<uint8_t*>(out.data());
  out.resize(static_cast<size_t>(encode_log_event(event, begin) - begin));
  return out;
}

/// Parses lines as a worker does, one event at a time.
class Lines {
 public:
  Lines() : arena_(4 << 20), json_(1 << 20) {}

  const Event& parse(std::string_view line, bool json, bool keep = true) {
    line_.assign(line);
    line_.append(kPadding, '\0');
    event_.reset();
    arena_.reset();
    event_.created_ns = event_.timestamp_ns = kReceivedNs + index_ / 100 * 1'000'000;
    event_.original = {line_.data(), line.size()};
    event_.peer = "192.0.2.1";
    event_.id = {7, 8, 9, index_ / 100, static_cast<uint32_t>(index_ % 100)};
    ++index_;
    if (json) json_.parse(event_.original, {64}, arena_, event_);
    else parse_syslog(event_.original, {event_.created_ns, 3600}, arena_, event_);
    if (!event_.has_timestamp) event_.timestamp_ns = event_.created_ns;
    event_.keep_original = keep || event_.failed();
    return event_;
  }

 private:
  std::string line_;
  Arena arena_;
  JsonParser json_;
  Event event_;
  uint64_t index_ = 0;
};

inline BuilderOptions builder_options() { return {0x1234abcd, 42, 3600}; }

inline std::string finish(FrameBuilder& builder) {
  std::string out(builder.plain_bytes_bound(), '\0');
  out.resize(builder.finish(reinterpret_cast<uint8_t*>(out.data())));
  return out;
}

/// The records of a frame; `error` says why there are none.
inline std::vector<std::string> records_of(std::string_view frame, FrameError& error) {
  static FrameReader reader;
  std::vector<std::string> out;
  error = reader.open(frame);
  if (error != FrameError::kNone) return {};
  // Exactly as much room as the reader asks for: the sanitizer sees what goes beyond.
  const std::unique_ptr<uint8_t[]> room(new uint8_t[reader.event_room()]);
  for (uint32_t i = 0; i < reader.header().events; ++i) {
    const uint8_t* end = reader.next(room.get());
    if (!end) return error = FrameError::kValues, std::vector<std::string>();
    out.emplace_back(reinterpret_cast<const char*>(room.get()), static_cast<size_t>(end - room.get()));
  }
  error = reader.close();
  if (error != FrameError::kNone) out.clear();
  return out;
}

}  // namespace frame_test
