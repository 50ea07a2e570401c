// Frames for readers: plain frames into LogEvents and ECS JSON. (Packing and unpacking sections is the Rust addon's.)
#include "frames/byte_buffer.h"
#include "frames/frame_builder.h"
#include "frames/frame_reader.h"
#include "kernels/ascii_texts.h"
#include "kernels/encode.h"
#include "kernels/framing.h"
#include "kernels/json.h"
#include "kernels/syslog.h"
#include "kernels/records_to_json.h"

namespace frames_binding {

using namespace penstock;

/// Reads a frame; the text of an error, empty when there is none. `room(size)` gives where the next event is written, `each` is told of its bytes.
template <class Room, class Each>
std::string_view read_frame(const Napi::CallbackInfo& info, Room room, Each each) {
  const auto plain = info[0].As<Napi::Uint8Array>();
  thread_local const std::unique_ptr<frames::FrameReader> kept(new frames::FrameReader);
  frames::FrameReader& reader = *kept;
  frames::FrameError error = reader.open(view(plain.Data(), plain.ByteLength()), info[1].ToNumber().Uint32Value());
  const size_t event_room = reader.event_room();
  for (uint32_t i = 0; error == frames::FrameError::kNone && i < reader.header().events; ++i) {
    uint8_t* const begin = room(event_room);
    const uint8_t* const end = reader.next(begin);
    if (!end || !each(view(begin, static_cast<size_t>(end - begin)))) error = frames::FrameError::kValues;
  }
  if (error == frames::FrameError::kNone) error = reader.close();
  return frames::frame_error_text(error);
}

/// A copy with padding, and what of it is the text.
struct PaddedText {
  std::string bytes;
  explicit PaddedText(const Napi::Value& v) {
    const auto array = v.As<Napi::Uint8Array>();
    bytes.assign(reinterpret_cast<const char*>(array.Data()), array.ByteLength());
    bytes.append(kPadding, '\0');
  }
};

inline Napi::Object records(Napi::Env env, std::string_view bytes, const std::vector<uint32_t>& ends) {
  auto out = Napi::Object::New(env);
  auto places = Napi::Uint32Array::New(env, ends.size());
  std::copy(ends.begin(), ends.end(), places.Data());
  out.Set("bytes", Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size()));
  out.Set("ends", places);
  return out;
}

/// frameOfLines(lines: Uint8Array, json, receivedNs: bigint, schema, eventsMax) → {plain, bytes, ends, consumed}: one frame of the
/// lines' events, and the records of the same events
inline Napi::Value of_lines(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const PaddedText input(info[0]);
  const size_t size = input.bytes.size() - kPadding;
  const bool json = info[1].ToBoolean();
  bool lossless;
  const int64_t received_ns = info[2].As<Napi::BigInt>().Int64Value(&lossless);
  const uint32_t events_max = info[4].ToNumber().Uint32Value();
  frames::FrameBuilder builder({info[3].ToNumber().Uint32Value(), 1, 0});
  const std::unique_ptr<Event> event(new Event);
  Arena arena(8 << 20);
  JsonParser parser(1 << 20);
  std::vector<uint8_t> bytes;
  std::vector<uint32_t> ends;
  size_t at = 0;
  while (at < size && builder.events() < events_max) {
    Frame frame;
    const auto* from = reinterpret_cast<const uint8_t*>(input.bytes.data());
    const size_t used = next_frame(from + at, size - at, json ? Framing::kLine : Framing::kSyslog, frame);
    if (used == 0) break;
    at += used;
    if (frame.size == 0) continue;
    event->reset();
    arena.reset();
    event->created_ns = event->timestamp_ns = received_ns;
    event->original = view(frame.data, frame.size);
    event->peer = "192.0.2.7";
    event->id = {1, 2, 3, 4, builder.events()};
    if (json) parser.parse(event->original, {64}, arena, *event);
    else parse_syslog(event->original, {received_ns, 0}, arena, *event);
    if (!event->has_timestamp) event->timestamp_ns = received_ns;
    if (event->failed()) event->keep_original = true;
    if (!builder.add(*event, 1 << 30)) break;
    const size_t begin = bytes.size(), record = log_event_size(*event);
    bytes.resize(begin + record + kPadding);
    encode_log_event(*event, bytes.data() + begin);
    bytes.resize(begin + record);
    ends.push_back(static_cast<uint32_t>(bytes.size()));
  }
  Napi::Object out = records(env, view(bytes.data(), bytes.size()), ends);
  std::vector<uint8_t> plain(builder.plain_bytes_bound());
  if (builder.events() != 0) plain.resize(builder.finish(plain.data()));
  out.Set("plain", Napi::Buffer<uint8_t>::Copy(env, plain.data(), plain.size()));
  out.Set("consumed", Napi::Number::New(env, static_cast<double>(at)));
  return out;
}

