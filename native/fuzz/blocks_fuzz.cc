// Building blocks on any bytes: what every extraction must be. Each name and value lies in the text, the scratch memory or
// the program; UTF-8 in gives UTF-8 out; the padding has no say; a refusal leaves nothing; no block is slow.
// Input: a byte that chooses the block, a byte for its options and the size of the memory, then the text.
#include <string>

#include "../test/block_programs.h"
#include "kernels/utf8.h"
#include "require.h"

using namespace penstock;
using namespace penstock::packs;

namespace {

std::string described(const block_test::Program& program, uint8_t option, std::string_view text, char filler) {
  std::string padded(text);
  padded.append(kPadding, filler);
  const std::string_view view(padded.data(), text.size());
  const bool valid = utf8_valid_prefix(text.data(), text.size()) == text.size();
  static Arena large(1 << 20), small(32);
  Arena& scratch = option & 0x80 ? small : large;
  scratch.reset();
  static Extracted wide, narrow(3);
  Extracted& out = option & 0x40 ? narrow : wide;
  out.reset();
  out.add("before", "1");
  const BlockResult result = program.run(option & 0x3f, view, scratch, out);
  if (result == BlockResult::kNoMatch) {
    require(out.size() == 1 && out.problems() == 0);
    return "no match";
  }
  std::string all;
  for (const ExtractedField& field : out.fields()) {
    require(!field.name.empty() && field.value.data() != nullptr);
    require(utf8_valid_prefix(field.name.data(), field.name.size()) == field.name.size() || !valid);
    require(utf8_valid_prefix(field.value.data(), field.value.size()) == field.value.size() || !valid);
    if (!(field.flags & kFieldRewritten) && field.value.data() >= padded.data() &&
        field.value.data() <= padded.data() + padded.size())
      require(field.value.data() + field.value.size() <= padded.data() + text.size());
    all.append(field.name).append("=").append(field.value).append(std::to_string(field.flags)).append("\n");
  }
  return all + std::to_string(out.problems());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const block_test::Program& program = block_test::kPrograms[data[0] % std::size(block_test::kPrograms)];
  const std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);
  require(described(program, data[1], text, '"') == described(program, data[1], text, '='));
  return 0;
}
