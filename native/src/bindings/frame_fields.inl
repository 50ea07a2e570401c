// Some fields of the events of a plain frame, as arrays of all their values.
#include "frames/byte_buffer.h"
#include "frames/frame_projection.h"

namespace frames_binding {

/// Values one after the other; the memory serves the next frame, unless it was a very large one's.
struct FieldArrays {
  static constexpr size_t kBytesKept = 4 << 20;
  frames::RawArray<uint32_t> events, ends;
  frames::RawArray<uint8_t> wanted, kinds;
  frames::RawArray<int64_t> numbers;
  frames::ByteBuffer bytes;
  size_t size = 0;

  void clear() {
    if (bytes.capacity() + numbers.size() * 18 > kBytesKept) *this = FieldArrays();
    size = 0;
    bytes.clear();
  }
  void add(uint32_t event, std::span<const frames::ProjectedField> values) {
    if (size + values.size() > numbers.size()) [[unlikely]] grow(2 * (size + values.size()));
    size_t text = 0;
    for (const frames::ProjectedField& value : values) text += value.text.size();
    // Pointers of its own: the compiler cannot know that what bytes are written to is none of the members.
    uint8_t *const begin = bytes.room(text + kPadding), *to = begin, *which = wanted.data() + size, *kind = kinds.data() + size;
    uint32_t *of = events.data() + size, *end = ends.data() + size;
    int64_t* number = numbers.data() + size;
    const auto before = static_cast<uint32_t>(bytes.size());
    for (const frames::ProjectedField& value : values) {
      *of++ = event;
      *which++ = static_cast<uint8_t>(value.wanted);
      *kind++ = static_cast<uint8_t>(value.kind);
      *number++ = value.number;
      if (!value.text.empty()) to = wire::copy_padded(to, value.text.data(), value.text.size());
      *end++ = before + static_cast<uint32_t>(to - begin);
    }
    bytes.used(text);
    size += values.size();
  }

 private:
  void grow(size_t to) {
    events.grow(to, size), ends.grow(to, size), wanted.grow(to, size), kinds.grow(to, size), numbers.grow(to, size);
  }
};

/// frameFields(plain: Uint8Array, decodedBytesMax, numbers: Uint32Array, names: string[]) → {events, wanted, kinds, numbers, ends, bytes}
/// with an element for each value, or why not. numbers and names: of each wanted field; names are those of attributes.
inline Napi::Value fields(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto plain = info[0].As<Napi::Uint8Array>();
  const auto wanted_numbers = info[2].As<Napi::Uint32Array>();
  const auto wanted_names = info[3].As<Napi::Array>();
  std::vector<std::string> attributes;
  std::vector<frames::WantedField> wanted;
  for (uint32_t i = 0; i < wanted_numbers.ElementLength(); ++i) attributes.push_back(wanted_names.Get(i).ToString().Utf8Value());
  for (uint32_t i = 0; i < attributes.size(); ++i) wanted.push_back({wanted_numbers[i], attributes[i]});
  thread_local const std::unique_ptr<frames::FrameProjection> of_thread(new frames::FrameProjection);
  frames::FrameProjection* const projection = of_thread.get();
  const frames::FrameError error = projection->open(view(plain.Data(), plain.ByteLength()), wanted, info[1].ToNumber().Uint32Value());
  if (error != frames::FrameError::kNone) return text(env, frames::frame_error_text(error));
  thread_local const std::unique_ptr<FieldArrays> arrays_of_thread(new FieldArrays);
  FieldArrays& arrays = *arrays_of_thread;
  arrays.clear();
  for (uint32_t i = 0; i < projection->header().events; ++i) {
    std::span<const frames::ProjectedField> values;
    if (!projection->next(values)) return text(env, frames::frame_error_text(frames::FrameError::kValues));
    arrays.add(i, values);
  }
  auto out = Napi::Object::New(env);
  const auto set = [&]<class Array, class Value>(const char* name, Array array, const frames::RawArray<Value>& from) {
    std::copy_n(from.data(), arrays.size, array.Data());
    out.Set(name, array);
  };
  set("events", Napi::Uint32Array::New(env, arrays.size), arrays.events);
  set("wanted", Napi::Uint8Array::New(env, arrays.size), arrays.wanted);
  set("kinds", Napi::Uint8Array::New(env, arrays.size), arrays.kinds);
  set("numbers", Napi::BigInt64Array::New(env, arrays.size), arrays.numbers);
  set("ends", Napi::Uint32Array::New(env, arrays.size), arrays.ends);
  out.Set("bytes", Napi::Buffer<uint8_t>::Copy(env, arrays.bytes.data(), arrays.bytes.size()));
  return out;
}

}  // namespace frames_binding

static void init_frame_fields(Napi::Env env, Napi::Object exports) {
  exports.Set("frameFields", Napi::Function::New<frames_binding::fields>(env));
}
