// XML with and without what is remembered of the documents before: always the same fields and the same notes.
// Input: a byte of options, then documents with a zero byte between. Each is read twice, then neighbours that differ in a byte, then all again.
#include <string>

#include "packs/blocks/xml.h"
#include "packs/blocks/xml_steps.h"
#include "require.h"

using namespace penstock;
using namespace penstock::packs;

namespace {

std::string described(std::string_view text, const XmlOptions& options, bool small, char filler, XmlSteps* steps) {
  std::string padded(text);
  padded.append(kPadding, filler);
  static Arena large(1 << 20), tight(64);
  Arena& scratch = small ? tight : large;
  scratch.reset();
  static Extracted wide, narrow(3);
  Extracted& out = small ? narrow : wide;
  out.reset();
  out.add("before", "1");
  if (extract_xml({padded.data(), text.size()}, options, scratch, out, steps) == BlockResult::kNoMatch) {
    require(out.size() == 1 && out.problems() == 0);
    return "no match";
  }
  std::string all = std::to_string(scratch.mark());
  for (const ExtractedField& field : out.fields()) {
    require(!field.name.empty() && field.value.data() != nullptr);
    all.append("\n").append(field.name).append("=").append(field.value).append("~").append(std::to_string(field.flags));
  }
  return all + "\n" + std::to_string(out.problems());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  XmlOptions options;
  options.keep_root = data[0] & 1;
  options.keep_empty = data[0] & 2;
  if (data[0] & 4) options.named_element = {};
  const bool small = data[0] & 8;
  std::string_view all(reinterpret_cast<const char*>(data + 1), size - 1);
  XmlSteps steps;
  const auto same = [&](std::string_view text) {
    require(described(text, options, small, '"', &steps) == described(text, options, small, '<', nullptr), "another event", text);
  };
  for (int round = 0; round < 2; ++round) {
    for (std::string_view left = all; !left.empty();) {
      const std::string_view document = left.substr(0, left.find('\0'));
      left.remove_prefix(std::min(document.size() + 1, left.size()));
      same(document);
      same(document);
      std::string other(document);
      for (size_t i = 0; i < 3 && !other.empty(); ++i) {
        const size_t at = (i * 40503 + size * 31) % other.size();
        other[at] = "<>'/&a= \""[(i + size + static_cast<size_t>(round)) % 9];
        same(other);
      }
    }
  }
  return 0;
}
