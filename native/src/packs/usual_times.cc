#include "packs/usual_times.h"

#include <charconv>
#include <cstring>

#include "kernels/json_date.h"

namespace penstock::packs {
namespace {

constexpr std::string_view kNames[] = {"timestamp", "time", "ts", "date", "datetime", "@t"};
constexpr size_t kTextMax = 40;
constexpr int64_t kCentury = 946'684'800'000'000'000, kDay = 86'400'000'000'000;

/// Readers of dates go a word beyond the text.
struct Text {
  char bytes[kTextMax + 8] = {};
  size_t size = 0;
  std::string_view view() const { return {bytes, size}; }
  void took(std::to_chars_result written) { size = written.ec == std::errc() ? static_cast<size_t>(written.ptr - bytes) : 0; }
};

/// A number of seconds or milliseconds may be anything: a duration is none of this century.
bool is_epoch(std::string_view text, int64_t now_ns, int64_t& ns) {
  return epoch_ns(text, ns) && ns >= kCentury && ns <= now_ns + kDay;
}

bool time_of(const Value& value, int64_t now_ns, int64_t& ns) {
  Text text;
  switch (value.kind) {
    case ValueKind::kString:
      if (value.text.size() > kTextMax) return false;
      std::memcpy(text.bytes, value.text.data(), value.text.size());
      text.size = value.text.size();
      return parse_rfc3339(text.bytes, text.size, ns) == TimeResult::kValid || is_epoch(text.view(), now_ns, ns);
    case ValueKind::kInt64: text.took(std::to_chars(text.bytes, text.bytes + kTextMax, value.i)); break;
    case ValueKind::kDouble: text.took(std::to_chars(text.bytes, text.bytes + kTextMax, value.d, std::chars_format::fixed)); break;
    default: return false;
  }
  return is_epoch(text.view(), now_ns, ns);
}

}  // namespace

void take_usual_time(Event& event) {
  size_t best = std::size(kNames);
  for (size_t i = 0; i < event.attr_count(); ++i) {
    const AttrEntry& attr = event.attrs()[i];
    if (attr.name.size() > 9) continue;
    for (size_t n = 0; n < best; ++n) {
      int64_t ns;
      if (attr.name != kNames[n] || !time_of(attr.value, event.created_ns, ns)) continue;
      event.timestamp_ns = ns;
      event.has_timestamp = true;
      best = n;
    }
  }
}

}  // namespace penstock::packs