inline Napi::Value text(Napi::Env env, std::string_view text) { return Napi::String::New(env, std::string(text)); }

/// frameToRecords(plain: Uint8Array, decodedBytesMax, tellAscii?) → {bytes, ends: Uint32Array, ascii?: Uint8Array} or why not. `ascii`: 1 where all
/// texts of the event are; whoever makes no strings of them does not pay for it
inline Napi::Value to_records(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  // They serve the next frame, unless this was a very large one: memory that is new with each costs as much as reading it.
  constexpr size_t kBytesKept = 4 << 20;
  struct Kept {
    frames::ByteBuffer bytes;
    std::vector<uint32_t> ends;
    std::vector<uint8_t> ascii;
  };
  thread_local const std::unique_ptr<Kept> of_thread(new Kept);
  Kept& kept = *of_thread;
  const bool tell_ascii = info[2].IsBoolean() && info[2].As<Napi::Boolean>();
  kept.bytes.clear();
  kept.ends.clear();
  kept.ascii.clear();
  const std::string_view error = read_frame(
      info, [&](size_t size) { return kept.bytes.room(size); },
      [&](std::string_view event) {
        kept.bytes.used(event.size());
        kept.ends.push_back(static_cast<uint32_t>(kept.bytes.size()));
        if (tell_ascii) kept.ascii.push_back(has_ascii_texts(event));
        return true;
      });
  Napi::Value read;
  if (error.empty()) {
    Napi::Object events = records(env, view(kept.bytes.data(), kept.bytes.size()), kept.ends);
    if (tell_ascii) {
      auto ascii = Napi::Uint8Array::New(env, kept.ascii.size());
      std::copy(kept.ascii.begin(), kept.ascii.end(), ascii.Data());
      events.Set("ascii", ascii);
    }
    read = events;
  } else {
    read = text(env, error);
  }
  if (kept.bytes.capacity() > kBytesKept) kept = Kept();
  return read;
}

/// frameToJson(plain: Uint8Array, decodedBytesMax) → NDJSON or why not
inline Napi::Value to_json(const Napi::CallbackInfo& info) {
  thread_local const std::unique_ptr<Event> event(new Event);
  std::vector<uint8_t> lines;
  std::unique_ptr<uint8_t[]> room;
  const std::string_view error = read_frame(
      info,
      [&](size_t size) {
        if (!room) room.reset(new uint8_t[size]);
        return room.get();
      },
      [&](std::string_view value) { return value_to_json(value, *event, lines); });
  if (!error.empty()) return text(info.Env(), error);
  return Napi::Buffer<uint8_t>::Copy(info.Env(), lines.data(), lines.size());
}

}  // namespace frames_binding

static void init_frames(Napi::Env env, Napi::Object exports) {
  exports.Set("frameToRecords", Napi::Function::New<frames_binding::to_records>(env));
  exports.Set("frameOfLines", Napi::Function::New<frames_binding::of_lines>(env));
  exports.Set("frameToJson", Napi::Function::New<frames_binding::to_json>(env));
}
