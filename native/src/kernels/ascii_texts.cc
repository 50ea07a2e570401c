#include "kernels/ascii_texts.h"

#include "kernels/event.h"
#include "kernels/wire.h"

namespace penstock {
namespace {

bool is_ascii(std::string_view text) {
  constexpr uint64_t kHighs = 0x8080808080808080ULL;
  const char* const p = text.data();
  const size_t size = text.size();
  uint64_t seen = 0, word = 0;
  if (size < 8) {
    std::memcpy(&word, p, size);
    return (word & kHighs) == 0;
  }
  for (size_t at = 0; at + 8 < size; at += 8) {
    std::memcpy(&word, p + at, 8);
    seen |= word;
  }
  std::memcpy(&word, p + size - 8, 8);
  return ((seen | word) & kHighs) == 0;
}

/// `inner(number)`: what is asked of the bytes of a field. Whatever else is in bytes is taken for a text.
template <class Inner>
bool all_ascii(std::string_view message, Inner inner) {
  wire::Reader in(message);
  while (!in.done()) {
    uint32_t number, type;
    std::string_view bytes;
    if (!in.tag(number, type)) return false;
    if (type != wire::kBytes) {
      if (!in.skip(type)) return false;
    } else if (!in.bytes(bytes) || !inner(number, bytes)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool has_ascii_texts(std::string_view log_event) {
  constexpr uint32_t kAttrValue = 2;
  const auto text = [](uint32_t, std::string_view bytes) { return is_ascii(bytes); };
  const auto attr = [&](uint32_t number, std::string_view bytes) {
    return number == kAttrValue ? all_ascii(bytes, text) : is_ascii(bytes);
  };
  return all_ascii(log_event, [&](uint32_t number, std::string_view bytes) {
    switch (static_cast<LogEventNumber>(number)) {
      case LogEventNumber::kEventId:
      case LogEventNumber::kEventOriginal:
      case LogEventNumber::kSpans: return true;
      case LogEventNumber::kAttrs: return all_ascii(bytes, attr);
      default: return is_ascii(bytes);
    }
  });
}

}  // namespace penstock
