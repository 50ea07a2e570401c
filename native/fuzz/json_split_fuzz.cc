// Arrays and documents into elements against simdjson's DOM, and lines against a naive loop; no byte is lost, no limit exceeded.
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "kernels/json_split.h"
#include "kernels/simdjson_config.h"
#include "packs/document_parts.h"
#include "require.h"

using namespace penstock;
namespace dom = simdjson::dom;

namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

void check_array(std::string_view body, const FrameLimits& limits) {
  const FramedBody out = split_json_array(body, limits);
  static dom::parser whole, part;
  dom::element root;
  dom::array array;
  // simdjson knows a name by what it says, a path by how it is written.
  const bool parses = body.find('\\') == body.npos && whole.parse(body.data(), body.size()).get(root) == simdjson::SUCCESS;
  const bool is_array = parses && root.get_array().get(array) == simdjson::SUCCESS;
  if (out.result == SplitResult::kMalformed) return require(!is_array, "a well-formed array is refused");
  if (out.result == SplitResult::kFrameTooLarge) return;
  size_t at = 0, kept = 0, frames = 0;
  auto expected = is_array ? array.begin() : dom::array::iterator();
  for (const FramePiece& piece : out.pieces) {
    require(piece.begin == at && piece.end <= out.frames.size(), "pieces do not follow each other");
    require(piece.count == 1 || piece.end - piece.begin <= limits.piece_bytes, "a piece is too large");
    for (uint32_t n = 0; n < piece.count; ++n, ++frames) {
      uint32_t size;
      std::memcpy(&size, out.frames.data() + at, 4);
      require(size > 0 && size <= limits.frame_bytes && at + 4 + size <= piece.end, "a frame is out of bounds");
      if (is_array) {
        dom::element element;
        const auto* text = reinterpret_cast<const char*>(out.frames.data() + at + 4);
        require(part.parse(text, size).get(element) == simdjson::SUCCESS, "an element does not parse");
        require(expected != array.end(), "an element too many");
        require(simdjson::minify(*expected) == simdjson::minify(element), "an element differs");
        ++expected;
      }
      at += 4 + size;
      kept += size;
    }
    require(at == piece.end, "a piece ends within a frame");
  }
  require(at == out.frames.size(), "frames belong to no piece");
  if (is_array) require(frames == array.size(), "elements are missing");
  // What is not in a frame is a separator, a bracket of the array, white space or a byte order mark.
  size_t solid = 0;
  for (const char c : body.substr(body.starts_with("\xef\xbb\xbf") ? 3 : 0)) solid += !is_space(c);
  size_t framed_solid = 0;
  for (size_t p = 0; p < out.frames.size();) {
    uint32_t size;
    std::memcpy(&size, out.frames.data() + p, 4);
    for (uint32_t n = 0; n < size; ++n) framed_solid += !is_space(static_cast<char>(out.frames[p + 4 + n]));
    p += 4 + size;
  }
  require(solid == framed_solid + 2 + (frames > 0 ? frames - 1 : 0), "bytes are lost");
}

void check_first_value(std::string_view body) {
  if (body.empty() || (body[0] != '{' && body[0] != '[')) return;
  const size_t end = first_json_value_end(body);
  require(end <= body.size(), "a value ends past the body");
  static dom::parser parser;
  dom::element root;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return;
  require(end == body.find_last_not_of(" \t\r\n") + 1, "a value's end is not where it is");
}

void check_lines(std::string_view body, const FrameLimits& limits) {
  const FramedBody out = cut_lines(body, limits);
  size_t expected = 0, largest = 0;
  for (size_t at = 0; at < body.size();) {
    size_t end = std::min(body.find('\n', at), body.size());
    const size_t next = end + 1;
    if (end > at && body[end - 1] == '\r') --end;
    expected += end > at;
    largest = std::max(largest, end - at);
    at = next;
  }
  require((out.result == SplitResult::kFrameTooLarge) == (largest > limits.frame_bytes), "the frame limit is not kept");
  if (out.result != SplitResult::kOk) return;
  size_t count = 0, last = 0;
  for (const FramePiece& piece : out.pieces) {
    require(piece.begin >= last && piece.end > piece.begin && piece.end <= body.size(), "pieces overlap");
    require(body.substr(last, piece.begin - last).find_first_not_of("\r\n") == body.npos, "bytes are lost");
    require(piece.end == body.size() || body[piece.end - 1] == '\n', "a piece ends within a line");
    require(piece.count == 1 || piece.end - piece.begin <= limits.piece_bytes, "a piece is too large");
    count += piece.count;
    last = piece.end;
  }
  require(body.substr(last).find_first_not_of("\r\n") == body.npos, "bytes are lost at the end");
  require(count == expected, "lines are miscounted");
}

/// Elements of the arrays that `path` leads to, each with the object it stands in as text without its array; what has none is an element.
void events_of(dom::element value, std::span<const std::string_view> path, std::vector<std::string>& out) {
  dom::array array;
  if (path.empty() || value.at_key(path[0]).get_array().get(array) != simdjson::SUCCESS) return out.push_back(simdjson::minify(value));
  for (const dom::element each : array) events_of(each, path.subspan(1), out);
}

void check_document(std::string_view body, const FrameLimits& limits) {
  if (body.empty() || body[0] != '{' || first_json_value_end(body) != body.size()) return;
  const FramedBody out = packs::document_parts(body, "a[*].a[*].b", limits);
  if (out.result != SplitResult::kOk) return require(out.offset <= body.size(), "an offset past the body");
  require(out.frames.size() <= 3 * body.size() + 4 * (body.size() + 1), "documents of too many bytes");
  static constexpr std::string_view kPath[] = {"a", "a", "b"};
  std::vector<std::string> expected, found;
  static dom::parser whole, part;
  dom::element root;
  // simdjson knows a name by what it says, a path by how it is written.
  const bool parses = body.find('\\') == body.npos && whole.parse(body.data(), body.size()).get(root) == simdjson::SUCCESS;
  if (parses) events_of(root, kPath, expected);
  for (size_t at = 0; at < out.frames.size();) {
    uint32_t size;
    std::memcpy(&size, out.frames.data() + at, 4);
    require(size > 0 && size <= limits.frame_bytes && at + 4 + size <= out.frames.size(), "a document is out of bounds");
    dom::element element;
    const auto* text = reinterpret_cast<const char*>(out.frames.data() + at + 4);
    if (parses) require(part.parse(text, size).get(element) == simdjson::SUCCESS, "a document does not parse"), events_of(element, kPath, found);
    at += 4 + size;
  }
  require(!parses || expected == found, "events differ");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const FrameLimits limits{data[0] * 4u + 1, data[1] * 16u + 1};
  // A copy of its own, so that a read past the body's end is seen.
  const std::string body(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::string exact(body.data(), body.size());
  check_array(exact, limits);
  check_first_value(exact);
  check_lines(exact, limits);
  check_document(exact, limits);
  return 0;
}
