// For the tests of building blocks: what a block extracts as one line of text, `name=value` each on |, flags after ~,
// problems after !.
#pragma once

#include "check.h"
#include "packs/blocks/extracted.h"
#include "syslog_event.h"

#include <string>

namespace block_test {

using namespace penstock;
using namespace penstock::packs;
using syslog_test::Padded;

struct Case {
  std::string_view text;
  std::string_view expected;
};

inline std::string describe(const Extracted& out) {
  std::string text;
  for (const ExtractedField& field : out.fields()) {
    if (!text.empty()) text += '|';
    text.append(field.name);
    if (!(field.flags & kFieldNoValue)) text.append("=").append(field.value);
    if (field.flags & kFieldRewritten) text += '~';
  }
  for (unsigned p = 0; p < static_cast<unsigned>(BlockProblem::kCount); ++p)
    if (out.has(static_cast<BlockProblem>(p))) text.append(" !").append(kBlockProblemTable[p].label);
  return text;
}

/// Runs `block(text, scratch, out)` on bytes whose padding would show if it were used; "no match" when it says so.
template <class Block>
std::string run(std::string_view text, Block block, size_t capacity = 64, size_t scratch_bytes = 4096) {
  std::string told[2];
  for (int i = 0; i < 2; ++i) {
    const Padded padded(text, i == 0 ? '"' : '=');
    Extracted out(capacity);
    Arena scratch(scratch_bytes);
    const BlockResult result = block(padded.view(), scratch, out);
    told[i] = result == BlockResult::kNoMatch ? "no match" + (out.size() ? " but fields" : std::string()) : describe(out);
  }
  return told[0] == told[1] ? told[0] : "padding read: " + told[0] + " and " + told[1];
}

template <class Block, size_t kCount>
void check_cases(const Case (&cases)[kCount], Block block) {
  for (const auto& [text, expected] : cases) {
    const std::string actual = run(text, block);
    ++check::checks;
    if (actual != expected) check::failed(__FILE__, __LINE__, std::string(text) + "\n  is  " + actual + "\n  not " + std::string(expected));
  }
}

}  // namespace block_test
