// Date formats on any bytes, as text and as format: no byte beyond the text has a say, and what a format compiles from never
// reads outside. Input: a byte that chooses a format, then the text; 255: the format up to the first line end, then the text.
#include <string>

#include "packs/blocks/date_format.h"

using namespace penstock;
using namespace penstock::packs;

namespace {

constexpr std::string_view kFormats[] = {
    "ISO8601", "UNIX", "UNIX_MS", "EPOCH", "FILETIME", "%d/%b/%Y:%H:%M:%S %z", "MMM d HH:mm:ss", "%y%j%I%p %f",
    "EEE, dd MMM yyyy hh:mm:ss.SSS a z", "yyyyMMddHHmmssSSS", "%s %Z",
};

std::string parsed(const DateFormat& format, std::string_view text, char filler) {
  std::string padded(text);
  padded.append(kPadding, filler);
  int64_t ns = 0;
  return format.parse({padded.data(), text.size()}, {1'772'366'400'000'000'000, -3600}, ns) ? std::to_string(ns) : "-";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  std::string_view pattern = kFormats[data[0] % std::size(kFormats)];
  if (data[0] == 255) {
    const size_t end = std::min(text.find('\n'), text.size());
    pattern = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  DateFormat format;
  std::string error;
  if (!format.compile(pattern, error)) {
    if (error.empty()) __builtin_trap();
    return 0;
  }
  if (parsed(format, text, '0') != parsed(format, text, ' ')) __builtin_trap();
  return 0;
}
