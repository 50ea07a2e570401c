// Input schemas: any document against compiled schemas, sound and damaged. A plan is loaded or refused; a document fits or there is a
// reason, in UTF-8; what follows the document in memory has no say; the arena is left as it was; and a naive walk over simdjson's DOM
// comes to the same verdict.
// Input: the number of a schema of native/test/schemas/; a byte whose low half says how many of the plan's words are changed (0: none),
// whose high half how many are cut off its end; six bytes for each change (place, word); then the document.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "../test/regex_abi_loader.h"
#include "../test/schema_files.h"
#include "../test/schema_oracle.h"
#include "kernels/json_tokens.h"
#include "require.h"
#include "validation/validator.h"

using namespace penstock;
using namespace schema_test;

namespace {

constexpr size_t kDocumentBytesMax = 64 << 10, kArenaBytes = 1 << 20, kSmallArenaBytes = 16;
constexpr uint32_t kDepthMax = 64;

const std::vector<SchemaFile>& plans() {
  static const std::vector<SchemaFile> files = [] {
    if (!block_test::load_regex_abi()) wrong("the library of regular expressions is missing: run `npm run build` first");
    return schema_files();
  }();
  if (files.empty()) wrong("native/test/schemas/ has no plans");
  return files;
}

/// '' or the reason. `filler`: what stands behind the document.
std::string reason_of(const Schema& schema, std::string_view document, Arena& arena, char filler) {
  static Validator validator(kDocumentBytesMax, kDepthMax);
  std::string padded(document);
  padded.append(kPadding, filler);
  const size_t mark = arena.mark();
  const bool good = validator.check(schema, {padded.data(), document.size()}, arena);
  require(arena.mark() == mark, "the arena is not as it was");
  const std::string_view reason = validator.reason();
  require(good == reason.empty(), "a verdict without a reason, or a reason without one", reason);
  require(reason.size() <= Validator::kReasonMax && JsonTokens::utf8_valid(reason), "a reason is no UTF-8", reason);
  return std::string(reason);
}

/// Whether it may be damaged, `data` then stands at the document.
std::string plan_of(const uint8_t*& data, size_t& size) {
  std::string plan = plans()[data[0] % plans().size()].plan;
  const uint8_t damage = data[1];
  data += 2;
  size -= 2;
  for (unsigned changes = damage & 15; changes > 0 && size >= 6; --changes, data += 6, size -= 6) {
    const size_t word = (data[0] | size_t{data[1]} << 8) % (plan.size() / 4);
    std::memcpy(plan.data() + 4 * word, data + 2, 4);
  }
  plan.resize(plan.size() - std::min<size_t>(plan.size(), 4 * (damage >> 4)));
  return plan;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Arena arena(kArenaBytes), small(kSmallArenaBytes);
  if (size < 2) return 0;
  const std::string plan = plan_of(data, size);
  Schema schema;
  std::string error;
  if (!schema.load(reinterpret_cast<const uint8_t*>(plan.data()), plan.size(), error)) {
    require(!error.empty(), "refused without a reason");
    return 0;
  }
  const std::string_view document(reinterpret_cast<const char*>(data), std::min(size, kDocumentBytesMax));
  const std::string reason = reason_of(schema, document, arena, '}');
  require(reason == reason_of(schema, document, arena, '"'), "what follows the document has a say", reason);
  reason_of(schema, document, small, ' ');
  if (reason.ends_with("takes the schema too many steps")) return 0;
  const Verdict verdict = Oracle(schema).judge(document, kDepthMax);
  if (verdict == Verdict::kUnknown) return 0;
  require(reason.empty() == (verdict == Verdict::kFits), "the DOM says otherwise", reason);
  return 0;
}
