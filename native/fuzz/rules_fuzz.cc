// Rules on any event, and programs of any bytes: a program is loaded or refused, and one that was loaded ends; what it makes of an event is
// an event that encodes, of which nothing is redacted by halves.
// Input: two bytes that say how long the program behind them is, the program (engine/enrich/read-rules.ts compiles it), two bytes for each of
// eight rules that say what they do, then the event as JSON.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "../test/regex_abi_loader.h"
#include "enrich/rules.h"
#include "kernels/ecs_lookup.h"
#include "kernels/encode.h"
#include "kernels/json.h"
#include "require.h"

using namespace penstock;
using namespace penstock::enrich;

namespace {

constexpr size_t kActions = 8, kMessageBytesMax = 64 << 10, kArenaBytes = 1 << 20;
constexpr int64_t kReceived = 1'768'464'000'000'000'000;
constexpr const char* kNames[] = {"user.name", "source.ip", "source.port", "message", "own.name", "host.ip", "tags", "event.risk_score"};

RuleAction action_of(const uint8_t* bytes) {
  RuleAction action;
  action.route = bytes[0] % 5 - 1;
  action.drop = bytes[0] >> 4 == 15;
  if (bytes[0] & 0x08) action.keep = 0.5;
  if (bytes[1] & 0x40) action.risk = bytes[1] & 0x20 ? -30 : 70;
  if (bytes[1] & 0x10) {
    const std::string name = kNames[bytes[1] & 7];
    action.redact.push_back({name, ecs_field_by_name(name), bytes[1] & 0x08 ? Redaction::kHash : Redaction::kMask});
  }
  return action;
}

/// The event that the rules leave, encoded; what follows the line in memory has no say.
std::string run(Rules& rules, std::string_view text, char filler) {
  static Arena arena(kArenaBytes);
  static JsonParser json(kMessageBytesMax);
  static Event event;
  std::vector<char> padded(text.size() + kPadding, filler);
  std::copy(text.begin(), text.end(), padded.begin());
  arena.reset();
  event.reset();
  event.created_ns = event.timestamp_ns = kReceived;
  event.original = {padded.data(), text.size()};
  event.peer = "192.0.2.1";
  json.parse(event.original, {}, arena, event);
  RuleOutcome outcome;
  rules.run(event, arena, outcome);
  require(outcome.route >= -1);
  for (size_t rule = rules.count(); rule < kRulesMax; ++rule) require(!outcome.has(rule));
  if (outcome.fate != Fate::kKept) require(!outcome.redacted);
  std::string out(log_event_size_max(event) + kPadding, '\0');
  auto* const begin = reinterpret_cast<uint8_t*>(out.data());
  out.resize(static_cast<size_t>(encode_log_event(event, begin) - begin));
  require(out.size() == log_event_size(event));
  return out + static_cast<char>(outcome.fate) + static_cast<char>(outcome.route);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool patterns = block_test::load_regex_abi();  // a program may hold them; without the library they are refused
  (void)patterns;
  if (size < 2) return 0;
  const size_t program = std::min<size_t>(data[0] | data[1] << 8, size - 2);
  const uint8_t* rest = data + 2 + program;
  size_t left = size - 2 - program;
  if (left < 2 * kActions) return 0;
  std::vector<RuleAction> actions;
  for (size_t i = 0; i < kActions; ++i) actions.push_back(action_of(rest + 2 * i));
  rest += 2 * kActions;
  left -= 2 * kActions;
  const std::vector<uint8_t> bytes(data + 2, data + 2 + program);  // its end is the sanitizer's
  Rules rules;
  std::string error;
  if (!rules.open(bytes.data(), bytes.size(), std::move(actions), "a key of enough bytes", error)) {
    require(!error.empty());
    return 0;
  }
  const std::string_view line(reinterpret_cast<const char*>(rest), std::min(left, kMessageBytesMax));
  require(run(rules, line, '"') == run(rules, line, '='));
  return 0;
}
