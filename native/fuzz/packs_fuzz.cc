// Format packs on any bytes: lines as a sender would write them, through recognition, the packs' programs and the encoder. Nothing
// crashes; no byte received is lost; every text lies in the line, in the event's memory or in the plan; the padding has no say.
// Input: a byte that chooses the door (syslog or JSON), then lines of one connection.
//
// The packs are those of the product as they were built (`npm run build`): dist/formats.bin has their plan as it is, beside what
// only the build asks for.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "../test/regex_abi_loader.h"
#include "enrich/enricher.h"
#include "kernels/encode.h"
#include "kernels/json.h"
#include "kernels/syslog.h"
#include "packs/document.h"
#include "packs/packs.h"
#include "packs/unwinding.h"
#include "require.h"

using namespace penstock;

namespace {

constexpr size_t kLinesMax = 16, kMessageBytesMax = 64 << 10, kArenaBytes = 1 << 20, kPartsMax = 1000;
constexpr int64_t kReceived = 1'768'464'000'000'000'000;

[[noreturn]] void refuse(const char* what) {
  std::fprintf(stderr, "%s: run `npm run build` first\n", what);
  std::abort();
}

std::shared_ptr<const packs::Plan> built_plan() {
  std::ifstream file("dist/formats.bin", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const size_t at = bytes.find("PPK1");
  if (at == bytes.npos) refuse("dist/formats.bin has no plan");
  if (!block_test::load_regex_abi()) refuse("the library of regular expressions is missing");
  auto plan = std::make_shared<packs::Plan>();
  std::string error;
  if (!plan->load(reinterpret_cast<const uint8_t*>(bytes.data()) + at, bytes.size() - at, error)) refuse(error.c_str());
  return plan;
}

struct Worker {
  Arena arena{kArenaBytes};
  JsonParser json{kMessageBytesMax};
  packs::Packs packs;
  enrich::Enricher enricher;
  Event event, part;
  SyslogMemory memory;
  packs::Document document;
  packs::Unwinding unwinding;

  explicit Worker(std::shared_ptr<const packs::Plan> plan) {
    packs.set_json(&json, {});
    packs.set_plan(std::move(plan));
    auto enrichment = std::make_shared<enrich::Enrichment>();
    enrichment->network = true;
    enrichment->internal.add("10.0.0.0/8");
    enricher.set(enrichment);
  }
};

bool within(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() < whole.data() + whole.size();
}

/// A text that begins in the line ends in it; any other is read, which the sanitizers watch.
size_t checked(std::string_view text, std::string_view line) {
  if (within(text, line)) require(text.data() + text.size() <= line.data() + line.size());
  size_t sum = 0;
  for (const char c : text) sum += static_cast<uint8_t>(c);
  return sum;
}

/// What the envelope said is said still, or the bytes it was read from are kept.
struct Before {
  bool keep_original;
  std::string_view message;
  std::vector<FieldEntry> fields;
};

void require_nothing_lost(const Before& before, const Event& event) {
  if (event.keep_original) return;
  require(!before.keep_original);
  require(event.message == before.message);
  for (const FieldEntry& entry : before.fields) {
    bool said = false;
    for (size_t i = 0; i < event.field_count() && !said; ++i) {
      const FieldEntry& other = event.fields()[i];
      said = other.field == entry.field && (entry.value.kind == ValueKind::kString ? other.value.text == entry.value.text : other.value.i == entry.value.i);
    }
    require(said);
  }
}

/// Elements of a document stand in it, or in the message that a forwarder has put into JSON. What is unwound is no longer than the document, and well-formed as it is.
void require_parts(Worker& worker, uint32_t pack, std::string_view line, bool json) {
  const packs::Plan& plan = *worker.packs.plan();
  const std::string_view message = worker.event.message;
  std::string_view text;
  if (worker.document.open(plan, pack, worker.event, json, kPartsMax)) {
    while (worker.document.next(text)) require(within(text, line) || within(text, message));
  } else if (worker.unwinding.open(plan, pack, worker.event, json, kPartsMax)) {
    size_t count = 0;
    for (; worker.unwinding.next(text); ++count) {
      require(text.size() < line.size());
      worker.part.reset();
      const size_t mark = worker.arena.mark();
      if (json) worker.json.parse(text, {}, worker.arena, worker.part);
      require(!worker.part.failed() || worker.part.problem == Problem::kTooComplex);
      worker.arena.rewind(mark);
    }
    require(count > 1 && count <= kPartsMax);
  }
}

/// The event of one line, encoded.
std::string encoded(Worker& worker, std::string_view text, bool json, uint64_t connection, char filler) {
  std::vector<char> padded(text.size() + kPadding, filler);
  std::copy(text.begin(), text.end(), padded.begin());
  const std::string_view line(padded.data(), text.size());
  Event& event = worker.event;
  event.reset();
  worker.arena.reset();
  event.created_ns = event.timestamp_ns = kReceived;
  event.original = line;
  event.padded = worker.arena.memory();
  event.peer = "192.0.2.1";
  if (json) worker.json.parse(line, {}, worker.arena, event);
  else parse_syslog(line, {kReceived, 0, &worker.memory}, worker.arena, event);
  const Before before{event.keep_original, event.message, {event.fields(), event.fields() + event.field_count()}};
  const uint32_t pack = worker.packs.apply(event, worker.arena, json, 1, connection, packs::kAnyPack, 3600);
  require(event.original.data() == line.data() && event.original.size() == line.size());
  if (pack != packs::kNone && !json) require_nothing_lost(before, event);
  if (pack != packs::kNone) require_parts(worker, pack, line, json);
  worker.enricher.run(event, worker.arena);
  size_t sum = checked(event.message, line);
  for (size_t i = 0; i < event.field_count(); ++i) sum += checked(event.fields()[i].value.text, line);
  for (size_t i = 0; i < event.attr_count(); ++i) sum += checked(event.attrs()[i].name, line) + checked(event.attrs()[i].value.text, line);
  std::string out(log_event_size_max(event) + kPadding, '\0');
  const auto* const begin = reinterpret_cast<uint8_t*>(out.data());
  out.resize(static_cast<size_t>(encode_log_event(event, reinterpret_cast<uint8_t*>(out.data())) - begin));
  require(out.size() == log_event_size(event));
  // What encoders have ready says what the fields do.
  event.first_priority = -1;
  event.padded = {};
  std::string again(log_event_size_max(event) + kPadding, '\0');
  auto* const to = reinterpret_cast<uint8_t*>(again.data());
  again.resize(static_cast<size_t>(encode_log_event(event, to) - to));
  require(again == out);
  return out + static_cast<char>(sum) + static_cast<char>(pack);
}

/// The lines twice, each time as another connection of the same sender: what it was recognised by before changes nothing but the order of
/// trials.
bool same_again(Worker& worker, std::string_view lines, bool json) {
  static uint64_t connection = 0;
  std::string all[2];
  for (const bool again : {false, true}) {
    ++connection;
    std::string_view rest = lines;
    for (size_t count = 0; count < kLinesMax && !rest.empty(); ++count) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      if (end != 0) all[again] += encoded(worker, rest.substr(0, end), json, connection, again ? '"' : '=');
      rest.remove_prefix(std::min(rest.size(), end + 1));
    }
  }
  return all[0] == all[1];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::shared_ptr<const packs::Plan> plan = built_plan();
  static auto worker = std::make_unique<Worker>(plan);
  if (size < 1) return 0;
  const bool json = data[0] & 1;
  const std::string_view lines(reinterpret_cast<const char*>(data + 1), size - 1);
  if (same_again(*worker, lines, json)) return 0;
  // After thousands of new user agents a text may be one too many at first and not any more the second time (UserAgents::kNewMax): a
  // worker that has met none has no such excuse.
  worker = std::make_unique<Worker>(plan);
  require(same_again(*worker, lines, json));
  return 0;
}
